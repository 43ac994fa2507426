"""Text browsers: each message is seen once, Back does nothing twice, no text is lost, and nobody waits for nothing."""

import time

import pytest

from tests.support.hostile_requests import ADDED, BOX, LINES, NAME, House
from tests.support.terminal import Lynx
from tests.support.visitors import TerminalVisitor

pytest_plugins = ["tests.support.chromium", "tests.support.live_server", "tests.support.hostile_requests"]

# ---- Text browsers


class Walk:
    """What somebody reads from page to page."""

    def __init__(self, reader: TerminalVisitor, house: House, *, slowly: bool) -> None:
        self.reader = reader
        self.house = house
        self.slowly = slowly
        self.pages: list[str] = []

    def press(self, name: str, of: str = "") -> None:
        self.reader.press(name, of)
        self.look()

    def add(self, title: str) -> None:
        self.reader.fill(BOX, title)
        self.press("Add")

    def look(self) -> None:
        self.pages.append(self.reader.text())
        if self.slowly:
            self.house.let_ten_seconds_pass()

    def times(self, message: str) -> int:
        return sum(page.count(message) for page in self.pages)


@pytest.mark.parametrize("slowly", [False, True], ids=["fast", "slowly"])
def test_a_text_browser_shows_each_message_once(reader: TerminalVisitor, house: House, slowly: bool) -> None:
    walk = Walk(reader, house, slowly=slowly)
    walk.add("Buy milk")
    walk.press("Trash")
    walk.press("To-dos")
    walk.press("Active")
    walk.add("Call Rui")
    walk.press("Delete", "Call Rui")
    walk.press("Undo")
    walk.press("Delete", "Buy milk")
    walk.press("Trash")
    walk.press("Restore")
    walk.press("To-dos")
    walk.press("Home")
    messages = ("Added “Buy milk”", "Added “Call Rui”", "Deleted “Call Rui”", "Undone.", "Deleted “Buy milk”")
    for message in (*messages, "“Buy milk” is back on your list."):
        assert walk.times(message) == 1, message


def test_a_token_is_described_made_and_revoked_in_a_text_browser(reader: TerminalVisitor) -> None:
    reader.open("/settings/tokens")
    reader.fill("What is it for?", "Backup")
    reader.browser.choose("It may", "read and change your list")
    reader.browser.choose("It expires", "never")
    reader.press("Make a token")
    shown = reader.text()
    assert "Copy it now: it is shown only this once." in shown
    assert "It may read and change your list. Made on" in shown
    assert "Never expires Never used" in shown
    reader.press("Revoke")
    assert "That token no longer works." in reader.text()


def test_back_in_a_text_browser_and_unchanged_again_adds_one_row(reader: TerminalVisitor) -> None:
    reader.open("/todos/new")
    reader.fill(LINES, "Buy milk")
    reader.press("Add all")
    reader.back()
    reader.press("Add all")
    assert reader.titles() == ["Buy milk"]


def test_back_in_a_text_browser_and_something_else_is_asked_about(reader: TerminalVisitor) -> None:
    reader.open("/todos/new")
    reader.fill(LINES, "Buy milk")
    reader.press("Add all")
    reader.back()
    reader.fill(LINES, "Call Rui")
    reader.press("Add all")
    assert "You already sent this form. Send it again to save this as well." in reader.text()
    assert "Call Rui" in reader.text()
    reader.press("Add all")
    assert reader.titles() == ["Buy milk", "Call Rui"]


def test_who_is_forgotten_in_a_text_browser_finds_the_form_filled(reader: TerminalVisitor, house: House) -> None:
    reader.fill(BOX, "Buy milk")
    house.end_all_sessions()
    reader.press("Add")
    reader.fill(NAME, "Eva")
    reader.press("Begin")
    assert "Buy milk" in reader.text()
    reader.press("Add")
    assert ADDED in reader.text()
    assert reader.titles() == ["Buy milk"]


class PatientLynx(Lynx):
    """Its clock runs so much slower that its waiting stands out from our pressing."""

    speed = 3


def test_lynx_stands_still_after_a_form_only_as_for_any_redirect(house: House) -> None:
    with PatientLynx(house.url) as lynx:
        reader = TerminalVisitor(lynx, house.url)
        reader.fill(NAME, "Eva")
        reader.press("Begin")
        reader.fill(BOX, "Buy milk")
        pressed = time.monotonic()
        reader.press("Add")
        seconds = (time.monotonic() - pressed) * lynx.speed
        assert seconds < 6  # two of lynx's own, and our pressing; it was seven and our pressing
