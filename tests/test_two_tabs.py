"""Two tabs of one browser: edits meet, sessions end behind one's back, and what one undoes the other has undone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from tests.support.hostile_requests import (
    ADDED,
    BOX,
    LINES,
    NAME,
    House,
    another_tab,
    is_scripted,
    press_elsewhere,
    told,
)
from tests.support.visitors import ChromiumVisitor, KeyboardVisitor

pytest_plugins = ["tests.support.chromium", "tests.support.live_server", "tests.support.hostile_requests"]

# ---- Two tabs


def test_a_title_changed_in_two_tabs_is_settled_by_one_more_save(lea: ChromiumVisitor) -> None:
    lea.has("Buy milk")
    tab = another_tab(lea)
    for visitor, text in ((lea, "Buy bread"), (tab, "Buy beer")):
        visitor.press("Edit", "Buy milk")
        visitor.fill("To-do", text)
    tab.press("Save")
    lea.page.bring_to_front()
    lea.press("Save")
    assert "Changed elsewhere meanwhile, to “Buy beer”. Save puts your text in its place." in lea.text()
    assert lea.field("To-do").input_value() == "Buy bread"
    lea.press("Save")
    assert lea.titles() == ["Buy bread"]


def test_what_two_tabs_change_of_one_todo_comes_together(lea: ChromiumVisitor) -> None:
    lea.has("Buy milk")
    lea.press("Edit", "Buy milk")
    lea.fill("To-do", "Buy bread")
    press_elsewhere(lea, "Complete", "Buy milk")
    lea.press("Save")
    assert lea.rows() == [("Buy bread", True)]


def test_what_is_deleted_in_another_tab_while_it_is_edited_comes_back_by_save(lea: ChromiumVisitor) -> None:
    lea.has("Buy milk")
    lea.press("Edit", "Buy milk")
    lea.fill("To-do", "Buy bread")
    press_elsewhere(lea, "Delete", "Buy milk")
    lea.press("Save")
    assert "Deleted elsewhere meanwhile. Save brings it back, with your text." in lea.text()
    assert lea.field("To-do").input_value() == "Buy bread"
    lea.press("Save")
    assert lea.titles() == ["Buy bread"]


def test_an_editor_can_be_left_when_its_row_is_gone(scripted: ChromiumVisitor) -> None:
    scripted.has("Buy milk", "Call Rui")
    scripted.press("Edit", "Buy milk")
    press_elsewhere(scripted, "Delete", "Buy milk")
    scripted.press("Cancel")
    assert scripted.page.locator(".editor").count() == 0
    assert scripted.titles() == ["Call Rui"]


def test_a_row_that_is_gone_elsewhere_goes_here_when_it_is_pressed(lea: ChromiumVisitor) -> None:
    lea.has("Buy milk", "Call Rui")
    press_elsewhere(lea, "Delete", "Buy milk")
    lea.press("Complete", "Buy milk")
    assert "This to-do is not there any more, or it is not yours." in lea.text()
    if not is_scripted(lea):
        lea.press("To your list")
    assert lea.titles() == ["Call Rui"]


# ---- Not known any more


ENDS: dict[str, Callable[[ChromiumVisitor, House], None]] = {
    "forgotten in another tab": lambda lea, house: press_elsewhere(lea, "Forget me and my list", path="/forget"),
    "session ended": lambda lea, house: house.end_all_sessions(),
    "cookies cleared": lambda lea, house: lea.context.clear_cookies(),
}


@pytest.mark.parametrize("end", ENDS)
def test_who_is_forgotten_while_typing_loses_no_text(scripted: ChromiumVisitor, house: House, end: str) -> None:
    scripted.has()
    scripted.fill(BOX, "Buy milk")
    ENDS[end](scripted, house)
    scripted.press("Add")
    assert told(scripted) == "Say who you are, then try again."
    with scripted.context.expect_page() as opened:
        scripted.control("Say who you are").click()
    opened.value.get_by_label(NAME).fill("Eva")
    opened.value.get_by_label(NAME).press("Enter")
    opened.value.wait_for_url(f"{scripted.url}/todos")
    opened.value.close()
    scripted.page.bring_to_front()
    scripted.press("Add")
    scripted.page.wait_for_selector(".invalid-feedback")
    assert "This form is from an earlier visit." in scripted.text()
    assert scripted.field(BOX).input_value() == "Buy milk"
    scripted.press("Add")
    assert told(scripted) == ADDED
    assert scripted.titles() == ["Buy milk"]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(("path", "label", "button"), [("/todos", BOX, "Add"), ("/todos/new", LINES, "Add all")])
def test_who_is_forgotten_finds_the_form_filled_after_giving_a_name(
    unscripted: ChromiumVisitor, house: House, path: str, label: str, button: str, end: str
) -> None:
    unscripted.has()
    unscripted.open(path)
    unscripted.fill(label, "Buy milk")
    ENDS[end](unscripted, house)
    unscripted.press(button)
    unscripted.fill(NAME, "Eva")
    unscripted.press("Begin")
    assert unscripted.field(label).input_value() == "Buy milk"
    unscripted.press(button)
    assert unscripted.titles() == ["Buy milk"]


def test_who_is_forgotten_while_editing_finds_the_text_again(unscripted: ChromiumVisitor, house: House) -> None:
    unscripted.has("Buy milk")
    unscripted.press("Edit", "Buy milk")
    unscripted.fill("To-do", "Buy bread")
    house.end_all_sessions()
    unscripted.press("Save")
    unscripted.fill(NAME, "Eva")
    unscripted.press("Begin")
    assert "Buy bread" in unscripted.page.content()


# ---- Undo


def test_undo_by_keyboard_leads_to_the_row(context: BrowserContext, house: House) -> None:
    lea = KeyboardVisitor(context, house.url)
    lea.has("Buy milk", "Call Rui")
    lea.press("Delete", "Call Rui")
    lea.press("Undo")
    assert lea.titles() == ["Buy milk", "Call Rui"]
    assert lea.focus() == "Complete Call Rui"
    assert lea.complaints() == []


def test_undo_after_an_hour_says_that_it_is_too_late(lea: ChromiumVisitor, house: House) -> None:
    lea.has("Buy milk")
    lea.press("Delete", "Buy milk")
    house.let_an_hour_pass()
    lea.press("Undo")
    assert "It is too late to undo this." in lea.text()
    lea.open("/todos")
    assert lea.titles() == []


def test_undo_in_two_tabs_undoes_once(lea: ChromiumVisitor, house: House) -> None:
    lea.has("Buy milk")
    lea.press("Delete", "Buy milk")
    action = lea.control("Undo").locator("xpath=..").get_attribute("action")
    assert action
    lea.post(action)  # as another tab does that was duplicated
    lea.press("Undo")
    assert lea.titles() == ["Buy milk"]
