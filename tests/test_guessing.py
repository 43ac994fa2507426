"""Guessing passwords: a script is slowed down, whatever it tries, and the owner is not kept out."""

import math
import time
from datetime import timedelta
from threading import Barrier, Lock
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from tests.support.clients import SAME_ORIGIN, Fragment, Page, TextPage
from tests.support.people import PASSWORD, log_in
from tests.support.workers import at_once
from webapp.db import connection, now
from webapp.models.accounts import login
from webapp.models.accounts.throttle import FORGOTTEN, FREE, LONGEST, Throttle, count_try

TRIES = 101


class Counter:
    """Counts how often a password is really checked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.begun = time.monotonic()
        self._lock, self._check = Lock(), login.verify_password
        monkeypatch.setattr(login, "verify_password", self)

    def __call__(self, *arguments: Any) -> bool:
        with self._lock:
            self.count += 1
        return self._check(*arguments)

    def most(self) -> int:
        """How many checks may have been made by now: the free ones, then one after 1 s, 2 s more, 4 s more."""
        return FREE + int(math.log2(time.monotonic() - self.begun + 1))


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Counter:
    return Counter(monkeypatch)


@pytest.fixture
def owner(any_app: Flask) -> Page:
    """Ana, at the browser in which she made her account, logged out."""
    ana = Page(any_app)
    ana.go("/register")
    ana.press("Make my account", user_name="ana", password=PASSWORD)
    ana.go("/settings")
    ana.press("Log out")
    return ana


def guess(
    app: Flask, user_name: str = "ana", password: str = "wrong", address: str = "192.0.2.1", **cookies: str
) -> TestResponse:
    """One try, by a script that keeps no cookies but these."""
    http = app.test_client()
    for name, value in cookies.items():
        http.set_cookie(name.replace("_", "-"), value)
    form = {"user_name": user_name, "password": password}
    return http.post("/login", data=form, headers=SAME_ORIGIN, environ_overrides={"REMOTE_ADDR": address})


def statuses(answers: list[TestResponse]) -> list[int]:
    return [answer.status_code for answer in answers]


def let_pass(app: Flask, **by: float) -> None:
    """Let all failures lie so far in the past."""
    with app.extensions["database"].transaction(write=True) as transaction:
        connection().execute(update(Throttle).values(failed_at=now() - timedelta(**by)))
        transaction.commit()


def failures(app: Flask) -> list[int]:
    with app.extensions["database"].transaction(write=False):
        return sorted(connection().execute(select(Throttle.failures)).scalars())


# ---- A script


def test_a_hundred_and_one_guesses_are_hardly_checked(owner: Page, checks: Counter) -> None:
    answers = [guess(owner.app, password=f"guess number {number}") for number in range(TRIES)]
    assert statuses(answers)[: FREE + 1] == [422] * FREE + [429]
    assert checks.count == statuses(answers).count(422) <= checks.most()
    assert {answer.status_code for answer in answers} == {422, 429}
    for answer in answers:
        if answer.status_code == 429:
            assert 1 <= int(answer.headers["Retry-After"]) <= 16


def test_the_cookie_of_a_known_browser_is_no_key_of_a_form(owner: Page) -> None:
    log_in(owner)
    cookie = owner.http.get_cookie("recado-known")
    assert cookie
    answer = owner.ask("POST", "/todos", {"title": "Buy milk", "submission": cookie.value})
    assert answer.status_code == 422
    assert "This form is no longer valid." in answer.text


def test_twenty_at_once_are_not_faster(owner: Page, checks: Counter) -> None:
    answers = at_once(20, lambda number: guess(owner.app, password=f"guess number {number}"))
    assert set(statuses(answers)) == {422, 429}
    assert checks.count == statuses(answers).count(422) <= checks.most()


def test_the_very_first_tries_wait_in_line_for_each_other(any_app: Flask) -> None:
    database, gate = any_app.extensions["database"], Barrier(16)

    def count(number: int) -> int:
        keys = [bytes(32), bytes([1, number % 2] * 16)]
        gate.wait()
        with database.transaction(write=True) as transaction:
            wait = count_try(keys)
            if not wait:
                transaction.commit()
            return wait

    assert at_once(16, count).count(0) == FREE
    assert max(failures(any_app)) == FREE


def test_many_names_from_one_address_are_slowed_down_too(owner: Page, checks: Counter) -> None:
    answers = [guess(owner.app, f"name{number}", PASSWORD) for number in range(TRIES)]
    assert statuses(answers)[: FREE + 1] == [422] * FREE + [429]
    assert checks.count <= checks.most()
    assert len(failures(owner.app)) == checks.count + 1  # what is refused leaves nothing behind


def test_many_addresses_at_one_name_are_slowed_down_too(owner: Page, checks: Counter) -> None:
    answers = at_once(20, lambda number: guess(owner.app, address=f"198.51.100.{number}"))
    assert checks.count == statuses(answers).count(422) <= checks.most()
    other = guess(owner.app, "bob", address="198.51.100.99")
    assert other.status_code == 422


def test_an_unknown_name_is_answered_alike(owner: Page, checks: Counter) -> None:
    def answers_for(name: str, address: str) -> list[tuple[int, str | None, bool]]:
        found = [guess(owner.app, name, address=address) for _ in range(FREE + 1)]
        said = "The user name or the password is wrong."
        return [(answer.status_code, answer.headers.get("Retry-After"), said in answer.text) for answer in found]

    assert answers_for("ana", "192.0.2.1") == answers_for("nobody", "192.0.2.2")
    assert checks.count == 2 * FREE


@pytest.mark.parametrize("kind", [Page, TextPage, Fragment])
def test_who_has_to_wait_is_told_how_long_in_their_own_terms(owner: Page, kind: type[Page]) -> None:
    visitor = kind(owner.app)
    visitor.go("/login")
    for _ in range(FREE):
        assert visitor.ask("POST", "/login", {"user_name": "ana", "password": "wrong"}).status_code == 422
    answer = visitor.ask("POST", "/login", {"user_name": "ana", "password": "wrong but secret"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert visitor.problem(answer) == "There were too many wrong tries. Wait 1 second, then try again."
    assert "wrong but secret" not in answer.text


# ---- The owner


@pytest.mark.parametrize("address", ["192.0.2.1", "203.0.113.7"], ids=["same-address", "elsewhere"])
def test_the_owner_gets_in_meanwhile_in_a_browser_that_is_known(owner: Page, address: str) -> None:
    for _ in range(FREE + 1):
        blocked = guess(owner.app)
    assert blocked.status_code == 429
    owner.http.environ_base["REMOTE_ADDR"] = address
    owner.go("/login")
    owner.press("Log in", user_name="ana", password=PASSWORD)
    assert owner.url == "/todos"
    again = [guess(owner.app) for _ in range(FREE - 1)]  # the first second may be over on a slow machine
    assert 429 in statuses(again)  # that did not help the script


def test_a_known_browser_is_slowed_down_when_it_guesses_and_no_other_is(owner: Page, checks: Counter) -> None:
    owner.go("/login")
    for _ in range(FREE + 1):
        answer = owner.ask("POST", "/login", {"user_name": "ana", "password": "wrong"})
    assert answer.status_code == 429
    assert checks.count == FREE
    assert guess(owner.app, password=PASSWORD).status_code == 303


def test_a_known_browser_is_known_for_its_own_name_and_cannot_be_made_up(owner: Page, checks: Counter) -> None:
    mallory = Page(owner.app)
    mallory.go("/register")
    mallory.press("Make my account", user_name="mallory", password=PASSWORD)
    cookie = mallory.http.get_cookie("recado-known")
    assert cookie
    for known in (cookie.value, cookie.value[:-1] + "x", "x", "x.y.z", "\xff"):
        answers = [guess(owner.app, recado_known=known) for _ in range(FREE)]
    assert statuses(answers) == [429] * FREE
    assert checks.count <= checks.most()


def test_who_confirms_is_slowed_down_too(owner: Page, checks: Counter) -> None:
    owner.go("/login")
    owner.press("Log in", user_name="ana", password=PASSWORD)
    answers = [owner.ask("POST", "/confirm", {"password": "wrong"}) for _ in range(FREE + 1)]
    assert statuses(answers) == [422] * FREE + [429]
    assert checks.count == FREE + 1  # with the one that was right


def test_who_was_right_begins_anew(owner: Page) -> None:
    for _ in range(FREE - 1):
        guess(owner.app)
    assert guess(owner.app, password=PASSWORD).status_code == 303
    assert failures(owner.app) == [FREE - 1]  # of the address; of the name, none
    answers = [guess(owner.app, address="192.0.2.2") for _ in range(FREE + 1)]
    assert statuses(answers) == [422] * FREE + [429]


# ---- Time


def test_each_wait_is_twice_as_long_up_to_a_quarter_of_an_hour_and_no_longer(owner: Page) -> None:
    for _ in range(FREE):
        guess(owner.app)
    waits = []
    for _ in range(14):
        waits.append(int(guess(owner.app).headers["Retry-After"]))
        let_pass(owner.app, hours=1)
        assert guess(owner.app).status_code == 422
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]
    let_pass(owner.app, seconds=LONGEST.total_seconds() - 10)
    assert guess(owner.app, password=PASSWORD).status_code == 429
    let_pass(owner.app, seconds=LONGEST.total_seconds())
    assert guess(owner.app, password=PASSWORD).status_code == 303  # never a lock-out


def test_after_a_day_all_is_forgotten(owner: Page) -> None:
    for _ in range(FREE + 1):
        guess(owner.app)
    let_pass(owner.app, seconds=FORGOTTEN.total_seconds() + 1)
    assert statuses([guess(owner.app) for _ in range(FREE + 1)]) == [422] * FREE + [429]


# ---- Addresses


@pytest.mark.parametrize(
    ("tried", "others", "alike"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "", True),
    ],
)
def test_a_household_has_one_address(owner: Page, tried: str, others: str, alike: bool) -> None:
    for number in range(FREE):
        guess(owner.app, f"name{number}", address=tried)
    assert guess(owner.app, "another", address=others).status_code == (429 if alike else 422)
