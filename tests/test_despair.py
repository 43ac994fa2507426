"""What desperate people do: press twice, press F5, go back, close the tab, lose the line.

Each to-do is there once, each message is seen once, and no text is lost.
"""

import pytest

from tests.support.hostile_requests import (
    ADDED,
    BOX,
    LINES,
    NO_ANSWER,
    House,
    another_tab,
    assert_told_once,
    is_scripted,
    pointer_at,
    press_f5,
    told,
)
from tests.support.slow_line import CUT, DELAYED, KEPT, LOST, Line
from tests.support.visitors import ChromiumVisitor, UnscriptedVisitor

pytest_plugins = ["tests.support.chromium", "tests.support.live_server", "tests.support.hostile_requests"]

# ---- Press again, and again


def test_two_presses_before_the_answer_add_one_row(lea: ChromiumVisitor, house: House, line: Line) -> None:
    lea.has()
    lea.fill(BOX, "Buy milk")
    press = pointer_at(lea, "Add")
    line.trouble(DELAYED)
    press()
    line.met()
    press()
    if not is_scripted(lea):
        line.met(2)  # nothing holds the browser back
    line.let_through()
    assert_told_once(lea, house, ADDED)
    assert lea.titles() == ["Buy milk"]


def test_a_double_click_adds_one_row(lea: ChromiumVisitor, house: House, line: Line) -> None:
    lea.has()
    lea.fill(BOX, "Buy milk")
    line.trouble(DELAYED)
    pointer_at(lea, "Add")(2)
    line.met()
    line.let_through()
    assert_told_once(lea, house, ADDED)
    assert lea.titles() == ["Buy milk"]


def test_told_and_wanted_again_there_are_two_rows(lea: ChromiumVisitor) -> None:
    lea.has()
    for _ in range(2):
        lea.fill(BOX, "Buy milk")
        lea.press("Add")
        assert told(lea) == ADDED
    assert lea.titles() == ["Buy milk", "Buy milk"]


# ---- A slow line


@pytest.mark.parametrize("first", ["arrives first", "is overtaken", "arrives when all is told"])
def test_f5_while_it_is_sent_and_the_same_again_add_one_row(
    lea: ChromiumVisitor, house: House, line: Line, first: str
) -> None:
    lea.has()
    lea.fill(BOX, "Buy milk")
    press = pointer_at(lea, "Add")
    line.trouble(KEPT)
    press()
    line.met()
    press_f5(lea)
    line.abandoned()
    assert lea.titles() == []
    if first == "arrives first":
        line.let_through()
    line.trouble("")
    lea.fill(BOX, "Buy milk")
    lea.press("Add")
    if first != "arrives when all is told":
        assert told(lea) == ADDED
        line.let_through()
    assert_told_once(lea, house, ADDED)
    line.let_through()
    lea.reload()
    assert (lea.titles(), lea.alert()) == (["Buy milk"], "")


def test_f5_while_the_answer_is_on_its_way_shows_what_was_done(
    unscripted: ChromiumVisitor, house: House, line: Line
) -> None:
    unscripted.has()
    unscripted.fill(BOX, "Buy milk")
    press = pointer_at(unscripted, "Add")
    line.trouble(DELAYED)
    press()
    line.met()
    press_f5(unscripted)
    line.abandoned()
    line.let_through()
    assert_told_once(unscripted, house, ADDED)
    assert unscripted.titles() == ["Buy milk"]


def test_f5_while_the_answer_is_on_its_way_and_the_same_again_add_one_row(
    scripted: ChromiumVisitor, house: House, line: Line
) -> None:
    scripted.has()
    scripted.fill(BOX, "Buy milk")
    line.trouble(DELAYED)
    pointer_at(scripted, "Add")()
    line.met()
    press_f5(scripted)
    line.abandoned()
    assert (scripted.titles(), scripted.alert()) == (["Buy milk"], "")  # the answer has the message, wherever it is
    line.let_through()
    scripted.fill(BOX, "Buy milk")
    scripted.press("Add")
    assert_told_once(scripted, house, ADDED)
    assert scripted.titles() == ["Buy milk"]


@pytest.mark.parametrize("kept", [KEPT, DELAYED])
def test_closing_the_tab_meanwhile_costs_neither_row_nor_message(
    lea: ChromiumVisitor, house: House, line: Line, kept: str
) -> None:
    lea.has()
    lea.fill(BOX, "Buy milk")
    line.trouble(kept)
    pointer_at(lea, "Add")()
    line.met()
    lea.page.close()
    line.abandoned()  # what arrives until then counts as seen
    line.let_through()
    house.let_ten_seconds_pass()
    tab = another_tab(lea)
    assert_told_once(tab, house, ADDED)
    assert tab.titles() == ["Buy milk"]


# ---- A line that breaks


@pytest.mark.parametrize("broken", [LOST, CUT])
def test_without_the_answer_the_same_again_adds_one_row(
    scripted: ChromiumVisitor, house: House, line: Line, broken: str
) -> None:
    scripted.has()
    scripted.fill(BOX, "Buy milk")
    line.trouble(broken)
    scripted.press("Add")
    assert told(scripted) == NO_ANSWER
    assert line.let_through() > 0
    scripted.press("Add")
    scripted.page.wait_for_selector("li.todo")
    assert scripted.titles() == ["Buy milk"]
    assert scripted.alert() == ADDED
    assert_told_once(scripted, house, ADDED)


def test_without_the_answer_f5_sends_the_form_again_and_adds_one_row(
    unscripted: ChromiumVisitor, house: House, line: Line
) -> None:
    unscripted.has()
    unscripted.fill(BOX, "Buy milk")
    line.trouble(LOST)
    with unscripted.page.expect_event("load"):  # of the browser's own page, which says that there is none
        pointer_at(unscripted, "Add")()
    assert line.let_through() > 0  # twice: Chromium sends the form once more by itself, without asking
    press_f5(unscripted)
    assert_told_once(unscripted, house, ADDED)
    assert unscripted.titles() == ["Buy milk"]


def test_without_the_page_after_it_the_same_again_adds_one_row(
    unscripted: ChromiumVisitor, house: House, line: Line
) -> None:
    unscripted.has()
    unscripted.fill(BOX, "Buy milk")
    line.trouble(LOST, "GET")
    with unscripted.page.expect_event("load"):
        pointer_at(unscripted, "Add")()
    line.let_through()
    unscripted.open("/todos")
    assert (unscripted.titles(), unscripted.alert()) == (["Buy milk"], "")
    unscripted.fill(BOX, "Buy milk")
    unscripted.press("Add")
    assert_told_once(unscripted, house, ADDED)
    assert unscripted.titles() == ["Buy milk"]


def test_without_the_answer_something_else_is_asked_about(scripted: ChromiumVisitor, line: Line) -> None:
    scripted.has()
    scripted.fill(BOX, "Buy milk")
    line.trouble(LOST)
    scripted.press("Add")
    line.let_through()
    scripted.fill(BOX, "Buy bread")
    scripted.press("Add")
    assert "You already sent this form. Send it again to save this as well." in scripted.text()
    assert scripted.field(BOX).input_value() == "Buy bread"
    scripted.press("Add")
    assert told(scripted) == "Added “Buy bread”."
    scripted.open("/todos")
    assert scripted.titles() == ["Buy milk", "Buy bread"]


# ---- Back


def test_back_offers_nothing_to_be_sent_again(lea: ChromiumVisitor) -> None:
    lea.has()
    lea.open("/todos/new")
    lea.fill(LINES, "Buy milk")
    lea.press("Add all")
    assert told(lea) == "Added 1 to-do."
    lea.back()
    if not isinstance(lea, UnscriptedVisitor):  # there the browser restores what was typed, sent or not
        assert lea.field(LINES).input_value() == ""
        lea.press("Add all")
        assert "Write what needs to be done." in lea.text()
    lea.open("/todos")
    assert lea.titles() == ["Buy milk"]


def test_back_and_something_else_adds_a_second_row(lea: ChromiumVisitor) -> None:
    lea.has()
    lea.open("/todos/new")
    lea.fill(LINES, "Buy milk")
    lea.press("Add all")
    assert told(lea) == "Added 1 to-do."
    lea.back()
    lea.fill(LINES, "Call Rui")
    lea.press("Add all")
    assert told(lea) == "Added 1 to-do."
    assert lea.titles() == ["Buy milk", "Call Rui"]
