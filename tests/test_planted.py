"""Planted text: scripts, markup and template code in every field there is are shown, everywhere, and never run."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.support.addresses import pages
from tests.support.terminal import Lynx
from tests.support.visitors import ChromiumVisitor, TerminalVisitor
from webapp.i18n import isolated

pytest_plugins = ["tests.support.chromium", "tests.support.live_server"]

PASSWORD = "seven small boats at noon"
CORPUS = (  # each fits into a name, and would open a dialog where it ran
    "<script>alert(1)</script>",
    "</title></script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>",
    '"><svg onload=alert(4)>',
    "' autofocus onfocus=alert(5) x='",
    '" onmouseover="alert(6)" style="position:fixed',
    "javascript:alert(7)",
    "<a href=javascript:alert(8)>here</a>",
    "<svg><a href=data:text/html,x><animate onbegin=alert()>",
    "<iframe srcdoc='<script>parent.alert(9)</script>'>",
    "</textarea></template><script>alert(10)</script>",
    "<math><mtext><mglyph><style><img src=x onerror=alert()>",
    "<div data-hx-get=/logout data-hx-trigger=load>",
    '<b data-hx-swap-oob="innerHTML:#alerts">planted</b>',
    "<base href=//evil.example><meta http-equiv=refresh>",
    "{{7907*13}}${7907*13}#{7907*13}{%print(7907*13)%}",
    "%(name)s %s {0} &lt;b&gt; &amp;",
    "<!--#exec cmd=ls--><?php echo 1 ?>",
    "\N{FULLWIDTH LESS-THAN SIGN}script> <\N{ZERO WIDTH SPACE}b> \N{RIGHT-TO-LEFT OVERRIDE}<u>",
    "`-alert(11)-` \\u003cscript\\u003e",
)
NAMES = [planted for planted in CORPUS if planted.startswith(("<script", '">', "' auto", "{{", "%(", "<b "))]
PLANTED = """() => [...document.querySelectorAll(
    "script:not([src^='/static/']), img:not([alt^='QR code']), iframe, math, base, meta[http-equiv], animate,"
    + "main svg, header svg, [onerror], [onload], [onfocus], [onbegin], [onmouseover], [data-hx-trigger=load],"
    + "a[href^='javascript:' i], a[href^='data:' i], #alerts b, main b, main u"
)].map(found => found.outerHTML)"""
REFLECTED = ("/todos?show=", "/?next=", "/login?next=", "/nowhere/")


@pytest.fixture
def mallory(chromium: Browser, live_url: str) -> Iterator[ChromiumVisitor]:
    """Somebody who plants, and whose browser has a planted name, too; looks at all of it."""
    with chromium.new_context(locale="en", user_agent="<script>alert('browser')</script>") as context:
        visitor = ChromiumVisitor(context, live_url)
        visitor.allowed += ["status of 4", "Status Error Code 4"]  # what is refused is told on the console
        dialogs: list[str] = []
        visitor.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        yield visitor
        assert dialogs == []
        assert visitor.complaints() == []  # no policy had to stop anything either


def check(visitor: ChromiumVisitor) -> None:
    """Fail if anything that was planted has become an element."""
    assert visitor.js(PLANTED) == []
    assert "102791" not in visitor.page.inner_text("body")  # what {{7907*13}} would be


def ids(visitor: ChromiumVisitor) -> list[str]:
    rows = visitor.page.locator("#todos > li").evaluate_all("rows => rows.map(row => row.id)")
    return [row.removeprefix("todo-") for row in rows]


def walk(visitor: ChromiumVisitor, app: Flask, todo: str, trashed: str) -> None:
    """Every page as a page, and as htmx brings it into one."""
    paths = [path for path in pages(app, todo, trashed) if not path.startswith("/debug/")]
    assert len(paths) > 12
    for path in paths:
        visitor.open(path)
        check(visitor)
    visitor.open("/todos")
    for path in paths:
        visitor.page.evaluate("path => htmx.ajax('GET', path, {target: '#main', swap: 'innerHTML'})", path)
        visitor.settle()
        visitor.page.wait_for_load_state()  # it may have been led on
        check(visitor)


def test_planted_todos_are_text_on_every_page(mallory: ChromiumVisitor, app: Flask) -> None:
    mallory.has(*CORPUS)
    assert mallory.titles() == list(CORPUS)
    check(mallory)
    todo, *_, trashed = ids(mallory)
    mallory.press("Delete", CORPUS[-1])
    assert CORPUS[-1] in mallory.alert()
    for title in CORPUS[:-1]:
        row = mallory.row(title)
        row.locator(".complete").click()
        mallory.settle()
        assert isolated(title) in mallory.page.locator("#alerts").inner_text()
        mallory.row(title).locator(".edit").click()
        mallory.settle()
        field = mallory.page.locator(".editor [type=text]")
        assert field.input_value() == title
        check(mallory)
        field.fill(title + "x" * 501)
        mallory.page.locator(".editor [type=submit]").first.click()
        mallory.settle()
        check(mallory)
        mallory.open("/todos")
        check(mallory)
    walk(mallory, app, todo, trashed)


@pytest.mark.parametrize("planted", NAMES)
def test_a_planted_name_and_user_name_are_text_on_every_page(
    mallory: ChromiumVisitor, app: Flask, planted: str
) -> None:
    mallory.has("Buy milk", "Call Rui", name=planted)
    todo, trashed = ids(mallory)
    mallory.press("Delete", "Call Rui")
    mallory.open("/register")
    check(mallory)
    assert mallory.field("User name").input_value() == planted
    mallory.fill("Password", PASSWORD)
    mallory.press("Make my account")
    assert planted in mallory.alert()
    mallory.open("/settings/tokens")
    mallory.page.locator("#tokens form").last.locator("[type=submit]").click()
    mallory.settle()
    walk(mallory, app, todo, trashed)
    mallory.open("/settings")
    mallory.press("Log out")
    mallory.open("/login")
    mallory.fill("User name", planted)
    mallory.fill("Password", "wrong")
    mallory.press("Log in")
    assert mallory.field("User name").input_value() == planted
    check(mallory)


@pytest.mark.parametrize("place", REFLECTED)
def test_a_planted_address_is_text(mallory: ChromiumVisitor, place: str) -> None:
    mallory.has("Buy milk")
    for planted in CORPUS:
        mallory.open(place + quote(planted, safe=""))
        check(mallory)


@pytest.mark.parametrize("letter", ["\x1b[31m", "\b", "\x07", "\x7f", "\x9b", "\u2028"], ids=ascii)
def test_control_characters_are_refused_and_shown_as_harmless_as_they_came(
    mallory: ChromiumVisitor, letter: str
) -> None:
    mallory.has("Buy milk")
    mallory.fill("What needs to be done?", f"Buy{letter}<img src=x onerror=alert(1)>")
    mallory.press("Add")
    assert "Take out the control characters" in mallory.text()
    check(mallory)
    assert mallory.titles() == ["Buy milk"]


def test_a_text_browser_shows_what_was_planted_as_it_was_typed(live_url: str) -> None:
    typed = [planted for planted in CORPUS if planted.isascii()][::2]
    with Lynx(live_url) as browser:
        reader = TerminalVisitor(browser, live_url)
        reader.fill("What's your name?", typed[0])
        reader.press("Begin")
        assert f"Welcome, {typed[0]}!" in reader.text()
        for planted in typed:
            reader.fill("What needs to be done?", planted)
            reader.press("Add")
            assert f"Added “{planted}”." in reader.text()
        assert [title for title in reader.titles() if title in typed] == typed
