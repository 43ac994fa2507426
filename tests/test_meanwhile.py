"""Checking a password takes long, and others go on meanwhile; the same guest, for one, in another tab."""

import sys
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from tests.support.clients import Page, Program
from tests.support.people import PASSWORD, copy_of, make_account, user_names
from webapp.models.accounts.account import accounts_named
from webapp.models.accounts.token import add_token
from webapp.models.todos.todo import todos_of


def let(monkeypatch: pytest.MonkeyPatch, place: str, do: Callable[[], Any], *, after: bool = False) -> list[Thread]:
    """Let something happen, in a thread that is returned, just before or after this function is first called."""
    module, _, name = place.rpartition(".")
    real, done = getattr(sys.modules[module], name), list[Thread]()

    def meanwhile() -> None:
        if not done:
            done.append(Thread(target=do))
            done[0].start()
            done[0].join(2)  # or it waits for us

    def called(*arguments: Any, **named: Any) -> Any:
        if not after:
            meanwhile()
        found = real(*arguments, **named)
        meanwhile()
        return found

    monkeypatch.setattr(sys.modules[module], name, called)
    return done


def lists(app: Flask) -> dict[str, list[str]]:
    """The titles on everybody's list, by their names."""
    with app.extensions["database"].transaction(write=False):
        return {name: [todo.title for account in accounts_named(name) for todo in todos_of(account)] for name in NAMES}


NAMES = ("Zoe", "ana", "other")


@pytest.fixture
def guest(any_app: Flask) -> Page:
    """A guest with a to-do, in an app in which somebody has an account."""
    make_account(any_app, "ana")
    visitor = Page(any_app)
    visitor.enter("Zoe")
    visitor.add("Buy milk")
    return visitor


def at(visitor: Page, path: str) -> Page:
    """Another tab of the same browser, on another page."""
    tab = copy_of(visitor)
    tab.go(path)
    return tab


def test_logging_in_leaves_an_account_alone_that_the_guest_has_registered_meanwhile(
    guest: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest.go("/login")
    tab = at(guest, "/register")
    let(
        monkeypatch,
        "webapp.accounts.forms.check_login",
        lambda: tab.press("Make my account", user_name="other", password=PASSWORD),
    )
    guest.press("Log in", user_name="ana", password=PASSWORD)
    assert guest.alert() == "Welcome back, ana!"
    assert user_names(guest.app) == ["ana", "other"]
    assert lists(guest.app) == {"Zoe": [], "ana": [], "other": ["Buy milk"]}


@pytest.mark.parametrize(
    ("path", "button", "fields", "owner"),
    [
        ("/register", "Make my account", {"user_name": "other", "password": PASSWORD}, "other"),
        ("/login", "Log in", {"user_name": "ana", "password": PASSWORD}, "ana"),
        ("/forget", "Forget me and my list", {}, None),
    ],
)
def test_registering_goes_on_when_the_guest_is_one_no_more(
    guest: Page, monkeypatch: pytest.MonkeyPatch, path: str, button: str, fields: dict[str, str], owner: str | None
) -> None:
    guest.go("/register")
    tab = at(guest, path)
    let(monkeypatch, "webapp.auth.passwords.hash_password", lambda: tab.press(button, **fields))
    guest.press("Make my account", user_name="third", password=PASSWORD)
    assert guest.status == 303
    assert "third" in user_names(guest.app)
    assert lists(guest.app) == {name: ["Buy milk"] if name == owner else [] for name in NAMES}


@pytest.mark.parametrize("place", ["webapp.models.todos.bulk.todos_of", "webapp.accounts.views.bring_along"])
def test_what_a_program_adds_while_its_guest_logs_in_comes_along_or_is_refused(
    guest: Page, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    program = Program(guest.app)
    with guest.app.extensions["database"].transaction(write=True) as transaction:
        program.token = add_token(accounts_named("Zoe")[0])
        transaction.commit()
    guest.go("/login")
    late = let(monkeypatch, place, lambda: program.add("Late"), after=True)
    guest.press("Log in", user_name="ana", password=PASSWORD)
    late[0].join()
    assert lists(guest.app)["ana"] in (["Buy milk"], ["Buy milk", "Late"])
    assert (program.status == 201) == ("Late" in lists(guest.app)["ana"])
