"""From guest to account: register, log in, bring a list along, confirm, log out."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.support.clients import Page
from tests.support.people import PASSWORD, copy_of, end_confirmations, log_in, register
from webapp.db import connection, now
from webapp.models.accounts.account import Account
from webapp.models.sessions.session import ABSOLUTE, IDLE, BrowserSession


def test_a_guests_list_becomes_an_account_with_all_that_is_on_it(newcomer: Page) -> None:
    newcomer.press("Begin", name="Ana")
    newcomer.add("Buy milk")
    newcomer.press("Dark")
    newcomer.go("/")
    newcomer.follow("Keep this list")
    assert newcomer.typed("user_name") == "Ana"
    newcomer.press("Make my account", password=PASSWORD)
    assert newcomer.url == "/todos"
    assert newcomer.alert() == "This list is yours for good, Ana: log in from anywhere."
    assert newcomer.titles() == ["Buy milk"]
    assert newcomer.page.html["data-bs-theme"] == "dark"  # type: ignore[index]
    elsewhere = type(newcomer)(newcomer.app)
    log_in(elsewhere)
    assert elsewhere.alert() == "Welcome back, Ana!"
    assert elsewhere.titles() == ["Buy milk"]


def test_logging_in_brings_a_guests_list_along_and_undo_leaves_it_out(newcomer: Page) -> None:
    register(newcomer)
    newcomer.add("Buy milk")
    other = type(newcomer)(newcomer.app)
    other.enter("Guest")
    other.add("Call Rui")
    other.add("Water the plants")
    log_in(other)
    assert "Brought 2 to-dos along." in other.alert()
    assert other.titles() == ["Buy milk", "Call Rui", "Water the plants"]
    other.undo()
    assert other.titles() == ["Buy milk"]
    with other.app.extensions["database"].transaction(write=False):
        assert len(connection().execute(select(Account.id)).all()) == 1


@pytest.mark.parametrize(("name", "password"), [("nobody", PASSWORD), ("ana", "seven small boats at ten")])
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(newcomer: Page, name: str, password: str) -> None:
    register(newcomer)
    other = type(newcomer)(newcomer.app)
    log_in(other, name, password)
    assert other.status == 422
    assert other.error() == "The user name or the password is wrong."
    assert other.typed("user_name") == name
    assert password not in other.answer.text
    other.go("/todos")
    assert other.url == "/?next=/todos"


@pytest.mark.parametrize("typed", ["ANA", " Ana ", "ａｎａ", "a\u200dna"])
def test_a_user_name_is_the_same_however_it_is_typed(newcomer: Page, typed: str) -> None:
    register(newcomer, "Ana")
    other = type(newcomer)(newcomer.app)
    register(other, typed)
    assert other.status == 422
    assert other.error() == "Somebody has this user name already. Choose another, or log in."
    log_in(other, typed)
    assert other.alert() == "Welcome back, Ana!"


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("fourteen chars", False),
        ("fifteen letters", True),
        ("a" * 15, False),
        ("abcabcabcabcabcabc", False),
        ("123456789012345678", False),
        ("qwertyuiopasdfghjkl", False),
        ("correcthorsebatterystaple", False),
        ("Zebulon recado Zebulon", False),
        ("x" * 60 + " and something else, 128 characters in all; " + "y" * 24, True),
        ("🐟🐠🐡🦈🐙🦑🦐🦞🦀🐚🐳🐬🐋🦭🐧", True),
        ("wörds with späces", True),
        ("words " * 200, False),
    ],
)
def test_a_password_is_long_and_not_what_everybody_tries(app: Flask, password: str, good: bool) -> None:
    visitor = Page(app)
    register(visitor, "Zebulon", password)
    assert (visitor.status, bool(visitor.error())) == ((303, False) if good else (422, True))


def test_no_character_of_a_password_is_dropped(app: Flask) -> None:
    visitor, other = Page(app), Page(app)
    long = "many words " * 7
    register(visitor, "ana", long + "one")
    log_in(other, "ana", long + "two")
    assert other.status == 422
    log_in(other, "ana", long + "one ")
    assert other.status == 422
    log_in(other, "ana", long + "one")
    assert other.url == "/todos"


def test_the_hash_has_the_parameters_that_were_chosen(app: Flask, costly_hashes: None) -> None:
    register(Page(app))
    with app.extensions["database"].transaction(write=False):
        hashed = connection().execute(select(Account.password_hash)).scalar_one()
    assert hashed.startswith("$argon2id$v=19$m=47104,t=1,p=1$")


def test_a_registration_that_is_sent_twice_makes_one_account_and_one_session(newcomer: Page) -> None:
    newcomer.press("Begin", name="Ana")
    newcomer.go("/register")
    twin = copy_of(newcomer)
    sent = {"user_name": "ana", "password": PASSWORD, "submission": newcomer.typed("submission")}
    answers = [copy.ask("POST", "/register", sent) for copy in (newcomer, twin)]
    assert {answer.status_code for answer in answers} <= {200, 303}
    for copy in (newcomer, twin):
        copy.open()
        assert copy.url == "/todos"
    assert newcomer.http.get_cookie("recado").value == twin.http.get_cookie("recado").value  # type: ignore[union-attr]
    with newcomer.app.extensions["database"].transaction(write=False):
        assert len(connection().execute(select(Account.id)).all()) == 1


def test_a_form_that_let_somebody_in_is_answered_again_to_nobody_with_a_wrong_password(newcomer: Page) -> None:
    """A password is checked each time it comes, before anybody looks whether its form was carried out."""
    register(newcomer)
    ana = type(newcomer)(newcomer.app)
    ana.go("/login")
    twin = copy_of(ana)
    sent = {"user_name": "ana", "password": PASSWORD, "submission": ana.typed("submission")}
    assert ana.ask("POST", "/login", sent).status_code in (200, 303)  # and is not told yet
    answer = twin.ask("POST", "/login", sent | {"password": "seven small boats at ten"})
    assert (answer.status_code, twin.http.get_cookie("recado")) == (422, None)
    twin.go("/todos")
    assert twin.url == "/?next=/todos"
    end_confirmations(newcomer.app)
    newcomer.go("/confirm")
    sent = {"password": PASSWORD, "submission": newcomer.typed("submission")}
    assert newcomer.ask("POST", "/confirm", sent).status_code in (200, 303)
    end_confirmations(newcomer.app)
    for password in ("seven small boats at ten", PASSWORD):  # the form was carried out, so it confirms nothing more
        assert newcomer.ask("POST", "/confirm", sent | {"password": password}).status_code == 422
        newcomer.go("/settings/password")
        assert newcomer.url == "/confirm?next=/settings/password"


def test_a_click_too_many_confirms_and_asks_for_nothing_more(newcomer: Page) -> None:
    register(newcomer)
    end_confirmations(newcomer.app)
    newcomer.go("/settings/password")
    sent = {"password": PASSWORD, "submission": newcomer.typed("submission")}
    for _ in range(2):
        answer = newcomer.ask("POST", newcomer.url, sent)
        assert answer.headers.get("HX-Redirect", answer.headers.get("Location")) == "/settings/password"
    newcomer.go("/settings/password")
    assert newcomer.url == "/settings/password"


def test_who_logs_in_gets_a_new_session_and_who_logs_out_leaves_none(newcomer: Page) -> None:
    register(newcomer)
    first = newcomer.http.get_cookie("recado").value  # type: ignore[union-attr]
    newcomer.go("/settings")
    newcomer.press("Log out")
    assert newcomer.alert() == "You are logged out."
    assert newcomer.answers[0].headers["Clear-Site-Data"] == '"cache", "storage"'
    thief = Page(newcomer.app)
    thief.http.set_cookie("recado", first)
    thief.go("/todos")
    assert thief.url == "/?next=/todos"
    log_in(newcomer)
    assert newcomer.http.get_cookie("recado").value != first  # type: ignore[union-attr]


@pytest.mark.parametrize("place", ["//e", "https://e/", "/\\e", "javascript:alert(1)", "/nowhere", ""])
def test_nobody_is_led_elsewhere(app: Flask, place: str) -> None:
    visitor = Page(app)
    register(visitor)
    other = Page(app)
    other.go("/")
    other.http.get("/login")
    other.go(f"/login?next={place}")
    other.press("Log in", user_name="ana", password=PASSWORD)
    assert other.url == "/todos"


def test_whoever_was_going_somewhere_gets_there(newcomer: Page) -> None:
    register(newcomer)
    other = type(newcomer)(newcomer.app)
    other.go("/trash")
    other.follow("Log in")
    other.press("Log in", user_name="ana", password=PASSWORD)
    assert other.url == "/trash"


def test_a_session_ends_when_idle_and_at_last_whatever_happens(app: Flask) -> None:
    visitor = Page(app)
    register(visitor)
    database = app.extensions["database"]

    def session() -> BrowserSession:
        with database.transaction(write=False):
            return connection().execute(select(BrowserSession).where(BrowserSession.account_id.is_not(None))).one()  # type: ignore[return-value]

    def shift(**values: object) -> None:
        with database.transaction(write=True) as transaction:
            connection().execute(update(BrowserSession).values(values))
            transaction.commit()

    assert abs(session().expires_at - now() - IDLE) < timedelta(minutes=1)
    begun = now() - ABSOLUTE + timedelta(hours=3)
    shift(created_at=begun, seen_at=now() - timedelta(hours=2))
    visitor.go("/todos")
    assert session().expires_at == begun + ABSOLUTE
    assert now() - session().seen_at < timedelta(minutes=1)
    shift(expires_at=now())
    visitor.go("/todos")
    assert visitor.url == "/?next=/todos"


def test_nothing_of_one_account_is_left_to_the_next_in_the_same_browser(newcomer: Page) -> None:
    register(newcomer, "bob")
    other = type(newcomer)(newcomer.app)
    register(other, "ana")
    other.press("Dark")
    stale = type(newcomer)(newcomer.app)
    stale.go("/login")
    key = stale.typed("submission")
    stale.http = other.http
    other.ask("POST", "/todos", {"title": "My secret"})  # its message waits
    stale.go("/login")
    assert stale.url == "/todos"
    other.ask("POST", "/todos", {"title": "My other secret"})
    answer = stale.ask("POST", "/login", {"user_name": "bob", "password": PASSWORD, "submission": key})
    assert answer.status_code == 422  # the form is from an earlier visit; without its key it is anybody's
    answer = stale.ask("POST", "/login", {"user_name": "bob", "password": PASSWORD})
    assert answer.status_code in (200, 303)
    stale.go("/todos")
    assert stale.alert() == "Welcome back, bob!"
    assert "secret" not in stale.answer.text


@pytest.mark.parametrize(
    ("name", "good"), [("x" * 60, True), ("x" * 61, False), ("ﷺ" * 3, True), ("ﷺ" * 4, False), ("\u200d", False)]
)
def test_a_user_name_is_as_long_as_it_reads(any_app: Flask, name: str, good: bool) -> None:
    visitor = Page(any_app)
    register(visitor, name)
    assert (visitor.status, bool(visitor.error())) == ((303, False) if good else (422, True))
