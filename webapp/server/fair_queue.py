"""Requests that wait for a thread take turns by visitor: who sends a thousand waits for those, and nobody else does.

Waitress answers first come, first served. So whoever keeps a few dozen slow requests waiting has all threads.
"""

import re
import threading
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from werkzeug.http import parse_cookie


class FairQueue:
    """Takes the place of the `queue` of Waitress's task dispatcher, which uses `append`, `popleft` and `len`.

    at_once: how many requests of one visitor may run, so that there are threads for others.
    """

    def __init__(self, at_once: int, visitor_of: Callable[[Any], str]) -> None:
        self._at_once = at_once
        self._visitor_of = visitor_of
        self._waiting: dict[str, deque[Any]] = {}  # whose turn comes first stands first
        self._running: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many tasks may begin now."""
        with self._lock:
            return sum(
                min(len(tasks), self._at_once - self._running[visitor]) for visitor, tasks in self._waiting.items()
            )

    def append(self, task: Any) -> None:
        with self._lock:
            self._waiting.setdefault(self._visitor_of(task), deque()).append(task)

    def popleft(self) -> "Turn":
        """The first task of the first visitor who may begin one; whoever has more comes last then."""
        with self._lock:
            visitor = next(visitor for visitor in self._waiting if self._running[visitor] < self._at_once)
            tasks = self._waiting.pop(visitor)
            task = tasks.popleft()
            if tasks:
                self._waiting[visitor] = tasks
            self._running[visitor] += 1
            return Turn(task, lambda: self._end(visitor))

    def _end(self, visitor: str) -> None:
        with self._lock:
            self._running[visitor] -= 1
            if not self._running[visitor]:
                del self._running[visitor]


class Turn:
    """A task that says when it is over. The thread that ran it asks for the next, so nobody needs to be woken."""

    def __init__(self, task: Any, end: Callable[[], None]) -> None:
        self._task = task
        self._end = end

    def service(self) -> None:
        try:
            self._task.service()
        finally:
            self._end()

    def cancel(self) -> None:
        try:
            self._task.cancel()
        finally:
            self._end()


def visitor_by(cookie: str, proxies: int) -> Callable[[Any], str]:
    """Tell visitors apart, by a connection of theirs: by token or session, and whoever has neither by their address.

    cookie: how the names of the session's begin, which may have a port. proxies: how many add to X-Forwarded-For.
    """

    session = re.compile(rf"{cookie}(-[0-9]+)?(-visit)?")

    def visitor_of(channel: Any) -> str:
        headers = channel.requests[0].headers if channel.requests else {}
        if token := headers.get("AUTHORIZATION"):
            return str(token)
        for name, value in parse_cookie(headers.get("COOKIE")).items():
            if session.fullmatch(name):
                return value
        forwarded = headers.get("X_FORWARDED_FOR", "").split(",")[-proxies:][0].strip() if proxies else ""
        return str(forwarded or channel.addr[0])

    return visitor_of
