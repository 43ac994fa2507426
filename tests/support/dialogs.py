"""Drives Links and ELinks, which draw dialogs over the page, through a real terminal with their stock settings."""

import re
import time
from typing import ClassVar

from tests.support.terminal import POLL, TIMEOUT, Control, TextBrowser

STILL = 0.15  # seconds in which the screen stays as it is before the page counts as drawn
LOADING = re.compile(
    r"Looking up|Making connection|Request sent|Sending|Receiv|SSL neg|Connecting|Waiting|Transferring"
)
EDITED = re.compile(r"(Text|Password) field|(Text|Password) (input|area)|Text area")
DIALOGS = ("Welcome to links!", "Welcome to ELinks!", "Do you want to post form data")  # the browsers' own


class Dialogs(TextBrowser):
    """A text browser that loads pages while its keys go on working; only numbers are added to its settings."""

    page_lines = slice(1, -1)
    field = r"\[(\d+)](?=_|\w|\*)"
    reload_keys = ("C-r",)
    back_key = "Left"
    number_dialog: ClassVar[str] = "Enter link number"
    address_dialog: ClassVar[str] = "Enter URL"
    address_key: ClassVar[str]

    def fill(self, label: str, text: str, *, after: str = "") -> None:
        self._go_to(self._field(label, after))
        self._open_field()
        self._keys("C-u", "End", "C-u")
        self._type(text)
        self._keys("Down")
        self._settle()

    def open(self, url: str) -> None:
        self._leave_field()
        self._type("g")
        self.wait_for(self.address_dialog)
        self._keys("C-u")
        self._type(url)
        self._keys("Enter")
        self._settle()

    def reload(self) -> None:
        self._leave_field()
        super().reload()

    def back(self) -> None:
        self._leave_field()
        super().back()

    def url(self) -> str:
        self._leave_field()
        self._type(self.address_key)
        self.wait_for(self.address_dialog)
        lines = self.screen().split("\n")
        (row,) = (number for number, line in enumerate(lines) if self.address_dialog in line)
        address = lines[row + 1].split("|")[1].strip()
        self._keys("Escape")
        self.wait_gone(self.address_dialog)
        return address

    def _open_field(self) -> None:
        """Let the field take keys that are no commands."""

    def _settle(self) -> None:
        self._rest(STILL)
        self._leave_field()
        self._keys("Home")  # an address with a # leads down the page, however tall the terminal is
        self._rest(STILL / 3)

    def _rest(self, seconds: float) -> None:
        since, seen = time.monotonic(), self._capture()

        def still() -> bool:
            nonlocal since, seen
            if (now := self._capture()) != seen or not now.strip() or LOADING.search(self._status()):
                since, seen = time.monotonic(), now
            return time.monotonic() - since > seconds

        self._poll(still, "the browser did not come to rest")
        for words in DIALOGS:
            if words in self.screen():
                self._keys("Enter")
                self.wait_gone(words)
                self._rest(seconds)

    def _leave_field(self) -> None:
        deadline = time.monotonic() + TIMEOUT
        while EDITED.match(self._status().strip()):
            assert time.monotonic() < deadline, self._complaint("no way out of the field")
            self._keys("Down")
            time.sleep(POLL)

    def _activate(self, control: Control) -> None:
        before = self._page()
        self._go_to(control)
        # Now and then the Enter that closes the dialog is taken for the control's own, too.
        if not LOADING.search(self._status()) and self._page() == before:
            self._keys("Enter")

    def _go_to(self, control: Control) -> None:
        self._leave_field()
        self._type(str(control.number)[0])
        self.wait_for(self.number_dialog)
        if rest := str(control.number)[1:]:
            self._type(rest)
        self._keys("Enter")
        self.wait_gone(self.number_dialog)
        self._rest(STILL / 3)

    def _page(self) -> list[str]:
        return self._capture().split("\n")[:-1]


class Links(Dialogs):
    """The text browser Links: it keeps pages in memory, and takes them from there for a redirect."""

    name = "links"
    address_key = "G"

    def _command(self, _editor: object) -> list[str]:
        return ["links", "-html-numbered-links", "1"]


class ELinks(Dialogs):
    """The text browser ELinks."""

    name = "elinks"
    address_key = "G"

    def _open_field(self) -> None:
        self._keys("Enter")

    def _command(self, _editor: object) -> list[str]:
        return ["elinks", "-eval", "set document.browse.links.numbering = 1"]
