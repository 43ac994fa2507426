"""What somebody types or pastes is never lost: not on a slow line, not without an answer, not without cookies."""

import pytest
from playwright.sync_api import Route

from tests.support.visitors import ChromiumVisitor, SlowLine

pytest_plugins = ["tests.support.chromium", "tests.support.live_server"]

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
    kept: list[Route] = []
    eva.page.route("**/todos", lambda route: kept.append(route))
    eva.fill(BOX, "Buy milk")
    eva.field(BOX).press("Enter")
    eva.control("Edit", "Call Rui").click()
    eva.field("To-do").wait_for()
    eva.fill("To-do", "Call")
    kept.pop().continue_()
    eva.page.locator("#todos li").nth(1).wait_for()
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


# ---- Fast fingers


def lag(eva: ChromiumVisitor, milliseconds: int) -> None:
    """Let each answer take so long."""
    devtools = eva.context.new_cdp_session(eva.page)
    devtools.send("Network.enable")
    conditions = {"offline": False, "latency": milliseconds, "downloadThroughput": -1, "uploadThroughput": -1}
    devtools.send("Network.emulateNetworkConditions", conditions)


def until_saved(eva: ChromiumVisitor, *titles: str) -> None:
    eva.page.wait_for_function(
        "titles => titles.every(title => document.querySelector('#todos').innerText.includes(title))", arg=titles
    )
    eva.settle()


@pytest.mark.parametrize("milliseconds", [0, 100, 700])
def test_what_is_typed_and_entered_fast_is_as_many_todos(eva: ChromiumVisitor, milliseconds: int) -> None:
    eva.has()
    lag(eva, milliseconds)
    for title in ("milk", "bread", "eggs"):
        eva.page.keyboard.type(title, delay=60)
        eva.page.keyboard.press("Enter")
        assert eva.field(BOX).input_value() == ""
    eva.page.keyboard.type("ha", delay=60)
    until_saved(eva, "milk", "bread", "eggs")
    assert eva.titles() == ["milk", "bread", "eggs"]
    assert eva.field(BOX).input_value() == "ha"
    eva.reload()
    assert eva.titles() == ["milk", "bread", "eggs"]


def test_the_add_button_takes_the_next_text_while_the_first_is_under_way(eva: ChromiumVisitor) -> None:
    eva.has()
    lag(eva, 300)
    for title in ("milk", "bread"):
        eva.fill(BOX, title)
        eva.control("Add").click()
    until_saved(eva, "milk", "bread")
    assert eva.titles() == ["milk", "bread"]


def test_the_same_word_entered_twice_is_two_todos_and_a_double_enter_is_one(eva: ChromiumVisitor) -> None:
    eva.has()
    lag(eva, 200)
    for title in ("milk", "milk"):
        eva.page.keyboard.type(title)
        eva.page.keyboard.press("Enter")
        eva.page.keyboard.press("Enter")
    eva.page.wait_for_function("() => document.querySelectorAll('#todos li').length === 2")
    eva.settle()
    assert eva.titles() == ["milk", "milk"]


def test_what_failed_comes_back_before_what_was_typed_since_and_the_rest_waits_in_sight(
    eva: ChromiumVisitor,
) -> None:
    eva.allowed += ["Failed to load resource", "htmx"]
    eva.has()
    line = SlowLine(eva.page)
    for title in ("milk", "bread", "eggs"):
        eva.page.keyboard.type(title)
        eva.page.keyboard.press("Enter")
    eva.page.keyboard.type("ha")
    assert line.sent() == 1
    line.kept.pop().abort("connectionrefused")
    eva.page.locator(".unsent").wait_for()
    assert eva.alert() == NO_ANSWER
    assert eva.field(BOX).input_value() == "milk ha"
    assert eva.page.locator(".unsent li").all_inner_texts() == ["bread", "eggs"]
    eva.page.unroute_all()
    eva.fill(BOX, "milk")
    eva.page.keyboard.press("Enter")
    until_saved(eva, "milk", "bread", "eggs")
    assert eva.titles() == ["milk", "bread", "eggs"]
    assert eva.page.locator(".unsent").count() == 0


def test_a_text_that_is_refused_keeps_the_rest_waiting(eva: ChromiumVisitor) -> None:
    eva.allowed += ["422"]
    eva.has()
    lag(eva, 200)
    eva.fill(BOX, "x" * 501)
    for more in ("", "bread"):
        eva.page.keyboard.type(more)
        eva.page.keyboard.press("Enter")
    eva.page.locator(".invalid-feedback").wait_for()
    assert eva.field(BOX).input_value() == "x" * 501
    eva.fill(BOX, "milk")
    eva.page.keyboard.press("Enter")
    until_saved(eva, "milk", "bread")
    assert eva.titles() == ["milk", "bread"]


@pytest.mark.parametrize("way", ["a wrong click", "reload", "back"])
def test_leaving_in_the_middle_loses_nothing(eva: ChromiumVisitor, way: str) -> None:
    eva.allowed += ["htmx", "Failed to load resource"]
    eva.open("/settings")
    eva.has()
    SlowLine(eva.page)
    for title in ("milk", "bread"):
        eva.page.keyboard.type(title)
        eva.page.keyboard.press("Enter")
    eva.page.keyboard.type("egg")
    if way == "reload":
        eva.page.reload()
    else:
        if way == "back":
            eva.page.go_back()
        else:
            eva.page.get_by_role("link", name="Trash").click()
            eva.page.wait_for_url("**/trash")
        eva.page.goto(f"{eva.url}/todos")
    eva.page.locator(".unsent").wait_for()
    assert eva.field(BOX).input_value() == "milk egg"
    assert eva.page.locator(".unsent li").all_inner_texts() == ["bread"]
    assert eva.js("sessionStorage.getItem('typed')") is None


# ---- Half-typed text


@pytest.mark.parametrize("way", ["back", "reload", "another language", "another theme"])
def test_half_typed_text_outlives_the_page(eva: ChromiumVisitor, way: str) -> None:
    eva.has("Sleep")
    eva.page.keyboard.type("Buy mi", delay=20)
    if way == "back":
        eva.press("Trash")
        eva.back()
    elif way == "reload":
        eva.page.reload()
    else:
        eva.press("Español" if way == "another language" else "Dark")
    box = eva.page.locator("#new-title")
    eva.page.wait_for_function("() => document.querySelector('#new-title').value === 'Buy mi'")
    box.press("End")
    eva.page.keyboard.type("lk")
    eva.page.keyboard.press("Enter")
    until_saved(eva, "Buy milk")
    eva.page.reload()
    assert box.input_value() == ""


def test_half_typed_text_is_for_who_typed_it(eva: ChromiumVisitor) -> None:
    eva.has()
    eva.page.keyboard.type("Buy mi")
    eva.press("Trash")
    eva.context.clear_cookies()
    eva.open("/")
    eva.fill("What's your name?", "Bob")
    eva.press("Begin")
    assert eva.field(BOX).input_value() == ""
    assert eva.js("sessionStorage.getItem('typed')") is None


def test_what_was_sent_is_not_half_typed(eva: ChromiumVisitor) -> None:
    eva.has()
    eva.open("/todos/new")
    eva.page.keyboard.type("Buy milk")
    eva.press("Add all")
    eva.open("/todos/new")
    assert eva.field("One to-do a line").input_value() == ""


# ---- The editor


def test_leaving_the_editor_saves_what_was_changed_and_closes_what_was_not(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    for typed, titles in (("", ["Buy milk", "Call Rui"]), (" and bread", ["Buy milk and bread", "Call Rui"])):
        eva.press("Edit", "Buy milk")
        eva.page.keyboard.type(typed)
        eva.field(BOX).click()
        eva.page.locator(".todos .editor").wait_for(state="detached")
        eva.settle()
        assert eva.titles() == titles


def test_a_press_that_leaves_the_editor_does_what_it_says_too(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.press("Edit", "Buy milk")
    eva.page.keyboard.type("!")
    eva.control("Complete", "Call Rui").click()
    eva.page.locator(".todos .editor").wait_for(state="detached")
    eva.settle()
    assert eva.rows() == [("Buy milk!", False), ("Call Rui", True)]


def test_cancel_and_escape_still_discard(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk")
    for leave in (lambda: eva.press("Cancel"), lambda: eva.page.keyboard.press("Escape")):
        eva.press("Edit", "Buy milk")
        eva.page.keyboard.type("!")
        leave()
        eva.page.locator(".todos .editor").wait_for(state="detached")
        eva.settle()
        assert eva.titles() == ["Buy milk"]


def test_the_escape_that_ends_a_composition_keeps_the_editor(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk")
    eva.press("Edit", "Buy milk")
    eva.page.keyboard.type(" 牛")
    eva.field("To-do").evaluate(
        "field => field.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', keyCode: 229, bubbles: true}))"
    )
    eva.settle()
    assert eva.field("To-do").input_value() == "Buy milk 牛"
