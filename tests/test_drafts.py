"""A form that was sent by somebody whom Recado no longer knows is filled again once it knows them."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from tests.support.clients import Fragment, Page, TextPage
from tests.support.people import PASSWORD, copy_of, log_in, register
from webapp.db import connection, now
from webapp.models.sessions.session import BrowserSession, SessionEntry
from webapp.models.sessions.session_values import DRAFT, prune_entries
from webapp.sessions.drafts import MOST

TEXT = "Buy milk, “brioche” & <b>jam</b>"


@pytest.fixture(params=[Page, TextPage], ids=lambda kind: kind.__name__)
def writer(request: pytest.FixtureRequest, any_app: Flask) -> Page:
    """Somebody who is writing while the session ends."""
    visitor: Page = request.param(any_app)
    visitor.enter()
    return visitor


def end_session(app: Flask) -> None:
    with app.extensions["database"].transaction(write=True) as transaction:
        connection().execute(delete(BrowserSession))
        transaction.commit()


def come_back(writer: Page) -> None:
    assert "What's your name?" in writer.text()
    writer.press("Begin", name="Ana")


def test_a_new_todo_is_one_press_away_after_giving_a_name(writer: Page) -> None:
    writer.open("active")
    end_session(writer.app)
    writer.press("Add", title=TEXT)
    come_back(writer)
    assert writer.url == "/todos?show=active"
    assert writer.typed("title") == TEXT
    writer.press("Add")
    assert writer.titles() == [TEXT]
    writer.open()
    assert writer.typed("title") == ""


def test_several_lines_are_kept_as_they_are(writer: Page) -> None:
    writer.go("/todos/new")
    end_session(writer.app)
    writer.press("Add all", lines="Buy milk\r\n  Call Rui\r\n")
    come_back(writer)
    assert writer.url == "/todos/new"
    assert writer.typed("lines").split("\r\n") == ["Buy milk", "  Call Rui", ""]
    writer.press("Add all")
    assert writer.titles() == ["Buy milk", "Call Rui"]


def test_whoever_was_forgotten_in_another_tab_keeps_the_text_too(writer: Page) -> None:
    writer.open()
    tab = type(writer)(writer.app)
    tab.http = writer.http
    tab.go("/forget")
    tab.press("Forget me and my list")
    writer.press("Add", title=TEXT)
    come_back(writer)
    assert writer.typed("title") == TEXT


def test_the_text_for_a_todo_that_is_gone_with_its_list_is_shown(writer: Page) -> None:
    writer.add("Buy milk")
    writer.follow("Edit Buy milk")
    end_session(writer.app)
    writer.press("Save", title=TEXT)
    come_back(writer)
    assert writer.answer.status_code == 404
    assert TEXT in writer.page.get_text()


def test_a_press_without_text_keeps_nothing(writer: Page) -> None:
    writer.add("Buy milk")
    end_session(writer.app)
    writer.press("Complete Buy milk")
    assert "What's your name?" in writer.text()
    with writer.app.extensions["database"].transaction(write=False):
        assert connection().execute(select(SessionEntry)).all() == []


def test_the_text_is_sealed_and_kept_for_an_hour(writer: Page) -> None:
    writer.open()
    end_session(writer.app)
    writer.press("Add", title=TEXT)
    database = writer.app.extensions["database"]
    with database.transaction(write=True) as transaction:
        (entry,) = connection().execute(select(SessionEntry)).all()
        assert entry.key.startswith(DRAFT)
        assert "milk" not in entry.value
        prune_entries()
        assert len(connection().execute(select(SessionEntry)).all()) == 1
        connection().execute(update(SessionEntry).values(written_at=now() - timedelta(hours=1)))
        prune_entries()
        assert connection().execute(select(SessionEntry)).all() == []
        transaction.rollback()


def test_after_an_hour_the_form_is_empty(writer: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    writer.open()
    end_session(writer.app)
    with monkeypatch.context() as earlier:
        past = (datetime.now(UTC) - timedelta(minutes=61)).timestamp()
        earlier.setattr("cryptography.fernet.time.time", lambda: past)
        writer.press("Add", title=TEXT)
    come_back(writer)
    assert writer.typed("title") == ""


def test_a_draft_is_put_into_its_own_form_only(writer: Page) -> None:
    writer.open()
    end_session(writer.app)
    writer.press("Add", title=TEXT)
    come_back(writer)
    writer.go("/todos/new")
    assert writer.typed("lines") == ""
    writer.go("/")
    assert writer.typed("name") == "Ana"


def test_the_texts_of_two_tabs_are_both_kept(writer: Page) -> None:
    writer.open()
    tab = copy_of(writer)
    tab.go("/todos/new")
    end_session(writer.app)
    writer.press("Add", title=TEXT)
    tab.http = writer.http
    tab.press("Add all", lines="Call Rui")
    come_back(tab)
    assert tab.typed("lines") == "Call Rui"
    tab.press("Add all")
    tab.open()
    assert tab.typed("title") == TEXT


def test_a_browser_keeps_ten_texts_and_of_more_the_last(any_app: Flask) -> None:
    writer = Page(any_app)
    register(writer)
    ids = [writer.add(f"To-do {number}") or writer.id_of(f"To-do {number}") for number in range(MOST + 2)]
    tabs = [copy_of(writer) for _ in ids]
    for tab, id in zip(tabs, ids, strict=True):
        tab.go(f"/todos/{id}/edit")
    end_session(any_app)
    for number, tab in enumerate(tabs):
        tab.http = writer.http
        tab.press("Save", title=f"Text {number}")
    log_in(writer)
    found = []
    for id in ids:
        writer.go(f"/todos/{id}/edit")
        found.append(writer.typed("title"))
    assert found == [*(f"To-do {number}" for number in range(2)), *(f"Text {number}" for number in range(2, MOST + 2))]


def test_saving_one_todo_keeps_the_text_for_another(any_app: Flask) -> None:
    writer = Page(any_app)
    register(writer)
    for title in ("One", "Two"):
        writer.add(title)
    writer.follow("Edit One")
    here = writer.url
    end_session(any_app)
    writer.press("Save", title=TEXT)
    log_in(writer)
    writer.open()
    writer.follow("Edit Two")
    writer.press("Save", title="Two and a half")
    writer.go(here)
    assert writer.typed("title") == TEXT


def test_somebody_elses_browser_sees_nothing_of_it(writer: Page) -> None:
    writer.open()
    end_session(writer.app)
    writer.press("Add", title=TEXT)
    other = type(writer)(writer.app)
    other.enter("Bob")
    assert TEXT not in other.answer.text


# ---- Somebody whom Recado knows, but who has to give the password once more


def lapse(app: Flask) -> None:
    """Let it be long ago that a password was given."""
    with app.extensions["database"].transaction(write=True) as transaction:
        connection().execute(update(BrowserSession).values(confirmed_at=now() - timedelta(minutes=11)))
        transaction.commit()


def test_a_form_that_was_sent_too_late_is_filled_again_but_for_its_password(writer: Page) -> None:
    register(writer, "ana")
    writer.go("/settings/delete")
    lapse(writer.app)
    writer.press("Delete my account", user_name="ana", password=PASSWORD)
    assert writer.url == "/confirm?next=/settings/delete"
    assert PASSWORD not in writer.answer.text
    writer.press("Go on", password="seven small boats at ten")
    assert writer.error()
    writer.press("Go on", password=PASSWORD)
    assert (writer.url, writer.typed("user_name"), writer.typed("password")) == ("/settings/delete", "ana", "")
    writer.press("Delete my account", password=PASSWORD)
    assert writer.url == "/"
    assert writer.alert().startswith("Your account is shut.")


def test_htmx_keeps_the_form_and_offers_a_tab_to_confirm_in(any_app: Flask) -> None:
    writer = Fragment(any_app)
    register(writer, "ana")
    writer.go("/settings/delete")
    lapse(any_app)
    shown = writer.page.select_one("#leave-form")
    writer.press("Delete my account", user_name="ana", password=PASSWORD)
    assert writer.status == 401
    assert writer.problem(writer.answer)
    assert writer.page.select_one("#leave-form") is shown  # and in it all that was typed
    tab = Fragment(any_app)
    tab.http, tab.page = writer.http, writer.page
    link = writer.page.select_one("#alerts a")
    assert link is not None
    assert link["target"] == "_blank"
    tab.follow("Confirm it’s you")
    tab.press("Go on", password=PASSWORD)
    writer.press("Delete my account", user_name="ana", password=PASSWORD)
    assert writer.alert().startswith("Your account is shut.")
