"""A new password: asked for by whoever knows the old one, and the end of every session but the one that set it."""

import logging

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support.clients import Fragment, Page, Program, TextPage
from tests.support.faults import Browser, twice
from tests.support.people import PASSWORD, end_confirmations, log_in, register
from tests.support.workers import Site
from tests.test_tokens import make
from webapp.db import connection
from webapp.models.accounts.account import Account

pytest_plugins = ["tests.support.two_workers"]

NEW = "nine green lamps at dusk"
SAID = "From now on your new password is the one that counts. All other browsers are logged out."


def change(visitor: Page, password: str = NEW) -> None:
    visitor.go("/settings/password")
    visitor.press("Save", new_password=password)


def token(visitor: Page) -> str:
    cookie = visitor.http.get_cookie("recado")
    assert cookie
    return cookie.value


def is_known(visitor: Page) -> bool:
    return visitor.http.get("/todos").status_code == 200


def hashed(app: Flask) -> list[str]:
    with app.extensions["database"].transaction(write=False):
        return list(connection().execute(select(Account.password_hash).order_by(Account.id)).scalars())


def test_the_new_password_lets_in_and_the_old_one_does_not(member: Page) -> None:
    member.go("/settings")
    member.follow("New password")
    member.press("Save", new_password=NEW)
    assert member.url == "/settings"
    assert member.alert() == SAID
    assert NEW not in member.answer.text
    other = type(member)(member.app)
    log_in(other, password=PASSWORD)
    assert (other.status, other.error()) == (422, "The user name or the password is wrong.")
    log_in(other, password=NEW)
    assert other.alert() == "Welcome back, ana!"


def test_every_other_session_ends_and_this_one_goes_on_under_a_new_token(member: Page) -> None:
    other, bob, thief = type(member)(member.app), type(member)(member.app), Page(member.app)
    log_in(other)
    register(bob, "bob")
    before = token(member)
    thief.http.set_cookie("recado", before)
    member.press("Dark")
    assert is_known(thief)
    change(member)
    assert token(member) != before
    assert [is_known(one) for one in (member, bob, other, thief)] == [True, True, False, False]
    assert member.page.html["data-bs-theme"] == "dark"  # type: ignore[index]
    thief.go("/settings/sessions")
    assert thief.url == "/?next=/settings/sessions"


def test_tokens_for_programs_stay_and_the_page_says_so(member: Page) -> None:
    program = make(member)
    member.go("/settings/password")
    assert "Tokens for programs keep working" in member.text()
    change(member)
    assert isinstance(program, Program)
    assert program.ask("GET", "/todos").status_code == 200


def test_who_sits_there_has_to_know_the_password(member: Page) -> None:
    end_confirmations(member.app)
    before = hashed(member.app)
    member.go("/settings/password")
    assert member.url == "/confirm?next=/settings/password"
    sent = member.ask("POST", "/settings/password", {"new_password": NEW})
    if isinstance(member, Fragment):
        assert sent.status_code == 401
    else:
        assert (sent.status_code, sent.headers["Location"].partition("?")[0]) == (303, "/confirm")
    assert hashed(member.app) == before
    member.press("Go on", password=PASSWORD)
    assert member.url == "/settings/password"
    assert NEW not in member.answer.text  # it is never kept
    member.press("Save", new_password=NEW)
    assert member.alert() == SAID


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "This has 0 characters; take 15 or more."),
        ("fourteen chars", "This has 14 characters; take 15 or more."),
        ("a" * 15, "This is one of the first that somebody would try. A few random words are better."),
        ("words " * 200, "This is too long; take 1024 bytes at most."),
    ],
)
def test_a_bad_password_is_refused_and_changes_nothing(any_app: Flask, password: str, said: str) -> None:
    for number, client in enumerate((Page, TextPage, Fragment)):
        visitor = client(any_app)
        register(visitor, f"Zebulon {number}")
        other = client(any_app)
        log_in(other, f"Zebulon {number}")
        before = hashed(any_app)
        change(visitor, password)
        assert (visitor.status, visitor.error()) == (422, said)
        assert visitor.typed("new_password") == ""
        assert hashed(any_app) == before
        assert is_known(other)


def test_the_user_name_is_too_easy_even_under_another_name(app: Flask) -> None:
    visitor = Page(app)
    register(visitor, "Zebulon")
    visitor.go("/")
    visitor.press("Save", name="Ana")
    change(visitor, "zebulon-zebulon-zebulon")
    assert visitor.error() == "This is one of the first that somebody would try. A few random words are better."


def test_a_guest_is_led_to_registering(any_app: Flask) -> None:
    for client in (Page, TextPage, Fragment):
        guest = client(any_app)
        guest.enter(client.__name__)
        guest.go("/settings")
        assert "New password" not in guest.controls()
        guest.go("/settings/password")
        assert guest.url == "/register?next=/settings/password"
        assert guest.ask("POST", "/settings/password", {"new_password": NEW}).status_code in (200, 303)
        assert guest.http.get("/login").status_code == 200  # still a guest
    assert hashed(any_app) == [None] * 3


def test_htmx_gets_the_form_that_stands_on_the_page(app: Flask) -> None:
    visitor = Fragment(app)
    register(visitor)
    for path in ("/settings/password", "/settings/sessions"):
        part = visitor.ask("GET", path)
        assert "<html" not in part.text
        assert part.text.split("\n")[0] in visitor.ask("GET", path, headers={"HX-Request": "false"}).text


def test_a_change_is_logged_without_the_password(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "recado.security")
    visitor = Page(app)
    register(visitor)
    log_in(Page(app))
    change(visitor)
    (record,) = [record for record in caplog.records if record.getMessage() == "password_changed"]
    assert vars(record)["facts"]["ended"] == 1
    assert NEW not in str([vars(record) for record in caplog.records])


# ---- Sent twice


def test_a_change_that_is_sent_twice_is_one_and_its_browser_stays_logged_in(member: Page) -> None:
    other = type(member)(member.app)
    log_in(other)
    member.go("/settings/password")
    twin = type(member)(member.app)
    twin.http.set_cookie("recado", token(member))
    twin.page, twin.url = member.page, member.url
    sent = {"new_password": NEW, "submission": member.typed("submission")}
    answers = [copy.ask("POST", "/settings/password", sent) for copy in (member, twin)]
    assert {answer.status_code for answer in answers} <= {200, 303}
    assert token(member) == token(twin)
    member.go("/settings")
    assert member.alert() == SAID
    assert [is_known(one) for one in (member, twin, other)] == [True, True, False]


def test_the_old_token_is_worth_nothing_once_the_new_one_has_come(app: Flask) -> None:
    visitor, thief = Page(app), Page(app)
    register(visitor)
    thief.http.set_cookie("recado", token(visitor))
    visitor.go("/settings/password")
    sent = {"new_password": NEW, "submission": visitor.typed("submission")}
    visitor.ask("POST", "/settings/password", sent)
    visitor.go("/settings")  # takes the message
    thief.ask("POST", "/settings/password", sent)
    assert not is_known(thief)
    assert is_known(visitor)


@pytest.mark.parametrize("kind", [Page, Fragment], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("cookie", [True, False], ids=["with a visit", "with nothing"])
def test_a_stranger_with_a_copied_form_learns_nothing_and_gets_in_nowhere(
    app: Flask, kind: type[Page], cookie: bool
) -> None:
    visitor = kind(app)
    register(visitor)
    visitor.go("/settings/password")
    copied = visitor.typed("submission")
    assert visitor.ask("POST", "/settings/password", {"new_password": NEW, "submission": copied}).status_code < 400
    answers = []
    for key in (copied, "no key of ours"):
        stranger = kind(app)
        stranger.go("/")
        stranger.url = "/settings/password"
        if not cookie:
            stranger.http.delete_cookie("recado-visit")
        answer = stranger.ask("POST", "/settings/password", {"new_password": NEW, "submission": key})
        answers.append((answer.status_code, answer.headers.get("Location"), answer.text))
        assert stranger.http.get_cookie("recado") is None
        assert not is_known(stranger)
    assert answers[0] == answers[1]
    assert answers[0][:2] in ((303, "/?next=/settings/password"), (401, None))
    assert is_known(visitor)


def test_a_double_click_changes_the_password_once_and_both_copies_get_the_same_cookie(
    site: Site, nobody: Browser
) -> None:
    name = nobody.name
    nobody.send(nobody.form("/register", "/register?next=/todos", user_name=name, password=PASSWORD))
    nobody.visit("/todos")
    before = nobody.token
    form = nobody.form("/settings/password", "/settings/password", new_password=NEW)
    answers = twice(site, nobody, form)
    assert [(answer.status, answer.headers["Location"]) for answer in answers] == [(303, "/settings")] * 2
    tokens = [[cookie for cookie in answer.cookies if cookie.startswith("recado=")] for answer in answers]
    assert tokens[0] == tokens[1] != []
    assert nobody.token != before
    assert nobody.follow(answers[1]).alerts == [SAID]
    assert nobody.visit("/settings").alerts == []
