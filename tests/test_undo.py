"""Every change can be taken back for an hour, and that once more, as far as nobody has changed the same thing since."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.conftest import Visitor
from tests.support.clients import Fragment, Page, Program
from webapp.db import connection, now
from webapp.models.todos.undo_entry import UndoEntry, prune_undo_entries

UNKNOWN = "01a1f8a1-5988-77cc-afbc-b09c5316fdc5"
VERBS: dict[str, Any] = {
    "delete": lambda ana: ana.delete("Call Rui"),
    "complete": lambda ana: ana.complete("Call Rui"),
    "reopen": lambda ana: ana.reopen("Sleep"),
    "edit": lambda ana: ana.edit("Call Rui", "Call Eva"),
    "move up": lambda ana: ana.move("Call Rui", "up"),
    "move to the bottom": lambda ana: ana.move("Buy milk", "bottom"),
    "complete all": lambda ana: ana.complete_all(),
    "clear completed": lambda ana: ana.clear_completed(),
}


@pytest.fixture
def listed(ana: Visitor) -> Visitor:
    """Ana, with three to-dos, the last of which is done."""
    for title in ("Buy milk", "Call Rui", "Sleep"):
        ana.add(title)
    ana.complete("Sleep")
    return ana


def state(ana: Visitor) -> tuple[list[str], list[str]]:
    return ana.titles(), ana.completed()


def reloaded(ana: Visitor) -> tuple[list[str], list[str]]:
    ana.open()
    return state(ana)


def age(app: Flask, by: timedelta) -> None:
    """Let all changes be so much older."""
    with app.extensions["database"].transaction(write=True) as transaction:
        connection().execute(update(UndoEntry).values(created_at=now() - by))
        transaction.commit()


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_can_be_undone_and_that_once_more(listed: Visitor, verb: str) -> None:
    before = state(listed)
    VERBS[verb](listed)
    after = state(listed)
    assert after != before
    listed.undo()
    assert state(listed) == before
    listed.redo()
    assert state(listed) == after
    assert not listed.offers_undo()
    assert reloaded(listed) == after


@pytest.mark.parametrize("verb", ["complete", "delete", "edit"])
def test_what_changes_nothing_offers_nothing(listed: Visitor, verb: str) -> None:
    todo = f"/todos/{listed.id_of('Call Rui')}"
    path = {"complete": f"{todo}/complete", "delete": f"{todo}/delete", "edit": todo}[verb]
    if isinstance(listed, Program) and verb == "delete":
        answers = [listed.ask("DELETE", todo) for _ in range(2)]
    else:
        answers = [listed.ask("POST", path, {"title": "Call Eva"} if verb == "edit" else None) for _ in range(2)]
    assert answers[0].status_code == answers[1].status_code
    if isinstance(listed, Program):
        assert ["Link" in answer.headers for answer in answers] == [True, False]
    elif isinstance(listed, Fragment):
        assert ["Undo" in answer.text for answer in answers] == [True, False]
    else:
        listed.open()
        assert listed.controls().count("Undo") == 1


def test_undoing_twice_is_undoing_once(listed: Visitor) -> None:
    listed.delete("Call Rui")
    path = undo_path(listed)
    answers = [listed.ask("POST", path) for _ in range(2)]
    assert answers[0].status_code == answers[1].status_code < 400
    assert reloaded(listed) == (["Buy milk", "Call Rui", "Sleep"], ["Sleep"])


def undo_path(visitor: Visitor) -> str:
    """Where the Undo that is offered now posts to."""
    if isinstance(visitor, Program):
        return visitor.answer.headers["Link"].partition(">")[0].removeprefix("</api/v1")
    form = visitor.page.select_one("#alerts form[method=post]")
    assert form
    return str(form["action"])


def test_undo_leaves_alone_what_was_changed_again_since(listed: Visitor) -> None:
    listed.edit("Call Rui", "Call Eva")
    path = undo_path(listed)
    listed.open()
    listed.complete("Call Eva")
    listed.edit("Call Eva", "Call Ana")
    assert listed.ask("POST", path).status_code < 400
    assert reloaded(listed) == (["Buy milk", "Call Ana", "Sleep"], ["Call Ana", "Sleep"])


def test_undo_takes_back_its_own_part_of_what_was_changed_since(listed: Visitor) -> None:
    listed.complete_all()
    path = undo_path(listed)
    listed.open()
    listed.edit("Call Rui", "Call Eva")
    listed.delete("Buy milk")
    assert listed.ask("POST", path).status_code < 400
    assert reloaded(listed) == (["Call Eva", "Sleep"], ["Sleep"])


def test_after_an_hour_it_is_too_late(listed: Visitor) -> None:
    listed.delete("Call Rui")
    path = undo_path(listed)
    age(listed.app, timedelta(minutes=59))
    assert listed.ask("POST", path).status_code < 400
    listed.open()
    listed.delete("Call Rui")
    path = undo_path(listed)
    age(listed.app, timedelta(minutes=61))
    answer = listed.ask("POST", path)
    assert answer.status_code == 410
    assert listed.problem(answer) == "It is too late to undo this."
    assert reloaded(listed)[0] == ["Buy milk", "Sleep"]


def test_nobody_undoes_for_another(listed: Visitor, bob: Visitor) -> None:
    listed.delete("Call Rui")
    for path in (undo_path(listed), f"/todos/undo/{UNKNOWN}"):
        answer = bob.ask("POST", path)
        assert answer.status_code == 410
        assert bob.problem(answer) == "It is too late to undo this."
    assert reloaded(listed)[0] == ["Buy milk", "Sleep"]


def test_undo_of_a_todo_that_is_gone_for_good_says_so(page: Page) -> None:
    page.add("Buy milk")
    todo = page.id_of("Buy milk")
    page.delete("Buy milk")
    path = undo_path(page)
    page.go(f"/trash/{todo}/delete")
    page.press("Delete for good")
    page.ask("POST", path)
    page.open()
    assert page.alert() == "It was changed again since; nothing was undone."


def test_undo_keeps_the_view_that_it_was_offered_in(page: Page) -> None:
    page.add("Buy milk")
    page.open("active")
    page.complete("Buy milk")
    page.undo()
    assert page.answers[0].headers["Location"].startswith("/todos?show=active#todo-")
    assert page.titles() == ["Buy milk"]


def test_a_long_list_is_cleared_and_brought_back(program: Program) -> None:
    titles = [f"To-do {number}" for number in range(200)]
    program.call("POST", "/todos/lines", {"lines": "\n".join(titles)})
    program.complete_all()
    program.clear_completed()
    program.undo()
    assert program.completed() == titles


def test_what_can_no_longer_be_undone_is_deleted(any_app: Flask) -> None:
    ana = Program(any_app)
    ana.enter()
    ana.add("Buy milk")
    database = any_app.extensions["database"]
    with database.transaction(write=True):
        assert prune_undo_entries() == 0
    age(any_app, timedelta(hours=1))
    with database.transaction(write=True):
        assert prune_undo_entries() == 1


@pytest.mark.parametrize("to", ["up", "down"])
def test_a_move_that_is_sent_twice_moves_once(page: Page, to: str) -> None:
    for title in "ABCDE":
        page.add(title)
    page.go("/todos?arrange=1")
    button = next(found for found in page.page.select("input[name]") if found.get("aria-label") == f"Move C {to}")
    for _ in range(2):
        page.ask("POST", "/press?arrange=1", {str(button["name"]): str(button["value"])})
    page.open()
    assert page.titles() == (["A", "C", "B", "D", "E"] if to == "up" else ["A", "B", "D", "C", "E"])


def test_a_move_among_equal_places_that_is_sent_twice_moves_once(program: Program) -> None:
    for title, order in (("A", 1), ("B", 1), ("C", 2)):
        program.call("POST", "/todos", {"title": title, "order": order})
    path = f"/todos/{program.id_of('C')}/move/up/2"
    for _ in range(2):
        program.call("POST", path)
    assert program.titles() == ["A", "C", "B"]


def test_undo_is_offered_for_the_list_as_it_was_looked_at(program: Program) -> None:
    program.add("Buy milk")
    program.call("POST", f"/todos/{program.id_of('Buy milk')}/complete?show=active")
    assert program.answer.headers["Link"].endswith('?show=active>; rel="undo"')
    program.undo()
    assert program.completed() == []
