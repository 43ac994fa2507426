"""What an answer costs the database: the same for a list of any length, and nothing where nothing is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests.conftest import Visitor
from tests.support.clients import Fragment, Page, Program, TextPage
from webapp.db import connection
from webapp.models.todos.undo_entry import UndoEntry


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile, without those that begin and end transactions."""
    engine = app.extensions["database"].engine
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "SET LOCAL")):
            found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/todos", "/todos?show=active", "/todos?arrange=1"])
def test_the_list_costs_three_statements_at_most_whatever_its_length(visitor: Visitor, path: str) -> None:
    for number in range(3):
        for _ in range(2):  # one takes the messages, the next brings the receipt for them
            visitor.ask("GET", "/todos")
        with statements(visitor.app) as found:
            visitor.ask("GET", path)
        assert len(found) <= 3
        assert all(statement.startswith("SELECT") for statement in found)
        if not number:
            lines = "\n".join(f"To-do {line}" for line in range(60))
            visitor.ask("POST", "/todos/lines", {"lines": lines})


def test_a_stranger_costs_nothing_and_with_a_cookie_one_look(common_app: Flask) -> None:
    nobody = Page(common_app)
    for most in (0, 1):
        for path in ("/", "/?next=/todos", "/todos", "/nowhere", "/healthz", "/favicon.ico", "/static/recado.css"):
            for headers in ({}, {"HX-Request": "true"}):
                with statements(common_app) as found:
                    nobody.ask("GET", path, headers=headers)
                assert len(found) <= most
                if not most:
                    nobody.http.delete_cookie("recado-visit")
        with statements(common_app) as found:
            nobody.http.get("/api/v1/todos")
        assert found == []
        nobody.go("/")


@pytest.mark.parametrize(("path", "most"), [("", 9), ("/complete", 8), ("/delete", 7)])
def test_a_change_costs_no_more_on_a_long_list(visitor: Visitor, path: str, most: int) -> None:
    visitor.add("Buy milk")
    todo = visitor.id_of("Buy milk")
    counts: list[int] = []
    for _ in range(2):
        for _ in range(2):  # one takes the messages, the next brings the receipt for them
            visitor.open()
        with statements(visitor.app) as found:
            visitor.ask("POST", f"/todos/{todo}{path}", {"title": f"Buy milk {len(counts)}"} if not path else None)
        counts.append(len(found))
        visitor.ask("POST", f"/todos/{todo}/reopen")
        visitor.ask("POST", f"/trash/{todo}/restore")
        visitor.ask("POST", "/todos/lines", {"lines": "\n".join(f"To-do {line}" for line in range(60))})
    assert counts[0] == counts[1] <= most


@pytest.mark.parametrize(("client", "most"), [(Page, 5), (TextPage, 5), (Fragment, 6), (Program, 3)])
def test_adding_once_and_only_once_costs_few_statements(app: Flask, client: type[Visitor], most: int) -> None:
    """Session, claim, to-do, undo entry, message; htmx is shown the new count as well, and a program's answer is kept.
    The receipt for an earlier message costs nothing more."""
    visitor = client(app)
    visitor.enter()
    for _ in range(2):
        visitor.ask("GET", "/todos")  # also takes note that a token was used, which waits for an hour then
    counts = []
    for number in range(4):
        with statements(app) as found:
            visitor.ask("POST", "/todos", {"title": f"To-do {number}"})
        counts.append(len(found))
        visitor.open()  # takes the message along
    assert counts == [most] * 4


def test_undoing_a_change_of_many_costs_as_much_as_of_one(visitor: Visitor) -> None:
    counts = []
    for lines in ("Buy milk", "\n".join(f"To-do {number}" for number in range(60))):
        visitor.ask("POST", "/todos/lines", {"lines": lines})
        visitor.ask("POST", "/todos/complete")
        visitor.open()
        with visitor.app.extensions["database"].transaction(write=False):
            change = connection().execute(select(UndoEntry.id).order_by(UndoEntry.id.desc()).limit(1)).scalar_one()
        with statements(visitor.app) as found:
            visitor.ask("POST", f"/todos/undo/{change}")
        counts.append(len(found))
        visitor.ask("POST", "/todos/complete")
        visitor.ask("POST", "/todos/clear")
        visitor.open()
    assert counts[0] == counts[1]


def test_many_lines_are_added_by_as_few_statements_as_one(program: Program) -> None:
    program.titles()  # takes note that the token was used
    counts = []
    for lines in (["Buy milk"], [f"To-do {number}" for number in range(100)]):
        with statements(program.app) as found:
            todos = program.call("POST", "/todos/lines", {"lines": "\n".join(lines)})
        assert [todo["title"] for todo in todos] == lines
        counts.append(len(found))
    assert counts == [4, 4]
    assert len(program.titles()) == 101
