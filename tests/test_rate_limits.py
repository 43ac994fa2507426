"""Who asks too often waits: each token for itself, and whoever has none by their address; counted before any effect."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import running
from tests.support import redis
from tests.support.clients import Fragment, Page, Program
from tests.support.people import log_in, make_account
from tests.test_queries import statements
from webapp.config import ConfigurationError, from_environment
from webapp.db import Conflict
from webapp.security.memory_storage import PRUNED_FROM, Memory
from webapp.security.rate_limits import FORMS, STRANGERS

TITLE = "What somebody has typed"
Start = Callable[..., Flask]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the app with these settings."""
    opened = []

    def started(**settings: Any) -> Flask:
        opened.append(running(tmp_path, f"sqlite:///{tmp_path / 'test.sqlite3'}", **settings))
        return next(opened[-1])

    yield started
    for app in opened:
        next(app, None)


def known(app: Flask) -> Program:
    program = Program(app)
    program.enter()
    return program


def test_a_token_may_come_so_often_and_then_waits(start: Start) -> None:
    ana = known(app := start(rate_limit="5/minute"))
    for left in (4, 3, 2, 1, 0):
        ana.call("POST", "/todos", {"title": f"To-do {left}"})
        assert ana.status == 201
        assert ana.answer.headers["RateLimit-Policy"] == '"token";q=5;w=60'
        assert re.fullmatch(rf'"token";r={left};t=[1-6][0-9]?', ana.answer.headers["RateLimit"])
    with statements(app) as found:
        ana.call("POST", "/todos", {"title": "One too many"})
    assert found == []
    assert ana.status == 429
    assert 1 <= int(ana.answer.headers["Retry-After"]) <= 60
    assert ana.answer.headers["RateLimit"] == f'"token";r=0;t={ana.answer.headers["Retry-After"]}'
    assert re.fullmatch(r"There were too many requests\. Wait \d+ seconds, then try again\.", ana.problem(ana.answer))
    bob = known(app)
    bob.call("GET", "/todos")
    assert bob.status == 200
    page = Page(app)
    for _ in range(10):
        assert page.ask("GET", "/").status_code == 200


def test_it_may_come_again_when_its_time_is_over(start: Start) -> None:
    ana = known(start(rate_limit="1/second"))
    statuses = []
    until = time.monotonic() + 30
    while statuses.count(429) < 1 or statuses[-1] != 200:
        assert time.monotonic() < until
        ana.call("GET", "/todos")
        statuses.append(ana.status)
    assert statuses[0] == 200


def test_who_waits_as_long_as_it_says_is_let_in(start: Start) -> None:
    ana = known(app := start(rate_limit="1/minute"))
    ana.call("GET", "/todos")
    counts = app.extensions["recado_limits"]._memory.storage._counts
    end = time.time() + 10.4
    counts.update({key: (count, end) for key, (count, _) in counts.items()})
    ana.call("GET", "/todos")
    assert ana.status == 429
    assert time.time() + int(ana.answer.headers["Retry-After"]) >= end


def test_whoever_has_no_token_that_is_valid_is_counted_by_address(start: Start) -> None:
    app = start(rate_limit="3/minute")
    ana = known(app)
    stranger = app.test_client()
    for number in range(3):  # whatever they come with
        headers = {"Authorization": f"Bearer recado_{number}"} if number else {}
        answer = stranger.post("/api/v1/todos", json={}, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["RateLimit"].startswith(f'"address";r={2 - number};')
    assert stranger.get("/api/nowhere").status_code == 429
    assert stranger.get("/api/v1/todos", headers={"Authorization": "Bearer x"}).status_code == 429
    assert stranger.get("/api/v1/todos", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 401
    ana.call("GET", "/todos")  # from the same address
    assert ana.status == 200


def test_the_household_of_an_ipv6_address_counts_as_one(start: Start) -> None:
    stranger = start(rate_limit="2/minute").test_client()
    came = [
        stranger.get("/api/v1/todos", environ_base={"REMOTE_ADDR": f"2001:db8::{number}"}).status_code
        for number in (1, 2, 3)
    ]
    assert came == [401, 401, 429]


@pytest.mark.parametrize("client", [Page, Fragment])
def test_registering_is_limited_for_an_address_in_each_clients_terms(start: Start, client: type[Page]) -> None:
    visitor = client(start(rate_limit="600/minute"))
    visitor.go("/register")
    most = FORMS["accounts.register"].amount
    answers = [visitor.ask("POST", "/register", {"user_name": "ana", "password": "short"}) for _ in range(most + 1)]
    assert [answer.status_code for answer in answers] == [422] * most + [429]
    assert "There were too many requests." in visitor.problem(answers[-1])
    assert 3000 < int(answers[-1].headers["Retry-After"]) <= 3600
    assert visitor.ask("GET", "/register").status_code == 200


def test_the_forms_of_strangers_are_limited_for_an_address(start: Start) -> None:
    app = start(rate_limit="600/minute")
    ana, stranger = Page(app), Page(app)
    ana.enter()
    answers = [stranger.ask("POST", "/todos", {"title": TITLE}) for _ in range(STRANGERS.amount + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {303}
    assert answers[-1].status_code == 429
    assert TITLE in answers[-1].text
    for _ in range(STRANGERS.amount):
        ana.add("Buy milk")
        assert ana.status == 303
    make_account(app, "eva")
    eva = Page(app)
    log_in(eva, "eva")  # whatever others send from there
    assert eva.alert() == "Welcome back, eva!"


def test_a_call_that_collides_and_runs_again_is_counted_once(start: Start) -> None:
    app = start(rate_limit="5/minute")
    ana = known(app)
    ana.call("GET", "/todos")
    calls = []

    def collide() -> None:
        calls.append(1)
        if len(calls) < 4:
            raise Conflict

    app.before_request_funcs[None].append(collide)
    ana.call("POST", "/todos", {"title": "Buy milk"})
    assert (ana.status, len(calls)) == (201, 4)
    assert ana.answer.headers["RateLimit"].startswith('"token";r=3;')


def test_two_processes_with_one_redis_count_together(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    with redis.server() as (address, process):
        one, other = (start(rate_limit="3/minute", rate_limit_storage=address) for _ in range(2))
        ana, again = known(one), Program(other)
        again.token = ana.token
        for program, left in ((ana, 2), (again, 1), (ana, 0)):
            program.call("GET", "/todos")
            assert (program.status, program.answer.headers["RateLimit"].split(";")[1]) == (200, f"r={left}")
        for program in (again, ana):
            program.call("GET", "/todos")
            assert program.status == 429
        assert not caplog.text
        process.kill()
        process.wait()
        again.call("GET", "/todos")
        assert again.status == 200
        assert "The counts of requests cannot be reached." in caplog.text


def test_a_storage_that_does_not_answer_keeps_nobody_out(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    ana = known(start(rate_limit="2/minute", rate_limit_storage="redis://127.0.0.1:1/0"))
    for status in (200, 200, 429):
        ana.call("GET", "/todos")
        assert ana.status == status
    assert caplog.text.count("The counts of requests cannot be reached.") == 1


def test_without_a_limit_nothing_is_counted_or_said(common_app: Flask) -> None:
    ana = known(common_app)
    ana.call("GET", "/todos")
    assert not [name for name, _ in ana.answer.headers if name.startswith("RateLimit")]


def test_the_settings_are_a_rate_and_a_place(tmp_path: Path) -> None:
    def read(**settings: str) -> tuple[str, str]:
        config = from_environment({"RECADO_DATA": str(tmp_path)} | settings)
        return config.rate_limit, config.rate_limit_storage

    assert read() == ("600/minute", "memory://")
    assert read(RECADO_RATE_LIMIT="off", RECADO_RATE_LIMIT_STORAGE="redis://:pw@host:6379/0")[0] == "off"
    for wrong in ("0/minute", "600", "600/minutes", "600 per minute; 1/second", "-1/second", "1/second\n"):
        with pytest.raises(ConfigurationError, match="RECADO_RATE_LIMIT"):
            read(RECADO_RATE_LIMIT=wrong)
    for wrong in ("redis", "memcached://host", "redis://", "memory://x"):
        with pytest.raises(ConfigurationError, match="RECADO_RATE_LIMIT_STORAGE"):
            read(RECADO_RATE_LIMIT_STORAGE=wrong)


def test_counts_whose_time_is_over_are_forgotten() -> None:
    memory = Memory()
    for number in range(PRUNED_FROM):
        memory.incr(f"old {number}", expiry=-1)
    memory.incr("new", expiry=60)
    assert (memory.get("new"), memory.get("old 1")) == (1, 0)
    assert len(memory._counts) == 1
    memory.clear("new")
    assert memory.check()
    assert memory.get("new") == 0
