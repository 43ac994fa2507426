"""Who may come: anybody, who was invited, or nobody; and whether a name alone begins a list."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import running
from tests.support.clients import Page
from tests.support.people import (
    BROWSERS,
    PASSWORD,
    age_links,
    copy_of,
    hashed,
    log_in,
    make_account,
    make_link,
    user_names,
)
from webapp.db import Database
from webapp.models.accounts.login import register_account
from webapp.models.accounts.one_time_link import INVITE, RESET

ALONE = "Nobody can register here by themselves. Ask whoever runs this Recado for an invitation."
GONE = "This link does not work: it was used already, is too old or is incomplete. Ask for a new one."
NOBODY = "Nobody can register here."
NO_GUESTS = "Nobody can begin a list here without an account. Log in first."

MakeApp = Callable[..., Flask]


@pytest.fixture
def app_with(tmp_path: Path, database_url: str) -> Iterator[MakeApp]:
    """Makes an app with settings, on each engine in turn."""
    with ExitStack() as stack:

        def make(**settings: Any) -> Flask:
            apps = running(tmp_path, database_url, **settings)
            stack.callback(next, apps, None)
            return next(apps)

        yield make


@pytest.fixture(params=BROWSERS, ids=lambda kind: kind.__name__)
def browser(request: pytest.FixtureRequest) -> type[Page]:
    kind: type[Page] = request.param
    return kind


def register(visitor: Page, name: str = "ana", password: str = PASSWORD) -> None:
    visitor.press("Make my account", user_name=name, password=password)


def links(visitor: Page) -> set[str]:
    """Where the page that is shown leads."""
    return {str(link["href"]).partition("?")[0] for link in visitor.page.select("a[href]")}


# ---- By invitation


def test_without_an_invitation_nobody_registers(app_with: MakeApp, browser: type[Page]) -> None:
    visitor = browser(app_with(registration="invite"))
    visitor.go("/")
    for method in ("GET", "POST"):
        answer = visitor.ask(method, "/register", {"user_name": "ana", "password": PASSWORD})
        assert answer.status_code == 403
        assert visitor.problem(answer) == ALONE
    assert user_names(visitor.app) == []


def test_an_invitation_outlives_mistakes_and_works_once(app_with: MakeApp, browser: type[Page]) -> None:
    app = app_with(registration="invite")
    make_account(app, "bob")
    address = f"/register?invite={make_link(app, INVITE)}"
    visitor = browser(app)
    visitor.go(address)
    register(visitor, "ana", "short")
    assert (visitor.status, visitor.typed("user_name")) == (422, "ana")
    register(visitor, "bob")
    assert visitor.error() == "Somebody has this user name already. Choose another, or log in."
    register(visitor, "ana")
    assert visitor.alert() == "This list is yours for good, ana: log in from anywhere."
    assert user_names(app) == ["ana", "bob"]
    other = browser(app)
    other.go("/")
    for method in ("GET", "POST"):
        answer = other.ask(method, address, {"user_name": "eva", "password": PASSWORD})
        assert answer.status_code == 410
        assert other.problem(answer) == GONE
    assert user_names(app) == ["ana", "bob"]


def test_a_guest_keeps_the_list_by_an_invitation(app_with: MakeApp, browser: type[Page]) -> None:
    visitor = browser(app_with(registration="invite"))
    visitor.enter("Ana")
    visitor.add("Buy milk")
    visitor.go(f"/register?invite={make_link(visitor.app, INVITE)}&next=/trash")
    register(visitor)
    assert visitor.url == "/trash"
    visitor.open()
    assert visitor.titles() == ["Buy milk"]


def test_an_unknown_a_used_and_an_old_invitation_are_answered_alike(app_with: MakeApp, browser: type[Page]) -> None:
    app = app_with(registration="invite")
    used, old, other = make_link(app, INVITE), make_link(app, INVITE), make_link(app, RESET, make_account(app, "eva"))
    first = browser(app)
    first.go(f"/register?invite={used}")
    register(first)
    age_links(app, timedelta(days=7))
    visitor = browser(app)
    visitor.go("/")
    for token in (used, old, other, "x", "x" * 43):
        for method in ("GET", "POST"):
            answer = visitor.ask(method, f"/register?invite={token}", {"user_name": "bob", "password": PASSWORD})
            assert (answer.status_code, visitor.problem(answer)) == (410, GONE)
    assert user_names(app) == ["ana", "eva"]


def test_an_invitation_is_good_for_seven_days(app_with: MakeApp) -> None:
    app = app_with(registration="invite")
    visitor, token = Page(app), make_link(app, INVITE)
    age_links(app, timedelta(days=6, hours=23))
    visitor.go(f"/register?invite={token}")
    register(visitor)
    assert user_names(app) == ["ana"]


def test_a_registration_that_is_sent_twice_uses_one_invitation_and_is_answered_twice(
    app_with: MakeApp, browser: type[Page]
) -> None:
    app = app_with(registration="invite")
    visitor = browser(app)
    address = f"/register?invite={make_link(app, INVITE)}"
    visitor.go(address)
    twin = copy_of(visitor)
    sent = {"user_name": "ana", "password": PASSWORD, "submission": visitor.typed("submission")}
    answers = [copy.ask("POST", address, sent) for copy in (visitor, twin)]
    assert {answer.headers.get("HX-Redirect", answer.headers.get("Location")) for answer in answers} == {"/todos"}
    for copy in (visitor, twin):
        copy.go("/settings")
        assert "You are logged in as ana." in copy.text()
    assert user_names(app) == ["ana"]


def test_of_two_who_use_one_invitation_at_once_one_registers(app_with: MakeApp) -> None:
    app = app_with(registration="invite")
    address = f"/register?invite={make_link(app, INVITE)}"
    visitors = {name: Page(app) for name in ("ana", "bob")}
    for visitor in visitors.values():
        visitor.go(address)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: register(visitors[name], name), visitors))
    assert sorted(visitor.status for visitor in visitors.values()) == [303, 410]
    assert len(user_names(app)) == 1


def test_an_invitation_is_carried_to_the_login_and_back(app_with: MakeApp, browser: type[Page]) -> None:
    visitor = browser(app_with(registration="invite"))
    visitor.go(f"/register?invite={make_link(visitor.app, INVITE)}")
    visitor.follow("I have an account")
    visitor.press("Log in", user_name="ana", password="")
    visitor.follow("Make an account")
    register(visitor)
    assert visitor.url == "/todos"


@pytest.mark.parametrize("registration", ["invite", "closed"])
def test_no_link_leads_to_where_nobody_may_go(app_with: MakeApp, browser: type[Page], registration: str) -> None:
    app = app_with(registration=registration)
    stranger, guest = browser(app), browser(app)
    guest.enter("Ana")
    for visitor in (stranger, guest):
        for path in ("/", "/login", "/settings"):
            visitor.go(path)
            assert "/register" not in links(visitor), path
    assert "/login" in links(guest)


# ---- Closed and open


def test_where_it_is_closed_nobody_registers_not_even_by_invitation(app_with: MakeApp, browser: type[Page]) -> None:
    app = app_with(registration="closed")
    guest = browser(app)
    guest.enter("Ana")
    for path in ("/register", f"/register?invite={make_link(app, INVITE)}"):
        for method in ("GET", "POST"):
            answer = guest.ask(method, path, {"user_name": "ana", "password": PASSWORD})
            assert (answer.status_code, guest.problem(answer)) == (403, NOBODY)
    assert user_names(app) == []


def test_where_it_is_open_the_first_to_register_administers(app_with: MakeApp) -> None:
    app = app_with()
    for name, administers in (("ana", True), ("bob", False)):
        visitor = Page(app)
        visitor.go("/register")
        register(visitor, name)
        visitor.go("/settings")
        assert ("/admin" in links(visitor)) == administers


def test_of_two_who_are_the_first_at_the_same_moment_one_administers(any_app: Flask) -> None:
    database: Database = any_app.extensions["database"]

    def come(name: str) -> bool:
        with database.transaction(write=True) as transaction:
            account = register_account(None, name, hashed())
            transaction.commit()
        return bool(account and account.is_admin)

    with ThreadPoolExecutor(1) as pool:
        with database.transaction(write=True) as transaction:
            first = register_account(None, "first", hashed())
            second = pool.submit(come, "second")
            wait([second], timeout=1)  # in vain: it has to know what becomes of the first
            transaction.commit()
        assert first
        assert first.is_admin
        assert not second.result()


def test_a_name_that_two_take_at_the_same_moment_is_ones(any_app: Flask) -> None:
    database: Database = any_app.extensions["database"]

    def come(_number: int) -> bool:
        with database.transaction(write=True) as transaction:
            account = register_account(None, "ana", hashed())
            transaction.commit()
        return account is not None

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(come, range(8))) == 7 * [False] + [True]


# ---- Guests


@pytest.mark.parametrize(("registration", "offered"), [("open", True), ("invite", False), ("closed", False)])
def test_without_guests_the_porch_asks_for_an_account(
    app_with: MakeApp, browser: type[Page], registration: str, offered: bool
) -> None:
    app = app_with(guests=False, registration=registration)
    make_account(app, "ana")
    visitor = browser(app)
    visitor.go("/trash")
    assert visitor.url == "/?next=/trash"
    assert not visitor.page.select("[name=name]")
    assert ("/register" in links(visitor)) == offered
    answer = visitor.ask("POST", "/", {"name": "Eva"})
    assert (answer.status_code, visitor.problem(answer)) == (403, NO_GUESTS)
    visitor.go("/todos")
    assert visitor.url == "/?next=/todos"
    visitor.follow("Log in")
    visitor.press("Log in", user_name="ana", password=PASSWORD)
    assert visitor.url == "/todos"


def test_without_guests_whoever_is_known_is_still_renamed(app_with: MakeApp, browser: type[Page]) -> None:
    app = app_with(guests=False)
    make_account(app, "ana")
    visitor = browser(app)
    log_in(visitor, "ana")
    visitor.go("/")
    visitor.press("Save", name="Ana María")
    assert visitor.alert() == "From now on you are Ana María."
