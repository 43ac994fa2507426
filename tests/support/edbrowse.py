"""Drives edbrowse, which edits a page line by line as ed edits a text, with its stock settings."""

import itertools
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self
from urllib.parse import urljoin

from tests.support.availability import require
from tests.support.visitors import ROW, TextVisitor

ADDRESS = re.compile(r"(http\S+)\.browse$", re.MULTILINE)
CONTROL = re.compile(r"([<{])([^<>{}]*)[>}]")  # <a button or a field>, {a link}


class EdbrowseVisitor(TextVisitor):
    """Somebody at edbrowse, who reads the page from its first line to its last."""

    def __init__(self, url: str) -> None:
        require(shutil.which("edbrowse"), "edbrowse is not installed")
        self.url = url
        self._home = tempfile.TemporaryDirectory(prefix="edbrowse-", ignore_cleanup_errors=True)
        settings = Path(self._home.name) / ".ebrc"
        settings.touch()  # else it makes one and ends
        self._edbrowse = subprocess.Popen(
            ["edbrowse"],
            env={"PATH": os.environ["PATH"], "HOME": self._home.name, "LANG": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self._marks = itertools.count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._edbrowse.kill()
        self._edbrowse.communicate()
        self._home.cleanup()

    def open(self, path: str) -> None:
        self._command(f"b {urljoin(self.url, path)}")

    def press(self, name: str, of: str = "") -> None:
        page = self._page()
        controls = [found for found in CONTROL.finditer(page) if found[2] == name]
        lines = [page.rfind("\n", 0, found.start()) for found in re.finditer(re.escape(of), page)] if of else [0]
        ways = [(found.start() - line, found) for found in controls for line in lines if found.start() >= line]
        assert ways, f"no {name!r} {of!r} on the page:\n{page}"
        found = min(ways, key=lambda way: way[0])[1]
        before = page[: found.end()].split("\n")
        number = before[-1].count(found[1])
        self._command(str(len(before)), f"i{number}*" if found[1] == "<" else f"g{number}")

    def fill(self, label: str, text: str) -> None:
        page = self._page()
        found = re.search(rf"{re.escape(label)}\s*<", page)
        assert found, f"no field {label!r} on the page:\n{page}"
        lines = page[: found.end()].split("\n")
        self._command(str(len(lines)), f"i{lines[-1].count('<')}={text}")

    def reload(self) -> None:
        self._command("rf")

    def back(self) -> None:
        self._command("^")

    def text(self) -> str:
        return " ".join(re.sub(r"[<>{}]", " ", self._page()).split())

    def rows(self) -> list[tuple[str, bool]]:
        return [(title, button == "Reopen") for button, title in ROW.findall(self.text())]

    def address(self) -> str:
        found = ADDRESS.search(self._command("f"))
        assert found
        return found[1]

    def _page(self) -> str:
        return self._command(",p")

    def _command(self, *commands: str) -> str:
        """What edbrowse says to these commands."""
        mark = f"mark {next(self._marks)}"
        assert self._edbrowse.stdin
        assert self._edbrowse.stdout
        self._edbrowse.stdin.write("\n".join([*commands, f"!echo {mark}", ""]))
        self._edbrowse.stdin.flush()
        said = []
        while (line := self._edbrowse.stdout.readline().rstrip("\n")) != mark:
            said.append(line)
            assert self._edbrowse.poll() is None, said
        return "\n".join(line for line in said if line != "ok")
