"""Editing in place, as it is with JavaScript: by keys and mouse, one editor at a time, and no text is lost."""

from tests.support.visitors import ChromiumVisitor, SlowLine

pytest_plugins = ["tests.support.chromium", "tests.support.live_server"]


def test_escape_discards_and_goes_back_to_the_edit_link(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.press("Edit", "Call Rui")
    assert eva.focus() == "To-do"
    eva.fill("To-do", "Call nobody")
    eva.page.keyboard.press("Escape")
    eva.settle()
    assert eva.titles() == ["Buy milk", "Call Rui"]
    assert eva.focus() == "Edit Call Rui"


def test_enter_saves_and_goes_back_to_the_edit_link(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.press("Edit", "Call Rui")
    eva.page.keyboard.press("End")
    eva.page.keyboard.type(" and Eva")
    eva.page.keyboard.press("Enter")
    eva.settle()
    assert eva.titles() == ["Buy milk", "Call Rui and Eva"]
    assert eva.focus() == "Edit Call Rui and Eva"


def test_cancel_goes_back_to_the_edit_link(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk")
    eva.press("Edit", "Buy milk")
    eva.press("Cancel")
    assert eva.focus() == "Edit Buy milk"


def test_a_double_click_opens_with_the_cursor_at_the_end(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk")
    eva.row("Buy milk").locator(".title").dblclick()
    eva.settle()
    eva.page.keyboard.type("!")
    assert eva.field("To-do").input_value() == "Buy milk!"


def test_an_emptied_title_deletes_and_can_be_undone(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.press("Edit", "Buy milk")
    eva.fill("To-do", "")
    eva.press("Save")
    assert eva.titles() == ["Call Rui"]
    assert eva.focus() == "Edit Call Rui"
    eva.press("Undo")
    assert eva.titles() == ["Buy milk", "Call Rui"]


def test_an_invalid_title_stays_open_with_its_text(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk")
    eva.press("Edit", "Buy milk")
    eva.fill("To-do", "x" * 501)
    eva.press("Save")
    assert "501 characters" in eva.text()
    assert (eva.focus(), eva.field("To-do").input_value()) == ("To-do", "x" * 501)


def test_one_editor_at_a_time(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.press("Edit", "Buy milk")
    eva.fill("To-do", "Buy bread")
    eva.press("Edit", "Call Rui")
    assert eva.page.locator(".editor").count() == 1
    assert (eva.focus(), eva.field("To-do").input_value()) == ("To-do", "Buy bread")


def test_an_open_editor_keeps_the_cursor_while_the_list_changes(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.press("Edit", "Buy milk")
    line = SlowLine(eva.page)
    eva.control("Mark all as complete").click()
    eva.fill("To-do", "Buy bread")
    line.let_through()
    eva.page.keyboard.type(" and jam")
    assert eva.field("To-do").input_value() == "Buy bread and jam"


def test_an_editor_that_survived_can_still_be_left_in_place(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.js("window.untouched = true")
    eva.press("Edit", "Buy milk")
    eva.press("Mark all as complete")
    eva.field("To-do").press("Escape")
    eva.settle()
    assert eva.focus() == "Edit Buy milk"
    assert eva.js("window.untouched")


def test_a_todos_own_page_can_be_edited_in_place_too(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk")
    eva.open("/todos/" + eva.js("document.querySelector('li.todo').id.slice(5)"))
    eva.press("Edit", "Buy milk")
    eva.press("Cancel")
    eva.press("Edit", "Buy milk")
    eva.fill("To-do", "Buy bread")
    eva.press("Save")
    assert eva.titles() == ["Buy bread"]
