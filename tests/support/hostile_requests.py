"""What tests of desperate people need: a server behind a line that breaks, and visitors who come to it."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser

from tests.support.live_server import server
from tests.support.slow_line import Line, line_to
from tests.support.terminal import Lynx, W3m
from tests.support.visitors import ChromiumVisitor, TerminalVisitor, UnscriptedVisitor

BOX = "What needs to be done?"
LINES = "One to-do a line"
NAME = "What's your name?"
ADDED = "Added “Buy milk”."
NO_ANSWER = "Recado did not answer. What you typed is still here; please try again."
EXPECTED = ["status of 4", "Status Error Code 4", "Failed to load resource", "htmx"]  # on the console


class House(NamedTuple):
    """A server, and a hand in its database."""

    url: str
    database: Path

    def run(self, statement: str) -> None:
        opened = sqlite3.connect(self.database)
        opened.execute("PRAGMA foreign_keys = ON")
        with opened:
            opened.execute(statement)
        opened.close()

    def let_ten_seconds_pass(self) -> None:
        """Longer than any answer keeps a message to itself."""
        self.run("UPDATE session_entry SET claimed_at = strftime('%Y-%m-%d %H:%M:%f000', claimed_at, '-11 seconds')")

    def let_an_hour_pass(self) -> None:
        self.run("UPDATE change SET created_at = strftime('%Y-%m-%d %H:%M:%f000', created_at, '-61 minutes')")

    def end_all_sessions(self) -> None:
        self.run("DELETE FROM browser_session")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = tmp_path_factory.mktemp("house")
    with server(data) as url:
        yield House(url, data / "recado.sqlite3")


@pytest.fixture
def line(house: House) -> Iterator[Line]:
    with line_to(house.url) as line:
        yield line


@pytest.fixture
def scripted(chromium: Browser, line: Line) -> Iterator[ChromiumVisitor]:
    yield from visitor_of(chromium, line, ChromiumVisitor)


@pytest.fixture(params=[ChromiumVisitor, UnscriptedVisitor], ids=["scripted", "unscripted"])
def lea(request: pytest.FixtureRequest, chromium: Browser, line: Line) -> Iterator[ChromiumVisitor]:
    """Eva at a line that may fail her, with JavaScript and without."""
    yield from visitor_of(chromium, line, request.param)


@pytest.fixture
def unscripted(chromium: Browser, line: Line) -> Iterator[ChromiumVisitor]:
    yield from visitor_of(chromium, line, UnscriptedVisitor)


@pytest.fixture(params=[Lynx, W3m], ids=lambda kind: kind.__name__)
def reader(request: pytest.FixtureRequest, house: House) -> Iterator[TerminalVisitor]:
    """Somebody at a text browser, with an empty list and her welcome read."""
    with request.param(house.url) as browser:
        visitor = TerminalVisitor(browser, house.url)
        visitor.fill(NAME, "Eva")
        visitor.press("Begin")
        visitor.press("To-dos")
        yield visitor


def visitor_of(chromium: Browser, line: Line, kind: type[ChromiumVisitor]) -> Iterator[ChromiumVisitor]:
    scripted = kind is not UnscriptedVisitor
    with chromium.new_context(locale="en", java_script_enabled=scripted, reduced_motion="reduce") as context:
        visitor = kind(context, line.url)
        visitor.allowed += EXPECTED
        yield visitor
        if not visitor.page.is_closed():
            assert visitor.complaints() == []


def is_scripted(lea: ChromiumVisitor) -> bool:
    return not isinstance(lea, UnscriptedVisitor)


def pointer_at(lea: ChromiumVisitor, name: str) -> Callable[..., None]:
    """A mouse on a button, which presses it at once: while a page is loading, too."""
    box = lea.control(name).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return lambda clicks=1: lea.page.mouse.click(x, y, click_count=clicks)


def press_f5(lea: ChromiumVisitor) -> None:
    """Load the page again, whether or not another is on its way."""
    with lea.page.expect_event("load"):
        lea.context.new_cdp_session(lea.page).send("Page.reload")


def another_tab(lea: ChromiumVisitor, path: str = "/todos") -> ChromiumVisitor:
    tab = type(lea)(lea.context, lea.url)
    tab.open(path)
    return tab


def press_elsewhere(lea: ChromiumVisitor, name: str, of: str = "", path: str = "/todos") -> None:
    """Press something in another tab, and come back to this one."""
    tab = another_tab(lea, path)
    tab.press(name, of)
    told(tab)
    tab.page.close()
    lea.page.bring_to_front()  # Chromium draws no other, and takes seconds for each press there


def told(lea: ChromiumVisitor) -> str:
    """What the alerts say, as soon as they do."""
    lea.page.wait_for_selector("#alerts .alert-text")
    return lea.alert()


def assert_told_once(lea: ChromiumVisitor, house: House, message: str) -> None:
    """That the message is on the page now, and never again."""
    assert told(lea) == message
    for _ in range(2):
        lea.open("/todos")
        assert lea.alert() == ""
        house.let_ten_seconds_pass()
