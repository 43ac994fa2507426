"""What one visitor may use: enough for a life, and never so much that others feel it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests.conftest import Visitor, running
from tests.support.clients import Page, Program, account_named
from tests.support.people import log_in, make_account
from webapp.db import Base, connection
from webapp.models.accounts.account import Account
from webapp.models.sessions import session
from webapp.models.sessions.session import BrowserSession
from webapp.models.todos import undo_entry as change
from webapp.models.todos.todo import Todo
from webapp.models.todos.undo_entry import UndoEntry
from webapp.sessions import messages

FULL = "Your list is full: 3 to-dos fit on it, with those in the trash. Empty the trash, then add this."
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


# ---- To-dos


@pytest.mark.parametrize("path", ["/todos", "/todos/lines"])
def test_a_full_list_keeps_the_text_and_takes_it_once_there_is_room(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setitem(visitor.app.config, "TODOS_PER_GUEST", 3)
    for number in range(3):
        visitor.add(f"To-do {number}")
    fields = {"title": "One more"} if path == "/todos" else {"lines": "One more"}
    answer = visitor.ask("POST", path, fields)
    assert answer.status_code == 422
    assert FULL in answer.text
    if not isinstance(visitor, Program):
        assert "One more" in answer.text
    visitor.open()
    visitor.delete("To-do 0")
    assert visitor.ask("POST", path, fields).status_code == 422  # what is in the trash can come back
    visitor.ask(*(("DELETE", "/trash") if isinstance(visitor, Program) else ("POST", "/trash/empty")))
    assert visitor.ask("POST", path, fields).status_code < 400
    visitor.open()
    assert visitor.titles() == ["To-do 1", "To-do 2", "One more"]


def test_who_sends_the_last_one_again_is_told_that_it_is_there(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(visitor.app.config, "TODOS_PER_GUEST", 1)
    if isinstance(visitor, Program):
        first, copy = (visitor.ask("POST", "/todos", {"title": "Buy milk"}, {"Idempotency-Key": "1"}) for _ in range(2))
        assert (first.status_code, copy.status_code) == (201, 201)
        return
    visitor.open()
    fields = {"title": "Buy milk", "submission": visitor.typed("submission")}
    answers = [visitor.ask("POST", "/todos", fields) for _ in range(2)]
    assert all(answer.status_code < 400 for answer in answers)
    visitor.open()
    assert visitor.titles() == ["Buy milk"]


def test_what_the_triggers_count_is_what_is_there(any_app: Flask) -> None:
    guest = Page(any_app)
    guest.enter("Ana")
    for number in range(4):
        guest.add(f"To-do {number}")
    guest.delete("To-do 0")
    guest.delete("To-do 1")
    guest.ask("POST", "/trash/empty")
    make_account(any_app, "eva")
    log_in(guest, "eva")  # brings the list along
    with any_app.extensions["database"].transaction(write=False):
        found = select(Account.user_name, Account.todo_count, func.count(Todo.id)).outerjoin(Todo).group_by(Account.id)
        counts = connection().execute(found).all()
    assert ("eva", 2, 2) in counts
    assert all(counted == there for _name, counted, there in counts)


def test_an_account_has_more_room_than_a_guest(start: Start) -> None:
    app = start(todos_per_guest=1, todos_per_account=2)
    make_account(app, "eva")
    eva = Page(app)
    log_in(eva, "eva")
    eva.open()
    for title, status in (("a", 303), ("b", 303), ("c", 422)):
        eva.add(title)
        assert eva.status == status


# ---- Many at once


def test_a_verb_for_all_does_as_many_as_go_at_once_and_says_so(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("webapp.models.todos.bulk", "webapp.models.todos.trash", "webapp.hybrid.undo"):
        monkeypatch.setattr(f"{place}.BULK_LIMIT", 3)
    titles = [f"To-do {number}" for number in range(5)]
    visitor.ask("POST", "/todos/lines", {"lines": "\n".join(titles)})
    visitor.open()
    visitor.complete_all()
    more = "That is as many as go at once: if any are left, do it again."
    assert visitor.completed() == titles[:3]
    if isinstance(visitor, Page):
        assert visitor.alert().startswith(f"Completed 3 to-dos. {more}")
    visitor.undo()
    assert visitor.completed() == []
    assert visitor.titles() == titles
    visitor.complete_all()
    visitor.complete_all()
    assert visitor.completed() == titles
    visitor.clear_completed()
    assert visitor.titles() == titles[3:]


def test_a_batch_that_writes_too_much_changes_nothing(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.batch.views.BULK_LIMIT", 5)
    program.ask("POST", "/todos/lines", {"lines": "a\nb\nc"})
    operations = [{"method": "POST", "path": f"/todos/{verb}"} for verb in ("complete", "reopen", "complete")]
    answer = program.ask("POST", "/batch", {"operations": operations})
    assert answer.status_code == 422
    assert answer.json["detail"] == "These operations write too much at once. Send fewer of them together."
    assert program.completed() == []
    assert program.ask("POST", "/batch", {"operations": operations[:1]}).status_code == 200


def test_the_undo_of_many_answers_with_a_page_of_them(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.todos.views.PAGE_LIMIT", 2)
    program.ask("POST", "/todos/lines", {"lines": "a\nb\nc"})
    program.call("POST", "/todos/complete")
    program.undo()
    assert len(program.answer.json) == 2
    assert program.completed() == []


# ---- What is kept


def test_the_latest_changes_can_be_undone_and_no_others(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program.add("Buy milk")
    links = []
    for _ in range(change.KEPT + 3):
        program.complete("Buy milk") if not program.completed() else program.reopen("Buy milk")
        links.append(program.answer.headers["Link"].partition("/api/v1")[2].partition(">")[0])
    with program.app.extensions["database"].transaction(write=False):
        assert connection().execute(select(func.count()).select_from(UndoEntry)).scalar() == change.KEPT
    assert program.ask("POST", links[2]).status_code == 410
    assert program.ask("POST", links[3]).status_code == 200


def test_of_many_sessions_the_ones_used_least_lately_end(any_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    make_account(any_app, "eva")
    first = Page(any_app)
    log_in(first, "eva")
    account = account_named(any_app, "eva")
    with any_app.extensions["database"].transaction(write=True) as transaction:
        for number in range(session.SESSIONS - 1):
            id = session.add_session(number.to_bytes(32, "big"))
            mine = update(BrowserSession).where(BrowserSession.id == id)
            connection().execute(mine.values(account_id=account.id))
        transaction.commit()
    first.go("/todos")
    assert first.answer.status_code == 200
    last = Page(any_app)
    log_in(last, "eva")
    with any_app.extensions["database"].transaction(write=False):
        mine = select(func.count()).where(BrowserSession.account_id == account.id)
        assert connection().execute(mine).scalar() == session.SESSIONS
    last.go("/todos")
    assert last.answer.request.path == "/todos"
    first.go("/todos")
    assert first.answer.request.path != "/todos"


def test_of_too_many_waiting_messages_the_oldest_give_way_to_their_number(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MOST", 10)
    for number in range(24):
        page.ask("POST", "/todos", {"title": f"To-do {number:02}"})
    page.open()
    said = page.alert()
    assert "Added “To-do 23”." in said
    assert "Added “To-do 00”." not in said
    shown = said.count("Added")
    assert shown <= 10
    assert f"And {24 - shown} more messages." in said
    page.open()
    assert page.alert() == ""


# ---- How often


def test_forms_are_counted_for_each_session_and_many_rows_as_many_forms(start: Start) -> None:
    app = start(rate_limit="10/minute")
    ana, bob = Page(app), Page(app)
    ana.enter("Ana")
    bob.enter("Bob")
    lines = "\n".join(f"To-do {number}" for number in range(200))
    assert (
        ana.ask("POST", "/todos/lines", {"lines": lines}).status_code == 303
    )  # as five: itself, and four times 50 rows
    answers = [ana.ask("POST", "/todos", {"title": f"To-do {number}"}) for number in range(6)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [429]
    assert "To-do 5" in answers[-1].text
    bob.add("Buy milk")
    assert bob.status == 303
    assert ana.ask("GET", "/todos").status_code == 200


def test_guests_come_so_often_from_one_address(start: Start) -> None:
    app = start(rate_limit="600/minute")
    for _ in range(60):
        guest = Page(app)
        guest.enter()
        assert guest.status in (200, 303)
    late = Page(app)
    late.go("/")
    late.press("Begin", name="Late")
    assert late.status == 429


def test_every_table_says_what_keeps_it_small() -> None:
    """A new table needs a bound, and its line in docs/operations.md."""
    bounds = (Path(__file__).parent.parent / "docs" / "operations.md").read_text()
    missing = [name for name in Base.metadata.tables if f"| `{name}` |" not in bounds]
    assert missing == []
