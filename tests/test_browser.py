"""What only a real browser shows: presses on a slow line, focus, alerts, Back, tabs."""

from playwright.sync_api import Browser, BrowserContext

from tests.support.chromium import ARGUMENTS, PLAYWRIGHT, executable
from tests.support.visitors import ChromiumVisitor, KeyboardVisitor, SlowLine, UnscriptedVisitor

pytest_plugins = ["tests.support.chromium", "tests.support.live_server"]

BOX = "What needs to be done?"


# ---- Busy


def test_three_fast_clicks_add_one_todo(eva: ChromiumVisitor) -> None:
    eva.has()
    line = SlowLine(eva.page)
    eva.fill(BOX, "Buy milk")
    eva.control("Add").click(click_count=3)
    eva.page.keyboard.press("Enter")
    assert line.sent() == 1
    line.let_through()
    eva.settle()
    assert eva.titles() == ["Buy milk"]
    eva.reload()
    assert eva.titles() == ["Buy milk"]


def test_a_busy_button_keeps_the_focus_and_says_that_it_is_busy(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk")
    line = SlowLine(eva.page)
    toggle = eva.control("Complete", "Buy milk")
    toggle.press("Enter")
    assert toggle.get_attribute("aria-disabled") == "true"
    assert toggle.is_enabled() is False  # to assistive technology, and yet:
    assert toggle.get_attribute("disabled") is None
    assert eva.focus() == "Complete Buy milk"
    line.let_through()
    eva.settle()
    assert eva.focus() == "Reopen Buy milk"


def test_no_press_is_lost_on_a_slow_line(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui", "Sleep")
    line = SlowLine(eva.page)
    for title in ("Buy milk", "Call Rui", "Sleep"):
        eva.control("Complete", title).click()
        eva.control("Complete", title).click(force=True)
    assert line.sent() == 1
    line.let_through()
    eva.page.wait_for_function("() => document.querySelectorAll('.done').length === 3")
    eva.settle()
    assert "0 items left" in eva.text()


def test_after_going_on_and_back_nothing_is_busy_and_no_old_alert_stands(eva: ChromiumVisitor) -> None:
    eva.open("/")
    eva.fill("What's your name?", "Eva")
    eva.press("Begin")
    eva.back()
    assert eva.page.locator("[aria-disabled]").count() == 0
    eva.page.go_forward()
    assert eva.alert() == ""


def test_a_page_from_the_browsers_memory_is_not_busy_and_says_nothing_old(chromium: Browser, live_url: str) -> None:
    path = None if executable() == PLAYWRIGHT else executable()
    with (
        chromium.browser_type.launch(
            executable_path=path, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
        ) as browser,
        browser.new_context(locale="en") as context,
    ):
        eva = ChromiumVisitor(context, live_url)
        eva.open("/")
        eva.js("window.remembered = true")
        eva.fill("What's your name?", "Eva")
        eva.page.route("**/", lambda route: route.abort())
        eva.control("Begin").click()
        eva.page.wait_for_selector("#alerts .alert")
        eva.page.unroute_all()
        eva.press("Begin")
        eva.js("history.back()")
        eva.page.wait_for_function("() => window.remembered")
        assert eva.alert() == ""
        assert eva.page.locator("[aria-disabled]").count() == 0


# ---- Focus


def test_an_invalid_form_puts_the_focus_into_its_field(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk")
    eva.field(BOX).press("Enter")
    eva.settle()
    assert eva.focus() == BOX
    assert eva.field(BOX).get_attribute("aria-invalid") == "true"
    error = eva.page.locator(f"#{eva.field(BOX).get_attribute('aria-describedby')}")
    assert error.inner_text() == "Write what needs to be done."


def test_after_adding_the_focus_is_in_the_emptied_box(eva: ChromiumVisitor) -> None:
    eva.has()
    eva.fill(BOX, "Buy milk")
    eva.press("Add")
    assert (eva.focus(), eva.field(BOX).input_value()) == (BOX, "")


def test_after_deleting_the_focus_is_on_the_next_row(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui", "Sleep")
    for title, focus in (("Call Rui", "Delete Sleep"), ("Sleep", "Delete Buy milk"), ("Buy milk", BOX)):
        eva.control("Delete", title).press("Enter")
        eva.settle()
        assert eva.focus() == focus


def test_after_undo_the_focus_is_on_the_row_that_came_back(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.press("Delete", "Call Rui")
    eva.control("Undo").press("Enter")
    eva.settle()
    assert eva.titles() == ["Buy milk", "Call Rui"]
    assert eva.focus() == "Complete Call Rui"


def test_a_row_that_leaves_the_filter_passes_the_focus_on(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.press("Active")
    eva.press("Complete", "Buy milk")
    assert eva.focus() == "Complete Call Rui"


def test_after_moving_the_focus_is_on_the_same_button(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui", "Sleep")
    eva.press("Rearrange")
    for order in (["Buy milk", "Sleep", "Call Rui"], ["Sleep", "Buy milk", "Call Rui"]):
        eva.control("Up", "Sleep").press("Enter")
        eva.settle()
        assert eva.titles() == order
        assert eva.focus() == "Move Sleep up"


def test_after_a_change_of_all_the_focus_stays_in_the_toolbar(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.press("Mark all as complete")
    assert eva.focus() == "Reopen all"
    eva.press("Clear completed")
    assert eva.focus() == BOX


def test_the_focus_is_on_a_token_that_was_made_and_then_where_one_is_made(eva: ChromiumVisitor) -> None:
    eva.has()
    eva.press("Settings")
    eva.press("Tokens for programs")
    eva.fill("What is it for?", "Backup")
    eva.control("Make a token").press("Enter")
    eva.page.locator(".secret:focus").wait_for()
    eva.control("Revoke").press("Enter")
    eva.settle()
    assert eva.focus() == "What is it for?"


def test_a_press_outside_of_everything_leaves_the_focus_alone(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk")
    eva.control("Complete", "Buy milk").evaluate("button => { document.activeElement.blur(); button.click(); }")
    eva.settle()
    assert eva.js("document.activeElement === document.body")


# ---- Alerts


def test_alerts_come_into_one_region_that_is_there_from_the_start(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk")
    eva.reload()
    region = eva.page.query_selector("#alerts[role=status]")
    assert region
    assert region.inner_html() == ""
    eva.press("Delete", "Buy milk")
    assert "Deleted “Buy milk”." in region.inner_text()
    eva.press("Undo")
    assert "Undone." in region.inner_text()
    eva.press("Add")
    assert region.inner_html() == ""


def test_dismissing_needs_no_request(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk")
    eva.press("Delete", "Buy milk")
    requests: list[str] = []
    eva.page.on("request", lambda request: requests.append(request.url))
    eva.control("Dismiss").press("Enter")
    assert (eva.alert(), requests) == ("", [])
    assert eva.js("document.activeElement.id") == "main"


def test_dismissing_without_javascript_keeps_the_view(unscripted: UnscriptedVisitor) -> None:
    unscripted.has("Buy milk", "Call Rui")
    unscripted.press("Active")
    unscripted.press("Delete", "Buy milk")
    assert unscripted.alert() == "Deleted “Buy milk”."
    unscripted.press("Dismiss")
    assert unscripted.alert() == ""
    assert (unscripted.filter(), unscripted.titles()) == ("Active", ["Call Rui"])


def test_a_change_in_one_tab_leaves_no_flash_for_another(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk")
    other = ChromiumVisitor(eva.context, eva.url)
    other.open("/todos")
    eva.press("Delete", "Buy milk")
    other.reload()
    assert (other.alert(), other.titles()) == ("", [])


def test_an_old_alert_goes_with_the_next_change(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.press("Delete", "Buy milk")
    eva.press("Complete", "Call Rui")
    assert eva.alert() == "Completed “Call Rui”."


def test_no_control_hides_behind_an_alert_when_it_gets_the_focus(context: BrowserContext, live_url: str) -> None:
    eva = KeyboardVisitor(context, live_url)
    eva.page.set_viewport_size({"width": 320, "height": 480})
    eva.has("Buy milk", "Call Rui")
    eva.press("Delete", "Buy milk")
    for name in ("Active", "Español", "Dark"):
        eva.walk_to(eva.control(name))  # which looks at each step whether the focus can be seen
        assert eva.control(name).evaluate("control => control === document.activeElement")


# ---- Going around


def test_a_fragment_is_never_shown_as_a_page(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk")
    eva.press("Add several at once")
    eva.open("/todos/new")
    eva.press("Home")
    eva.back()
    assert eva.page.locator("header").count() == 1
    eva.back()
    assert eva.page.locator("header").count() == 1
    assert eva.titles() == ["Buy milk"]


# ---- Safety


def test_a_planted_tag_never_runs(eva: ChromiumVisitor) -> None:
    title = "<img src=x onerror=document.title='planted'>"
    eva.has(title)
    eva.press("Edit", title)
    eva.press("Cancel")
    eva.press("Complete", title)
    eva.press("Delete", title)
    eva.press("Undo")
    eva.reload()
    assert eva.titles() == [title]
    assert eva.page.locator("img[src=x]").count() == 0
    assert "planted" not in eva.page.title()


def test_after_being_forgotten_back_shows_nothing_of_the_list(eva: ChromiumVisitor) -> None:
    eva.has("A secret")
    eva.open("/forget")
    eva.press("Forget me and my list")
    assert eva.alert() == "You are forgotten, and so is your list."
    for _ in range(2):
        eva.back()
        assert "A secret" not in eva.page.content()
        assert "What's your name?" in eva.text()


# ---- Undo by keyboard


def test_ctrl_z_undoes_from_wherever_the_focus_is_and_ctrl_shift_z_redoes(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.control("Delete", "Call Rui").press("Enter")
    eva.settle()
    eva.page.keyboard.press("Control+z")
    eva.settle()
    assert eva.titles() == ["Buy milk", "Call Rui"]
    eva.page.keyboard.press("Control+Shift+Z")
    eva.settle()
    assert eva.titles() == ["Buy milk"]


def test_ctrl_z_in_text_undoes_what_was_typed(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.press("Delete", "Call Rui")
    eva.page.get_by_label(BOX).press_sequentially("Slep")
    eva.page.keyboard.press("Control+z")
    eva.settle()
    assert eva.titles() == ["Buy milk"]


# ---- What is shown only once


def test_a_token_is_copied_by_one_press_and_stays_whatever_is_done_next(eva: ChromiumVisitor) -> None:
    eva.has()
    eva.context.grant_permissions(["clipboard-read", "clipboard-write"])
    eva.open("/settings/tokens")
    eva.fill("What is it for?", "Backup")
    eva.press("Make a token")
    token = eva.page.locator("main .secrets code").inner_text()
    eva.press("Copy")
    eva.page.get_by_role("button", name="Copied").wait_for()
    assert eva.js("navigator.clipboard.readText()") == token
    eva.page.locator("#tokens li").get_by_role("button").click()
    eva.settle()
    assert token in eva.text()
    eva.reload()
    assert token not in eva.text()


def test_without_a_clipboard_the_token_is_selected_to_be_copied_by_hand(eva: ChromiumVisitor) -> None:
    eva.has()
    eva.open("/settings/tokens")
    eva.fill("What is it for?", "Backup")
    eva.press("Make a token")
    eva.js("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    eva.press("Copy")
    token = eva.page.locator("main .secrets code").inner_text()
    assert eva.js("getSelection().toString()") == token
