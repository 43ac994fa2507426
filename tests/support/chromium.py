"""Finds and starts Chromium, and collects what it and axe-core have to say against a page."""

import os
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from tests.support.availability import require

PLAYWRIGHT = "playwright"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge", "microsoft-edge")
ARGUMENTS = (
    "--no-sandbox",  # Chromium refuses to start its sandbox for root, as whom containers run their tests
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def executable() -> str | None:
    """Return the browser to test with: a path, the word "playwright" for Playwright's own, or None for none at all.

    The environment variable RECADO_TEST_BROWSER decides, and if it is not set, what is found on the path.
    """
    chosen = os.environ.get("RECADO_TEST_BROWSER")
    if chosen is not None:
        return chosen or None
    return next(filter(None, map(shutil.which, NAMES)), None)


def launch(playwright: Playwright) -> Browser:
    """Start the browser without a window."""
    path = executable()
    require(path, "no Chromium was found; RECADO_TEST_BROWSER may name one")
    return playwright.chromium.launch(executable_path=None if path == PLAYWRIGHT else path, args=ARGUMENTS)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The running browser, one for all tests, since a process can run only one synchronous Playwright at a time."""
    with sync_playwright() as playwright, launch(playwright) as browser:
        yield browser


class WatchedPage:
    """A page together with everything its browser complained about."""

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()
        self._violations: list[str] = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self._violations.append(f"page error: {error}"))
        self.page.expose_function("reportViolation", lambda violation: self._violations.append(violation))
        self.page.add_init_script(
            """addEventListener("securitypolicyviolation", (event) => reportViolation(
                `policy violation: ${event.effectiveDirective} blocked ${event.blockedURI} ${event.sample}`.trim()
                + ` at ${event.sourceFile || event.documentURI}:${event.lineNumber}`
            ));"""
        )

    @property
    def violations(self) -> list[str]:
        """The console errors, uncaught exceptions and violations of a security policy so far."""
        # A turn of the page's event loop brings the events that are still on their way.
        self.page.evaluate("() => new Promise((resolve) => setTimeout(resolve))")
        return self._violations

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._violations.append(f"console error: {message.text} ({message.location['url']})")


def axe(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the page, one line for every rule and element."""
    # Axe is evaluated by the debugger, which the page's security policy does not apply to.
    options = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
    response = Axe().run(page, options=options).response
    return [
        f"{violation['id']} ({violation['impact']}) at {' '.join(map(str, node['target']))}: "
        + " ".join(node["failureSummary"].split())
        for violation in response["violations"]
        for node in violation["nodes"]
    ]
