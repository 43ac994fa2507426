"""A field is told once: every column that can be written is written, cleared, undone, compared, exported and told."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from tests.support.clients import Fragment, Page, Program, TextPage
from webapp.db import connection
from webapp.models.accounts.account import AccountRow, add_account
from webapp.models.todos.list import add_list
from webapp.models.todos.todo import EDITABLE, TodoRow, find_todo
from webapp.models.todos.undo import undo_change
from webapp.models.todos.write import Edits, add_todo, change_todo, write_todos
from webapp.schemas import TodoJSON
from webapp.todos.forms import ChangeForm

MOMENT = datetime(2026, 11, 20, 10, tzinfo=UTC)
# Two values of each column; "list" stands for a list that is there.
VALUES: dict[str, tuple[Any, Any]] = {
    "list_id": ("list", "list"),
    "title": ("Buy bread", "Buy jam"),
    "notes": ("Two loaves,\n\nof rye", "One"),
    "position": (7, -7),
    "completed_at": (MOMENT, MOMENT),
    "deleted_at": (MOMENT, MOMENT),
}
SENT = {"completed_at": (True, True)}  # by programs, where that is something else
CHANGED = "Changed elsewhere meanwhile, to “%s”. Save puts your text in its place."


def field_names() -> dict[str, str]:
    """The names by which programs write columns, from the form."""
    form = {name: getattr(ChangeForm, name) for name in dir(ChangeForm)}
    return {field.kwargs["column"]: name for name, field in form.items() if getattr(field, "kwargs", {}).get("column")}


FIELDS = field_names()
SHOWN = [column for column, name in FIELDS.items() if name in ("title", "notes")]  # by the editor


def test_every_column_that_is_not_given_by_us_is_walked() -> None:
    assert set(VALUES) == set(EDITABLE)
    assert set(FIELDS) <= set(EDITABLE)
    assert set(FIELDS.values()) <= set(TodoJSON.__annotations__)


# ---- The models


@pytest.fixture
def writing(any_app: Flask) -> Iterator[None]:
    with any_app.extensions["database"].transaction(write=True):
        yield


@pytest.fixture
def account(writing: None) -> AccountRow:
    return add_account("Ana")


def values_of(account: AccountRow, column: str) -> Iterator[Any]:
    for number, value in enumerate(VALUES[column]):
        yield add_list(account, f"List {number}", number).id if value == "list" else value


@pytest.mark.parametrize("column", EDITABLE)
def test_a_column_is_set_changed_cleared_undone_and_done_again(account: AccountRow, column: str) -> None:
    todo = add_todo(account, "Buy milk").todos[0]
    steps: list[tuple[Any, Edits]] = []
    clear = [None] if EDITABLE[column].nullable else []
    for value in [*values_of(account, column), *clear]:
        before = now_of(account, todo)
        edits = write_todos(account, [(before, {column: value})])
        same = getattr(before, column) == value
        assert len(edits) == (0 if same else 1), "what is so already is not written"
        assert getattr(now_of(account, todo), column) == value
        if edits:
            steps.append((getattr(before, column), edits))
            assert (before.version + 1, edits.todos[0].version) == (now_of(account, todo).version,) * 2
    for before, edits in reversed(steps):
        assert edits.undo_id
        undone = undo_change(account, edits.undo_id)
        assert getattr(now_of(account, todo), column) == before
        assert undone.edits.undo_id
        after = getattr(edits.todos[0], column)
        redone = undo_change(account, undone.edits.undo_id)
        assert (len(redone.edits), getattr(now_of(account, todo), column)) == (1, after)
        assert write_todos(account, [(now_of(account, todo), {column: before})])


@pytest.mark.parametrize("column", EDITABLE)
def test_many_are_written_to_values_of_their_own_and_undone_at_once(account: AccountRow, column: str) -> None:
    todos = [add_todo(account, f"To-do {number}").todos[0] for number in range(3)]
    first, second = values_of(account, column)
    edits = write_todos(account, zip(todos, [{column: value} for value in (first, second, first)], strict=True))
    assert [getattr(now_of(account, todo), column) for todo in todos] == [first, second, first]
    assert edits.undo_id
    undo_change(account, edits.undo_id)
    assert [getattr(now_of(account, todo), column) for todo in todos] == [getattr(todo, column) for todo in todos]


def test_what_another_wrote_meanwhile_is_left_alone_by_undo(account: AccountRow) -> None:
    todo = add_todo(account, "Buy milk").todos[0]
    edits = change_todo(account, todo, title="Buy bread", notes="Rye")
    change_todo(account, now_of(account, todo), notes="White")
    assert edits.undo_id
    undo_change(account, edits.undo_id)
    assert (now_of(account, todo).title, now_of(account, todo).notes) == ("Buy milk", "White")


def now_of(account: AccountRow, todo: TodoRow) -> TodoRow:
    return find_todo(account, todo.id, deleted=True) if todo.deleted_at is None else todo


# ---- Programs


@pytest.mark.parametrize("column", FIELDS)
def test_a_program_writes_and_clears_it_and_it_is_exported_and_told(program: Program, column: str) -> None:
    name, nullable = FIELDS[column], FIELDS[column] == "notes"
    program.call("POST", "/todos", {"title": "Buy milk"})
    todo = f"/todos/{program.id_of('Buy milk')}"
    told = program.call("GET", "/changes")["cursor"]
    for value in SENT.get(column, VALUES[column]):
        assert program.call("PATCH", todo, {name: value})[name] == value
        assert program.call("GET", todo)[name] == value
        [change] = program.call("GET", f"/changes?since={told}")["changes"]
        assert change["todo"][name] == value
    operations = [{"method": "PATCH", "path": todo, "body": {name: SENT.get(column, VALUES[column])[0]}}]
    [result] = program.call("POST", "/batch", {"operations": operations})["results"]
    assert result["body"][name] == SENT.get(column, VALUES[column])[0]
    assert (
        program.call("POST", "/todos", {"title": "New", name: SENT.get(column, VALUES[column])[1]})[name]
        == (SENT.get(column, VALUES[column])[1])
    )
    answer = program.call("PATCH", todo, {name: None})
    assert (program.status, answer.get(name, "")) == (200, None) if nullable else program.status == 422


def test_all_of_it_is_exported(page: Page) -> None:
    page.add("Buy milk")
    page.ask("POST", f"/todos/{page.id_of('Buy milk')}", {"notes": "Two\nlitres"})
    page.go("/settings/export")
    page.follow("Download your data")
    [todo] = page.answer.get_json()["todos"]
    page.answer.close()
    assert todo["notes"] == "Two\nlitres"
    named = {"position": "order", "list_id": "list"}
    assert {named.get(column, column) for column in EDITABLE} <= set(todo)


# ---- People


@pytest.fixture(params=[Page, TextPage, Fragment], ids=lambda kind: kind.__name__)
def editor(request: pytest.FixtureRequest, app: Flask) -> Page:
    """Ana, who has opened the editor of “Buy milk”, which has notes."""
    visitor: Page = request.param(app)
    visitor.enter()
    visitor.add("Buy milk")
    write(visitor, notes="Two litres")
    visitor.open()
    visitor.follow("Edit Buy milk")
    return visitor


def write(visitor: Page, **fields: Any) -> None:
    """Change the to-do from another tab."""
    with visitor.app.extensions["database"].transaction(write=False):
        [(id,)] = connection().exec_driver_sql("SELECT id FROM todo").all()
    tab = Page(visitor.app)
    tab.http = visitor.http
    tab.open()
    assert tab.ask("POST", f"/todos/{UUID(id)}", fields).status_code == 303


def stored(visitor: Page) -> tuple[str, str | None]:
    with visitor.app.extensions["database"].transaction(write=False):
        [(title, notes)] = connection().exec_driver_sql("SELECT title, notes FROM todo").all()
    return title, notes


def text_of(visitor: Page, name: str) -> str:
    field = visitor.page.select_one(f".editor [name={name}]")
    assert field
    return visitor._value(field)


def test_the_editor_shows_and_saves_all_its_fields(editor: Page) -> None:
    assert (text_of(editor, "title"), text_of(editor, "notes")) == ("Buy milk", "Two litres")
    editor.press("Save", title="Buy bread", notes=" One\r\n\r\n  loaf ")
    assert stored(editor) == ("Buy bread", " One\n\n  loaf ")


def test_an_emptied_field_is_cleared(editor: Page) -> None:
    editor.press("Save", notes="")
    assert stored(editor) == ("Buy milk", None)


def test_what_is_not_sent_stays(editor: Page) -> None:
    write(editor, title="Buy bread")
    assert stored(editor) == ("Buy bread", "Two litres")


@pytest.mark.parametrize("column", SHOWN)
def test_what_both_changed_differently_is_told_beside_that_field(editor: Page, column: str) -> None:
    theirs, mine = VALUES[column]
    write(editor, **{column: theirs})
    editor.press("Save", **{column: mine})
    assert editor.status == 409
    field = editor.page.select_one(f".editor [name={column}]")
    assert field
    assert field["aria-invalid"] == "true"
    assert (editor.error(), text_of(editor, column)) == (CHANGED % theirs, mine)
    editor.press("Save")
    assert stored(editor)[column == "notes"] == mine


@pytest.mark.parametrize("column", SHOWN)
def test_what_only_they_changed_stays_without_a_word(editor: Page, column: str) -> None:
    other = next(each for each in SHOWN if each != column)
    write(editor, **{column: VALUES[column][0]})
    editor.press("Save", **{other: VALUES[other][1]})
    assert editor.status in (200, 303)
    expected = {column: VALUES[column][0], other: VALUES[other][1]}
    assert stored(editor) == (expected["title"], expected["notes"])


def test_a_conflict_in_one_field_takes_over_what_they_changed_in_another(editor: Page) -> None:
    write(editor, title="Buy bread", notes="Rye")
    editor.press("Save", notes="White")
    assert editor.status == 409
    assert (text_of(editor, "title"), text_of(editor, "notes")) == ("Buy bread", "White")
    editor.press("Save")
    assert stored(editor) == ("Buy bread", "White")


def test_notes_that_were_taken_out_elsewhere_are_told(editor: Page) -> None:
    write(editor, notes="")
    editor.press("Save", notes="Three litres")
    assert (editor.status, editor.error()) == (409, "Taken out elsewhere meanwhile. Save puts your text back in.")
    editor.press("Save")
    assert stored(editor) == ("Buy milk", "Three litres")


@pytest.mark.parametrize("notes", ["x" * 20_001, "a\0b"])
def test_bad_notes_are_told_and_kept(editor: Page, notes: str) -> None:
    editor.press("Save", notes=notes)
    assert editor.status == 422
    assert len(text_of(editor, "notes")) == len(notes)
    assert stored(editor) == ("Buy milk", "Two litres")


def test_a_damaged_original_changes_nothing_unseen(editor: Page) -> None:
    write(editor, title="Buy bread")
    original = editor.page.select_one(".editor [name=original]")
    assert original
    original["value"] = str(original["value"])[:-2]
    editor.press("Save", title="Buy jam")
    assert editor.status == 409
    assert stored(editor) == ("Buy bread", "Two litres")


def test_the_page_of_a_todo_shows_its_notes(editor: Page) -> None:
    editor.open()
    row = editor.page.select_one("li.todo")
    assert row
    editor.go("/todos/" + str(row["id"]).removeprefix("todo-"))
    found = editor.page.select_one(".notes")
    assert found
    assert found.get_text() == "Two litres"
