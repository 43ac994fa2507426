"""Back, after leaving a shared computer: nothing of the list, from the history or from the browser's memory."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, TimeoutError

from tests.support.chromium import ARGUMENTS, PLAYWRIGHT, executable
from tests.support.people import PASSWORD
from tests.support.visitors import ChromiumVisitor, UnscriptedVisitor

pytest_plugins = ["tests.support.chromium", "tests.support.live_server"]

SECRET = "A secret"


@pytest.fixture(scope="module")
def remembering(chromium: Browser) -> Iterator[Browser]:
    """Chromium as people have it: with its memory of whole pages, which Playwright turns off."""
    path = None if executable() == PLAYWRIGHT else executable()
    with chromium.browser_type.launch(
        executable_path=path, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
    ) as browser:
        yield browser


@pytest.fixture(params=[ChromiumVisitor, UnscriptedVisitor], ids=lambda kind: kind.__name__)
def ana(request: pytest.FixtureRequest, remembering: Browser, live_url: str) -> Iterator[ChromiumVisitor]:
    with remembering.new_context(locale="en", java_script_enabled=request.param is ChromiumVisitor) as context:
        yield request.param(context, live_url)


def register(ana: ChromiumVisitor) -> str:
    name = f"ana-{uuid4().hex}"
    ana.post("/register", user_name=name, password=PASSWORD)
    return name


def log_out(ana: ChromiumVisitor) -> None:
    register(ana)
    look_around(ana)
    ana.press("Log out")
    assert "You are logged out." in ana.text()


def be_forgotten(ana: ChromiumVisitor) -> None:
    look_around(ana)
    ana.open("/forget")
    ana.press("Forget me and my list")
    assert "You are forgotten, and so is your list." in ana.text()


def delete(ana: ChromiumVisitor) -> None:
    name = register(ana)
    look_around(ana)
    ana.press("Delete my account")
    ana.fill("User name", name)
    ana.fill("Password", PASSWORD)
    ana.press("Delete my account")
    assert "Your account is shut." in ana.text()


def look_around(ana: ChromiumVisitor) -> None:
    ana.open("/todos")
    assert ana.titles() == [SECRET]
    ana.press("Edit", SECRET)
    ana.open("/todos?show=active")
    ana.open("/settings")


def back(ana: ChromiumVisitor) -> bool:
    """Go back; whether there was a page to go back to."""
    try:
        ana.page.go_back()
    except TimeoutError:  # such a page is not loaded
        pytest.fail(f"{ana.page.url} came from the browser's memory")
    return "about:blank" not in ana.page.url


@pytest.mark.parametrize("leave", [log_out, be_forgotten, delete], ids=lambda leave: leave.__name__)
def test_back_shows_nothing(ana: ChromiumVisitor, leave: Callable[[ChromiumVisitor], None]) -> None:
    ana.has(SECRET)
    leave(ana)
    pages = 0
    while back(ana):
        pages += 1
        assert SECRET not in ana.page.content()
        assert "/?next=" in ana.page.url or ana.page.url == f"{ana.url}/" or "What's your name?" in ana.text()
        assert pages < 20
    assert pages >= 3


def test_a_page_that_is_no_secret_does_come_from_the_browsers_memory(remembering: Browser, live_url: str) -> None:
    with remembering.new_context(locale="en") as context:
        eva = ChromiumVisitor(context, live_url)
        eva.open("/")
        eva.js("window.remembered = true")
        eva.open("/login")
        eva.js("history.back()")
        eva.page.wait_for_function("() => window.remembered")
        assert eva.js("location.pathname") == "/"
