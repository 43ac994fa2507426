"""Drives the text browsers lynx and w3m through a real terminal, with the keys that a person would press.

Links and ELinks are in dialogs.py, edbrowse in edbrowse.py. All run with their stock settings.
"""

import itertools
import os
import re
import shutil
import subprocess
import tempfile
import time
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, NamedTuple, Self

from tests.support.availability import require

COLUMNS = 120
ROWS = 200  # so tall that every page of the application fits and none has to be scrolled; w3m uses no more than 200
POLL = 0.02
TIMEOUT = 10.0

CONTROL_NUMBER = re.compile(r"\[(\d+)]")


class Control(NamedTuple):
    """A link, button or field as it stands on the screen."""

    number: int | None  # w3m does not show a number for a textarea
    row: int
    column: int


class TextBrowser(ABC):
    """A text browser in a terminal of its own.

    The browsers are told to put a number such as [12] in front of every link, button and field, which makes it
    possible to go to precisely one of several controls of the same name.  The numbers are taken out of the text that
    the tests see; a number in square brackets that belongs to the page is lost with them.

    Every action returns when the browser has drawn its result and waits for the next key.
    """

    name: ClassVar[str]
    page_lines: ClassVar[slice]  # where the page stands on the screen, with the browser's status line below it
    idle_prompt: ClassVar[tuple[str, str]]  # a key and the prompt it opens, which takes that key for text
    address_prompt: ClassVar[tuple[str, str]]  # a key and the prompt it opens, which shows the page's address
    field: ClassVar[str]  # the pattern of a field on the screen, up to its first character
    reload_keys: ClassVar[tuple[str, ...]]
    back_key: ClassVar[str]

    def __init__(self, url: str) -> None:
        for tool in ("tmux", self.name):
            require(shutil.which(tool), f"{tool} is not installed")
        self._home = tempfile.TemporaryDirectory(prefix=f"{self.name}-", ignore_cleanup_errors=True)
        self.home = Path(self._home.name)
        self._typed = self.home / "typed"
        editor = self.home / "editor"
        editor.write_text(f'#!/bin/sh\nmv "{self._typed}" "$1"\n')
        editor.chmod(0o755)
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            "LANG": "C.UTF-8",
            "EDITOR": str(editor),
        }
        try:
            self._tmux(
                *("start-server", ";"),
                *("set-option", "-g", "status", "off", ";"),
                # Should the browser end, the screen keeps its last words for the message of the failing test.
                *("set-option", "-g", "remain-on-exit", "on", ";"),
                *("new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), *self._command(editor), url),
            )
            self._settle()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the browser together with its terminal, which leaves it no chance to ask whether to quit."""
        self._tmux("kill-server", check=False)
        self._home.cleanup()

    # What the screen shows.

    def screen(self) -> str:
        """Return the lines on the screen, the browser's own included, such as lynx's title and w3m's status."""
        return CONTROL_NUMBER.sub("", self._capture())

    def text(self) -> str:
        """Return the whole page as one line of words, so that it does not matter where the browser broke its lines."""
        page = self.screen().split("\n")[self.page_lines]
        assert not any(page[-5:]), self._complaint("the page is longer than the terminal")
        return _one_line("\n".join(page))

    def url(self) -> str:
        """Return the address of the page."""
        url = self._open_address_prompt()
        self._cancel_prompt(self.address_prompt[1])
        return url

    def wait_for(self, text: str, timeout: float = TIMEOUT) -> None:
        """Wait until the screen holds a text, wherever its lines are broken."""
        wanted = _one_line(text)
        self._poll(lambda: wanted in _one_line(self.screen()), f"{text!r} did not appear", timeout)

    def wait_gone(self, text: str, timeout: float = TIMEOUT) -> None:
        """Wait until the screen no longer holds a text."""
        unwanted = _one_line(text)
        self._poll(lambda: unwanted not in _one_line(self.screen()), f"{text!r} did not go away", timeout)

    # What a person does.

    def open(self, url: str) -> None:
        """Go to an address."""
        self._open_address_prompt()
        self._keys("C-u")
        self._type(url)
        self._keys("Enter")
        self._settle()

    def follow(self, label: str, *, after: str = "", before: str = "") -> None:
        """Follow a link, chosen like the control of press."""
        self.press(label, after=after, before=before)

    def press(self, label: str, *, after: str = "", before: str = "") -> None:
        """Activate a button, checkbox or link by its text, or the first words of it.

        Of several the first is meant, or the one that follows most closely after a text or stands most closely before
        it; so a text that a message mentions at the top of the page still leads to its own row.
        """
        # Lynx writes "[1]Save", "[2]( ) Red" and "[3][X] Done", w3m "[1][Save]", "[2]( )Red" and "[3][*]Done".
        control = rf"\[(\d+)](?:\[[ X*]]|\([ *]\)|\[)? ?{_pattern(label)}"
        self._activate(self._find(control, f"control {label!r}", after, before))
        self._settle()

    @abstractmethod
    def fill(self, label: str, text: str, *, after: str = "") -> None:
        """Replace what stands in the text field or textarea that follows a label."""

    def choose(self, label: str, option: str, *, after: str = "") -> None:
        """Choose an option of the drop-down list that follows a label."""
        self._activate(self._field(label, after))
        self._poll(lambda: "└" in self._capture(), f"no list of options opened for {label!r}")
        # Lynx writes "│ 2: (2)__Low    │", w3m "│Low    │".
        options = [line.split("│")[1].split("__")[-1].strip() for line in self.screen().split("\n") if "│" in line]
        assert option in options, self._complaint(f"no option {option!r} among {options}")
        self._keys("C-a", *["Down"] * options.index(option), "Enter")
        self._settle()

    def reload(self) -> None:
        """Fetch the page again.

        If it is the answer to a form, w3m sends the form again without asking.  Lynx asks, but after a yes it has been
        seen to load the page before the form (2.9.0dev.12).
        """
        self._keys(*self.reload_keys)
        self._settle()

    def back(self) -> None:
        """Go back to the page before."""
        self._keys(self.back_key)
        self._settle()

    # What differs between the browsers.

    @abstractmethod
    def _command(self, editor: Path) -> list[str]:
        """Return the command that starts the browser with its own settings, but for what the tests find controls by."""

    @abstractmethod
    def _go_to(self, control: Control) -> None:
        """Put the cursor on a control."""

    # Controls.

    def _activate(self, control: Control) -> None:
        self._go_to(control)
        self._keys("Enter")

    def _field(self, label: str, after: str) -> Control:
        # Nothing but punctuation may stand between them, lest a mere mention of the label leads to some other control.
        return self._find(rf"{_pattern(label)}[^\w\[]*{self.field}", f"field with the label {label!r}", after)

    def _find(self, pattern: str, what: str, after: str, before: str = "") -> Control:
        screen = self._capture()
        texts = [(0, 0)]  # the top
        if after or before:
            texts = [match.span() for match in re.finditer(_pattern(after or before), screen)]
        distances = [
            (start - match.end() if before else match.start() - end, match)
            for match in re.finditer(pattern, screen)
            for start, end in texts
        ]
        near = min((pair for pair in distances if pair[0] >= 0), key=lambda pair: pair[0], default=None)
        place = f" before {before!r}" if before else f" after {after!r}" if after else ""
        assert near, self._complaint(f"no {what}{place}")
        match = near[1]
        lines = screen[: match.end(1) + 1 if match[1] else match.end()].split("\n")
        return Control(int(match[1]) if match[1] else None, len(lines) - 1, _width(lines[-1]))

    # Keys and prompts.

    def _settle(self) -> None:
        """Wait until the browser has drawn the page, since it opens a prompt only then."""
        self._open_idle_prompt()
        self._cancel_prompt(self.idle_prompt[1])

    def _open_idle_prompt(self) -> None:
        key, prompt = self.idle_prompt
        polls = itertools.count()

        def opened() -> bool:
            # Lynx drops keys that are typed while it loads a page, so the key is repeated until it has its effect.
            if next(polls) % 3 == 0:
                self._type(key)
            return prompt in self._status()

        self._poll(opened, f"the browser did not come to rest with the prompt {prompt!r}")

    def _open_address_prompt(self) -> str:
        key, prompt = self.address_prompt
        self._type(key)
        self._poll(lambda: prompt in self._status(), f"no prompt {prompt!r}")
        return self._status().partition(prompt)[2].strip()

    def _cancel_prompt(self, prompt: str) -> None:
        self._keys("C-g")
        self._poll(lambda: prompt not in self._status(), f"the prompt {prompt!r} did not go away")

    def _keys(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def _type(self, text: str) -> None:
        # A semicolon at the end of an argument would end the command for tmux.
        self._tmux("send-keys", "-l", "--", re.sub(r";$", r"\;", text))

    # The terminal.

    def _status(self) -> str:
        line: str = self._capture().split("\n")[self.page_lines.stop]
        return line

    def _capture(self) -> str:
        return self._tmux("capture-pane", "-p").removesuffix("\n").replace("\N{NO-BREAK SPACE}", " ")  # as in ELinks

    def _poll(self, condition: Callable[[], bool], complaint: str, timeout: float = TIMEOUT) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, self._complaint(f"{complaint} within {timeout} s")
            time.sleep(POLL)

    def _complaint(self, message: str) -> str:
        screen = re.sub(r"\n{3,}", "\n\n", self._capture().strip())
        return f"{message} in {self.name}:\n{screen}"

    def _tmux(self, *arguments: str, check: bool = True) -> str:
        # The private socket and the empty configuration keep the terminals of a person and of other tests out of it.
        command = ["tmux", "-u", "-f", os.devnull, "-S", str(self.home / "tmux"), *arguments]
        result: subprocess.CompletedProcess[str] = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, encoding="utf-8", timeout=TIMEOUT
        )
        assert not check or result.returncode == 0, f"tmux failed: {result.stderr}"
        return result.stdout


class Lynx(TextBrowser):
    """The text browser lynx.

    It shows a page it has seen before from its memory, unless the page came with no-cache or max-age=0, for no-store
    alone means nothing to it; back always does so.  It sends no Referer from a page whose address has a query.

    It stands still for seconds to tell of redirects, cookies and the like; so its clock runs faster than ours.
    """

    name = "lynx"
    speed = 50
    page_lines = slice(1, -3)
    idle_prompt = ("0", "Follow link (or goto link or page) number:")
    address_prompt = ("G", "Edit this document's URL:")
    field = r"\[(\d+)]"  # links and buttons look the same
    reload_keys = ("C-r", "y")  # the y is for the question whether to send a form again, and else has no effect
    back_key = "Left"

    def fill(self, label: str, text: str, *, after: str = "") -> None:
        self._go_to(self._field(label, after))
        kind = self._status()
        assert kind.startswith(("(Text", "(Password")), self._complaint(f"no field with the label {label!r}")
        if kind.startswith("(Textarea)"):
            self._typed.write_text(text, encoding="utf-8")
            self._keys("Enter", "C-x", "e")
            self._poll(lambda: not self._typed.exists(), "the editor did not start")
        else:
            self._keys("Enter", "C-u")
            self._type(text)
            self._keys("Tab")
        self._settle()

    def _command(self, editor: Path) -> list[str]:
        # Its own settings, but for numbers before all controls, fields that take no key for text before Enter, and the
        # answer to its question about cookies.
        command = ["lynx", "-number_fields", "-tna", "-accept_all_cookies", f"-editor={editor}"]
        faketime = shutil.which("faketime")
        require(faketime, "faketime is not installed")
        return [str(faketime), "-f", f"+0 x{self.speed}", *command]

    def _go_to(self, control: Control) -> None:
        # A textarea that grew in the editor shifts the numbers of all that follows, but lynx keeps the old ones on
        # the screen.  So the number is the least it can be, and the cursor tells whether it is the right one.
        assert control.number
        numbers = itertools.cycle(range(control.number, control.number + 20))
        self._poll(lambda: self._is_at(control, next(numbers)), f"no way to {control}")

    def _is_at(self, control: Control, number: int) -> bool:
        prompt = self.idle_prompt[1]
        self._keys("C-a")  # to the first link: lynx stands still for a second to say that it already is at a number
        self._open_idle_prompt()
        if number == 1:
            self._keys("C-g", "C-a")
            return any(self._is_on(control) or time.sleep(POLL) for _ in range(25))
        self._keys("C-u")
        self._type(f"{number}g")
        self._poll(lambda: self._status().rstrip().endswith(f" {number}g"), "the number was not taken")
        self._keys("Enter")
        self._poll(lambda: prompt not in self._status(), f"the prompt {prompt!r} did not go away")
        return self._is_on(control)

    def _is_on(self, control: Control) -> bool:
        column, row = map(int, self._tmux("display-message", "-p", "#{cursor_x} #{cursor_y}").split())
        return row == control.row and abs(column - control.column) <= 1


class W3m(TextBrowser):
    """The text browser w3m.

    It shows a page from its memory only after back.
    """

    name = "w3m"
    page_lines = slice(0, -1)
    idle_prompt = ("/", "Forward:")
    address_prompt = ("U", "Goto URL:")
    field = r"(?:\[(\d+)])?\[(?!\d+])"
    reload_keys = ("R",)
    back_key = "B"

    def fill(self, label: str, text: str, *, after: str = "") -> None:
        field = self._field(label, after)
        if field.number is None:
            self._typed.write_text(text, encoding="utf-8")
            self._activate(field)
            self._poll(lambda: not self._typed.exists(), "the editor did not start")
        else:
            self._activate(field)
            self._poll(lambda: self._status().startswith(("TEXT:", "Password:")), f"no prompt for {label!r}")
            self._keys("C-u")
            self._type(text)
            self._keys("Enter")
        self._settle()

    def _command(self, editor: Path) -> list[str]:
        return ["w3m", "-o", "display_link_number=1", "-o", f"editor={editor}"]

    def _go_to(self, control: Control) -> None:
        if control.number is None:
            self._type(f"{control.row + 1}G^{control.column}l")
        else:
            self._type(f"{control.number}[")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _pattern(text: str) -> str:
    """Match a text as whole words, wherever its lines are broken."""
    words = r"\s+".join(map(re.escape, text.split()))
    return rf"(?<!\w){words}(?!\w)"
