"""Every page in every state, one after the other, for the tests that look at all of them."""

from collections.abc import Iterator
from functools import partial
from uuid import uuid4

from tests.support.devices import code_of
from tests.support.visitors import ChromiumVisitor

ADMINISTRATOR, PASSWORD = "root", "seven small boats at noon"  # of the server in tests/support/live_server.py
TITLES = (
    "Buy milk",
    "Call Rui " * 40,
    "اتصل بالطبيب",
    "Comprar pan – año",
    "https://example.org/" + "averylongword" * 9,
)


def press_first(visitor: ChromiumVisitor, selector: str) -> None:
    """Press what a selector finds first: names are in the visitor's language."""
    visitor.page.locator(selector).first.click()
    visitor.settle()


def tour(visitor: ChromiumVisitor) -> Iterator[str]:
    """Lead the visitor, who speaks any language, through the whole site; gives each place's name."""
    page, press = visitor.page, partial(press_first, visitor)
    visitor.open("/")
    yield "a stranger's porch"
    press("#name-form [type=submit]")
    yield "a stranger's porch with an error"
    visitor.has()
    yield "an empty list"
    visitor.has(*TITLES, name="W" * 60)
    press(".complete")
    yield "a list"
    if page.locator("summary").is_visible():
        press("summary")
        yield "a list with the menu open"
        press("summary")
    press("#todos li:last-child .delete")
    yield "a list with an alert"
    press("#new-todo [type=submit]")
    yield "a list with an error"
    press("#todos li:nth-child(2) .edit")
    yield "editing in place"
    if not page.locator(".editor").count():  # whoever looked around has left it
        press("#todos li:nth-child(2) .edit")
    page.fill(".editor [type=text]", "x" * 501)
    press(".editor [type=submit]")
    yield "editing in place with an error"
    press("#several")
    yield "several lines in place"
    visitor.open("/todos?arrange=1")
    yield "arranging"
    visitor.open("/todos?show=completed")
    yield "the completed ones"
    visitor.open("/trash")
    yield "the trash"
    press("#trash [href$=delete]")
    yield "the question before deleting for good"
    visitor.open("/trash/empty")
    yield "the question before emptying the trash"
    press("main [type=submit]")
    yield "an empty trash"
    visitor.open("/todos/new")
    yield "several lines"
    press("#new-lines [type=submit]")
    yield "several lines with an error"
    visitor.open("/todos")
    path = str(page.locator(".edit").first.get_attribute("href"))
    visitor.open(path)
    yield "editing"
    visitor.open(path.removesuffix("/edit"))
    yield "one to-do"
    visitor.open("/")
    yield "the porch"
    visitor.open("/settings/tokens")
    press("#tokens [type=submit]")
    yield "the tokens with an error"
    page.fill("#token-name", "W" * 60)
    press("#tokens [type=submit]")
    yield "the tokens"
    visitor.open("/settings/sessions")
    yield "a guest's browser"
    visitor.open("/settings/todo-backend")
    press("#todo-backend [type=submit]")
    yield "the Todo-Backend address"
    visitor.open("/api/problems")
    yield "the problems of the API"
    visitor.open("/api/problems/too-many-requests")
    yield "one of the problems"
    visitor.open("/api")
    yield "the API"
    visitor.open("/forget")
    yield "the way out"
    visitor.open("/nowhere")
    yield "an address that does not exist"
    visitor.open("/debug/error")
    yield "an error of ours"
    yield from office(visitor)
    visitor.open("/todos")
    visitor.context.clear_cookies()
    press(".complete")
    yield "an alert with a link"
    page.route("**/complete", lambda route: route.abort())
    press(".complete")
    yield "an alert without an answer"
    visitor.open("/")
    yield from tour_of_an_account(visitor)


def tour_of_an_account(visitor: ChromiumVisitor) -> Iterator[str]:
    """From guest to account, and through what only accounts have; ends logged in."""
    page, press = visitor.page, partial(press_first, visitor)

    def send(form: str, **typed: str) -> None:
        for name, text in typed.items():
            page.fill(f"{form} [name={name}]", text)
        press(f"{form} [type=submit]")

    visitor.open("/settings")
    yield "a guest's settings"
    visitor.open("/login")
    yield "logging in as a guest"
    send("#login-form")
    yield "logging in with errors"
    visitor.open("/register")
    yield "registering"
    send("#register-form", user_name="", password="short")
    yield "registering with errors"
    name = f"w-{uuid4().hex}".ljust(60, "w")
    with page.expect_navigation():
        send("#register-form", user_name=name, password=PASSWORD)
    visitor.open("/")
    yield "an account's porch"
    visitor.open("/settings")
    yield "the settings"
    browser = visitor.context.browser
    assert browser
    with browser.new_context(user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Firefox/152.0") as other:
        ChromiumVisitor(other, visitor.url).post("/login", user_name=name, password=PASSWORD)
    visitor.open("/settings/sessions")
    yield "an account's browsers"
    visitor.open("/settings/passkeys")
    yield "passkeys"
    visitor.open("/settings/second-factor")
    yield "second-factor"
    page.locator("main form:has([type=text]) [type=text]").press("Enter")
    visitor.settle()
    yield "second-factor with an error"
    visitor.open("/settings/second-factor")
    send("#second-factor", code=code_of(page.inner_text("#second-factor code")))
    recovery_code = page.locator("main .secrets code").first.inner_text()
    yield "recovery codes"
    visitor.context.clear_cookies()
    visitor.open("/login/passkey")
    yield "logging in with a passkey"
    visitor.post("/login", user_name=name, password=PASSWORD)
    visitor.open("/login/code")
    yield "asking for a code"
    press("#code-form [type=submit]")
    yield "asking for a code with an error"
    page.fill("#login-code", recovery_code)
    page.locator("#code-form [type=submit]").click()
    page.wait_for_url("**/todos")
    visitor.open("/confirm")
    yield "confirming with a code"
    visitor.open("/settings/second-factor/off")
    yield "the question before turning the second factor off"
    visitor.open("/settings/password")
    yield "a new password"
    send("#password-form")
    yield "a new password with an error"
    visitor.open("/settings/export")
    yield "your data"
    visitor.open("/settings/delete")
    yield "the question before deleting an account"
    send("#leave-form", user_name="somebody else")
    yield "deleting an account with errors"
    visitor.open("/confirm")
    yield "confirming"
    send("#confirm-form")
    yield "confirming with an error"


def office(visitor: ChromiumVisitor) -> Iterator[str]:
    """What an administrator sees, and whoever gets a link from one."""
    page, press = visitor.page, partial(press_first, visitor)
    visitor.open("/login")
    page.fill("#login-name", ADMINISTRATOR)
    page.fill("#login-password", PASSWORD)
    press("#login-form [type=submit]")
    visitor.open("/settings")
    yield "an administrator's settings"
    visitor.open("/admin")
    yield "the people"
    press("#people a:has-text('eva')")
    yield "somebody's account"
    press("#person [type=submit]")
    yield "an alert with a long address"
    link = page.locator("main .secrets code").inner_text()
    visitor.open("/reset/" + link.rpartition("/")[2])
    yield "choosing a new password"
    press("#reset-form [type=submit]")
    yield "choosing a new password with an error"
    visitor.open("/reset/x")
    yield "a link that does not work"
