"""A clock that was ahead for a day and is right again: what it left in the database keeps nobody waiting or out."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import InstrumentedAttribute

from tests.support.clients import Page
from tests.support.people import PASSWORD, log_in, register, turn_on
from webapp.db import connection, now
from webapp.models.accounts.account import Account
from webapp.models.accounts.throttle import LONGEST, Throttle
from webapp.models.accounts.token import Token
from webapp.models.accounts.totp import STEP
from webapp.models.sessions.session import BrowserSession
from webapp.models.sessions.session_entry import SessionEntry
from webapp.models.sessions.submission import Submission
from webapp.security.memory_storage import Memory

DAY = timedelta(days=1)


def put_ahead(app: Flask, *columns: InstrumentedAttribute, by: timedelta = DAY) -> None:  # type: ignore[type-arg]
    """Let moments be those of a clock that was ahead."""
    with app.extensions["database"].transaction(write=True) as transaction:
        for column in columns:
            moved = update(column.class_).where(column.is_not(None)).values({column: now() + by})
            connection().execute(moved)
        transaction.commit()


def test_the_right_password_waits_no_longer_than_the_rule_says(member: Page) -> None:
    other = type(member)(member.app)
    for _ in range(6):
        log_in(other, password="not the right password")
    put_ahead(member.app, Throttle.failed_at)
    log_in(other)
    assert other.url == "/todos"


def test_waiting_is_as_before_where_the_clock_is_right(member: Page) -> None:
    other = type(member)(member.app)
    for _ in range(7):
        log_in(other, password="not the right password")
    log_in(other)
    assert other.answer.status_code == 429
    assert 0 < int(other.answer.headers["Retry-After"]) <= LONGEST.total_seconds()


def test_the_same_title_can_be_added_again(newcomer: Page) -> None:
    newcomer.enter()
    newcomer.add("Buy milk")
    newcomer.open()
    put_ahead(newcomer.app, Submission.created_at)
    newcomer.add("Buy milk")
    newcomer.open()
    assert newcomer.titles() == ["Buy milk", "Buy milk"]


def test_what_was_not_told_is_still_one_submission(newcomer: Page) -> None:
    newcomer.enter()
    newcomer.open()
    form = {"title": "Buy milk", "csrf_token": newcomer.typed("csrf_token"), "submission": newcomer.typed("submission")}
    newcomer.ask("POST", "/todos", form)
    put_ahead(newcomer.app, Submission.created_at, SessionEntry.claimed_at)
    newcomer.ask("POST", "/todos", form)
    newcomer.open()
    assert newcomer.titles() == ["Buy milk"]


def test_a_message_is_shown(newcomer: Page) -> None:
    newcomer.enter()
    Page.ask(newcomer, "POST", "/todos", {"title": "Buy milk"}, {"HX-Request": "false"})
    newcomer.http.get("/todos")  # which takes the message, and is lost: its cookies are forgotten
    for cookie in [cookie for cookie in newcomer.http._cookies.values() if "-seen-" in cookie.key]:  # type: ignore[union-attr]
        newcomer.http.delete_cookie(cookie.key)
    put_ahead(newcomer.app, SessionEntry.claimed_at)
    newcomer.open()
    assert newcomer.alert() == "Added “Buy milk”."


def test_who_confirmed_by_a_clock_that_was_ahead_confirms_again(member: Page) -> None:
    put_ahead(member.app, BrowserSession.confirmed_at)
    member.go("/settings/password")
    assert member.url.startswith("/confirm")


def test_last_uses_are_written_again(member: Page) -> None:
    member.go("/settings/tokens")
    member.press("Make a token", name="Backup")
    (token,) = member.shown_once()
    bearer = {"Authorization": f"Bearer {token}"}
    member.app.test_client().get("/api/v1/todos", headers=bearer)
    put_ahead(member.app, Token.used_at, BrowserSession.seen_at)
    member.app.test_client().get("/api/v1/todos", headers=bearer)
    member.go("/todos")
    with member.app.extensions["database"].transaction(write=False):
        for column in (Token.used_at, BrowserSession.seen_at):
            assert connection().execute(column.class_.__table__.select()).all()
            moments = [getattr(row, column.key) for row in connection().execute(column.class_.__table__.select())]
            assert all(moment < now() + timedelta(minutes=1) for moment in moments if moment)


def test_a_code_of_the_app_opens(member: Page) -> None:
    phone, _ = turn_on(member)
    with member.app.extensions["database"].transaction(write=True) as transaction:
        ahead = Account.totp_step + int(DAY.total_seconds()) // STEP
        connection().execute(update(Account).values(totp_step=ahead))
        transaction.commit()
    other = type(member)(member.app)
    log_in(other)
    other.press("Log in", code=phone.code(later=1))
    assert other.url == "/todos"


def test_a_window_in_memory_ends_in_its_time_whatever_the_clock_says(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory()
    monkeypatch.setattr("time.time", lambda: 2e9 + DAY.total_seconds())
    memory.incr("a", 60)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert memory.get("a") == 1
    assert memory.get_expiry("a") <= 2e9 + 60


def test_text_of_somebody_unknown_is_kept(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = Page(app)
    register(ana)
    ana.open()
    form = {"title": "Buy milk", "csrf_token": ana.typed("csrf_token"), "submission": ana.typed("submission")}
    for cookie in ("recado",):
        ana.http.delete_cookie(cookie)
    monkeypatch.setattr("webapp.crypto.time.time", lambda: now().timestamp() - DAY.total_seconds())
    ana.send("/todos", [*form.items()])
    ana.go("/login?next=/todos")
    ana.press("Log in", user_name="ana", password=PASSWORD)
    ana.open()
    assert ana.typed("title") == "Buy milk"
