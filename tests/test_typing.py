"""What somebody types or pastes is never lost: not on a slow line, not without an answer, not without cookies."""

import pytest

from tests.visitors import ChromiumVisitor, SlowLine

pytest_plugins = ["tests.chromium", "tests.live"]

BOX = "What needs to be done?"
NO_ANSWER = "Recado did not answer. What you typed is still here; please try again."


# ---- Text is never lost


@pytest.mark.parametrize("trouble", ["no server", "a proxy's error page", "a server that is too slow"])
def test_without_an_answer_the_text_stays_and_the_button_works_again(eva: ChromiumVisitor, trouble: str) -> None:
    eva.allowed += ["Failed to load resource", "htmx", "Response Status Error Code 502"]
    eva.has("Call Rui")
    if trouble == "a server that is too slow":
        eva.js("htmx.config.timeout = 100")
        SlowLine(eva.page)
    elif trouble == "no server":
        eva.page.route("**/todos", lambda route: route.abort("connectionrefused"))
    else:
        body = "<!doctype html><title>502</title><h1>Bad gateway</h1>"
        eva.page.route("**/todos", lambda route: route.fulfill(status=502, content_type="text/html", body=body))
    title = eva.page.title()
    eva.fill(BOX, "Buy milk")
    eva.control("Add").click()
    eva.page.wait_for_selector("#alerts .alert")
    assert eva.alert() == NO_ANSWER
    assert eva.field(BOX).input_value() == "Buy milk"
    assert (eva.titles(), eva.page.title()) == (["Call Rui"], title)
    eva.settle()
    eva.page.unroute_all()
    eva.js("htmx.config.timeout = 20000")
    eva.press("Add")
    assert eva.titles() == ["Call Rui", "Buy milk"]
    assert eva.alert() == "Added “Buy milk”."


def test_what_is_typed_during_a_request_stays(eva: ChromiumVisitor) -> None:
    eva.has()
    line = SlowLine(eva.page)
    eva.fill(BOX, "Buy milk")
    eva.field(BOX).press("Enter")
    eva.fill(BOX, "Call")
    line.let_through()
    eva.page.keyboard.type(" Rui")
    eva.press("Add")
    assert eva.titles() == ["Buy milk", "Call Rui"]


def test_what_is_typed_while_an_error_is_on_its_way_stays(eva: ChromiumVisitor) -> None:
    eva.has()
    line = SlowLine(eva.page)
    eva.field(BOX).press("Enter")
    eva.fill(BOX, "Buy milk")
    line.let_through()
    assert "Write what needs to be done." in eva.text()
    assert eva.field(BOX).input_value() == "Buy milk"


def test_an_answer_does_not_call_back_who_writes_elsewhere(eva: ChromiumVisitor) -> None:
    eva.has("Call Rui")
    eva.press("Edit", "Call Rui")
    line = SlowLine(eva.page)
    eva.fill(BOX, "Buy milk")
    eva.field(BOX).press("Enter")
    eva.fill("To-do", "Call")
    line.let_through()
    eva.page.keyboard.type(" Eva")
    assert eva.field("To-do").input_value() == "Call Eva"
    assert eva.field(BOX).input_value() == ""


def test_two_answers_at_once_do_not_bring_sent_text_back(eva: ChromiumVisitor) -> None:
    eva.has("Call Rui")
    line = SlowLine(eva.page)
    eva.fill(BOX, "Buy milk")
    eva.field(BOX).press("Enter")
    eva.control("Complete", "Call Rui").click()
    line.let_through()
    eva.settle()
    assert eva.rows() == [("Call Rui", True), ("Buy milk", False)]
    assert eva.field(BOX).input_value() == ""


def test_cookies_lost_while_typing_cost_no_text(eva: ChromiumVisitor) -> None:
    eva.allowed += ["status of 401", "Error Code 401", "status of 422"]
    eva.has()
    eva.context.clear_cookies()
    eva.fill(BOX, "Buy milk")
    eva.press("Add")
    assert eva.field(BOX).input_value() == "Buy milk"
    with eva.context.expect_page() as opened:
        eva.control("Say who you are").click()
    opened.value.get_by_label("What's your name?").fill("Eva")
    opened.value.get_by_label("What's your name?").press("Enter")
    opened.value.wait_for_url(f"{eva.url}/todos")
    eva.press("Add")  # in the name of somebody new: that is asked about, not assumed
    assert "This form is from an earlier visit." in eva.text()
    assert eva.field(BOX).input_value() == "Buy milk"
    eva.press("Add")
    assert eva.titles() == ["Buy milk"]
    assert eva.alert() == "Added “Buy milk”."


# ---- Several at once


def paste(eva: ChromiumVisitor, text: str) -> None:
    """Paste from the real clipboard."""
    eva.context.grant_permissions(["clipboard-read", "clipboard-write"])
    eva.page.evaluate("text => navigator.clipboard.writeText(text)", text)
    eva.page.keyboard.press("ControlOrMeta+v")


def test_pasted_lines_become_several_todos(eva: ChromiumVisitor) -> None:
    eva.has("Sleep")
    eva.page.keyboard.type("Buy ")
    paste(eva, "milk\nCall Rui\n\nComprar pan\n")
    eva.settle()
    assert eva.focus() == "One to-do a line"
    eva.press("Add all")
    assert eva.titles() == ["Sleep", "Buy milk", "Call Rui", "Comprar pan"]
    assert eva.alert() == "Added 3 to-dos."


def test_one_pasted_line_stays_in_the_box(eva: ChromiumVisitor) -> None:
    eva.has()
    paste(eva, "Buy milk\n")
    eva.settle()
    assert eva.field(BOX).input_value().strip() == "Buy milk"


def test_pasted_lines_are_not_lost_without_an_answer(eva: ChromiumVisitor) -> None:
    eva.allowed += ["Failed to load resource", "htmx"]
    eva.has()
    eva.page.route("**/todos/new", lambda route: route.abort("connectionrefused"))
    paste(eva, "Buy milk\nCall Rui")
    eva.page.wait_for_selector("#alerts .alert")
    assert eva.field(BOX).input_value().split() == ["Buy", "milk", "Call", "Rui"]


def test_what_stood_in_the_box_goes_along_to_the_form_for_several(eva: ChromiumVisitor) -> None:
    eva.has()
    eva.fill(BOX, "Buy milk")
    eva.press("Add several at once")
    assert eva.field("One to-do a line").input_value() == "Buy milk"
    eva.press("Back to the list")
    assert eva.focus() == BOX
