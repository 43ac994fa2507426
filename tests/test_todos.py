"""The list behaves as people expect of a to-do list, for every client and on both engines."""

import pytest

from tests.conftest import Visitor
from webapp.models.todos.todo import TITLE_LIMIT


def test_a_todo_that_was_added_is_on_the_list(ana: Visitor) -> None:
    ana.add("Buy milk")
    assert ana.status in (200, 201, 303)
    ana.add("Call Rui")
    assert ana.titles() == ["Buy milk", "Call Rui"]


def test_titles_are_trimmed(ana: Visitor) -> None:
    ana.add("  Buy milk \t")
    assert ana.titles() == ["Buy milk"]


@pytest.mark.parametrize(
    "title",
    ["Año nuevo: piñata 🎉", "牛乳を買う", "حليب", "x" * TITLE_LIMIT, "👩‍👩‍👧‍👦" * 70, "<b>&amp;", "{{7*7}}", "'; --"],
)
def test_any_script_and_emoji_is_a_title(ana: Visitor, title: str) -> None:
    ana.add(title)
    assert ana.titles() == [title]


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("", "Write what needs to be done."),
        ("   ", "Write what needs to be done."),
        ("\u200b", "Write what needs to be done."),
        ("x" * (TITLE_LIMIT + 1), "501 characters; 500 is the most"),
        ("a\x00b", "control characters"),
        ("a\x1bb", "control characters"),
        ("a\nb", "line breaks"),
        ("a\u2028b", "line breaks"),
    ],
)
def test_a_bad_title_is_refused_with_a_reason(ana: Visitor, title: str, message: str) -> None:
    ana.add(title)
    assert ana.status == 422
    assert message in ana.error()
    ana.open()
    assert ana.titles() == []


def test_completing_and_reopening(ana: Visitor) -> None:
    ana.add("Buy milk")
    ana.complete("Buy milk")
    assert ana.completed() == ["Buy milk"]
    ana.reopen("Buy milk")
    assert ana.completed() == []


def test_an_item_that_no_longer_matches_the_filter_leaves_the_list_at_once(ana: Visitor) -> None:
    ana.add("Buy milk")
    ana.add("Call Rui")
    ana.open("active")
    ana.complete("Buy milk")
    assert ana.titles() == ["Call Rui"]
    ana.open("completed")
    assert ana.titles() == ["Buy milk"]
    ana.reopen("Buy milk")
    assert ana.titles() == []


def test_a_new_todo_does_not_show_among_the_completed(ana: Visitor) -> None:
    ana.open("completed")
    ana.add("Buy milk")
    assert ana.titles() == []
    ana.open()
    assert ana.titles() == ["Buy milk"]


def test_editing_changes_the_title_in_its_place(ana: Visitor) -> None:
    for title in ("Buy milk", "Call Rui"):
        ana.add(title)
    ana.edit("Buy milk", " Buy bread ")
    assert ana.titles() == ["Buy bread", "Call Rui"]


def test_deleting_can_be_undone(ana: Visitor) -> None:
    for title in ("Buy milk", "Call Rui"):
        ana.add(title)
    ana.delete("Buy milk")
    assert ana.titles() == ["Call Rui"]
    ana.undo()
    assert ana.titles() == ["Buy milk", "Call Rui"]


def test_completing_all_and_reopening_all(ana: Visitor) -> None:
    for title in ("Buy milk", "Call Rui"):
        ana.add(title)
    ana.complete("Call Rui")
    ana.complete_all()
    assert ana.completed() == ["Buy milk", "Call Rui"]
    ana.reopen_all()
    assert ana.completed() == []


def test_clearing_takes_the_completed_and_nothing_else(ana: Visitor) -> None:
    for title in ("Buy milk", "Call Rui", "Sleep"):
        ana.add(title)
    ana.complete("Call Rui")
    ana.clear_completed()
    assert ana.titles() == ["Buy milk", "Sleep"]


@pytest.mark.parametrize(
    ("title", "to", "order"),
    [
        ("B", "up", ["B", "A", "C", "D"]),
        ("B", "down", ["A", "C", "B", "D"]),
        ("C", "top", ["C", "A", "B", "D"]),
        ("B", "bottom", ["A", "C", "D", "B"]),
        ("A", "up", ["A", "B", "C", "D"]),
        ("D", "down", ["A", "B", "C", "D"]),
        ("A", "top", ["A", "B", "C", "D"]),
        ("D", "bottom", ["A", "B", "C", "D"]),
    ],
)
def test_moving_holds(ana: Visitor, title: str, to: str, order: list[str]) -> None:
    for each in "ABCD":
        ana.add(each)
    ana.move(title, to)
    ana.open()
    assert ana.titles() == order


def test_nobody_sees_anothers_list(ana: Visitor, bob: Visitor) -> None:
    ana.add("Buy milk")
    bob.open()
    assert bob.titles() == []
