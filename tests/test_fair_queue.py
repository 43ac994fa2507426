"""Requests wait for a thread in turn by visitor (webapp/server/fair_queue.py)."""

from types import SimpleNamespace
from typing import Any

import pytest

from webapp.server.fair_queue import FairQueue, visitor_by


class Task:
    """A request of somebody that writes down when it runs."""

    def __init__(self, name: str, log: list[str]) -> None:
        self.name, self.log = name, log

    def service(self) -> None:
        self.log.append(self.name)

    def cancel(self) -> None:
        self.log.append(f"no {self.name}")


def queue_of(*names: str, at_once: int = 2) -> tuple[FairQueue, list[str]]:
    log: list[str] = []
    queue = FairQueue(at_once, lambda task: task.name[0])
    for name in names:
        queue.append(Task(name, log))
    return queue, log


def test_visitors_take_turns_and_each_ones_requests_stay_in_order() -> None:
    queue, log = queue_of("a1", "a2", "a3", "a4", "b1", "c1", "b2")
    while queue:
        queue.popleft().service()
    assert log == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]


def test_who_has_requests_running_waits_for_them_and_others_do_not() -> None:
    queue, log = queue_of("a1", "a2", "a3")
    first, _second = queue.popleft(), queue.popleft()
    assert len(queue) == 0
    queue.append(Task("b1", log))
    assert len(queue) == 1
    queue.popleft().service()
    assert len(queue) == 0
    first.service()
    queue.popleft().cancel()
    assert log == ["b1", "a1", "no a3"]


def test_a_request_that_fails_lets_the_next_one_run() -> None:
    queue, _log = queue_of("a1", "a2", at_once=1)
    failing = queue.popleft()
    failing._task.service = lambda: 1 / 0  # type: ignore[attr-defined]
    with pytest.raises(ZeroDivisionError):
        failing.service()
    assert len(queue) == 1


@pytest.mark.parametrize(
    ("headers", "proxies", "visitor"),
    [
        ({}, 0, "192.0.2.1"),
        ({"X_FORWARDED_FOR": "198.51.100.7"}, 0, "192.0.2.1"),
        ({"X_FORWARDED_FOR": "203.0.113.9, 198.51.100.7"}, 1, "198.51.100.7"),
        ({"X_FORWARDED_FOR": "203.0.113.9, 198.51.100.7"}, 2, "203.0.113.9"),
        ({"COOKIE": "recado-theme=dark; recado-8000=secret; recado-visit=old"}, 1, "secret"),
        ({"COOKIE": "recado-visit=old"}, 0, "old"),
        ({"COOKIE": "theme=dark"}, 0, "192.0.2.1"),
        ({"AUTHORIZATION": "Bearer x", "COOKIE": "recado=secret"}, 0, "Bearer x"),
    ],
)
def test_a_visitor_is_known_by_token_session_or_address(headers: dict[str, str], proxies: int, visitor: str) -> None:
    channel: Any = SimpleNamespace(addr=("192.0.2.1", 1234), requests=[SimpleNamespace(headers=headers)])
    assert visitor_by("recado", proxies)(channel) == visitor
    channel.requests = []
    assert visitor_by("recado", proxies)(channel) == "192.0.2.1"
