"""Whoever types faster than the line is: in Firefox and in WebKitGTK, key by key; and with the line gone in the middle.

tests/test_typing.py tells the same of Chromium, in more detail. RECADO_LATENCY says another latency, in seconds.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest

from tests.support.visitors import FIELD, DrivenVisitor
from tests.support.webdriver import ELEMENT, ENTER, Driven

pytest_plugins = ["tests.support.webdriver", "tests.support.live_server"]

KEY = 0.09  # seconds between two keys
LATENCY = float(os.environ.get("RECADO_LATENCY", "0.7"))
SHOPPING = ["milk", "bread", "eggs"]


class Latency:
    """A line to the server on which each request is under way for a while, or that is gone."""

    def __init__(self, url: str, seconds: float) -> None:
        self._server = urlsplit(url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.seconds = seconds
        self.gone = False
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                if self.gone:
                    browser.close()
                    continue
                server = socket.create_connection((str(self._server.hostname), int(self._server.port or 80)))
                threading.Thread(target=self._carry, args=(browser, server, True), daemon=True).start()
                threading.Thread(target=self._carry, args=(server, browser, False), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, request: bool) -> None:
        with suppress(OSError):
            while said := source.recv(1 << 16):
                if request and said.startswith(b"POST"):
                    time.sleep(self.seconds)
                    if self.gone:
                        break
                target.sendall(said)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def somebody(browser: Driven, live_url: str) -> Iterator[tuple[DrivenVisitor, Latency]]:
    line = Latency(live_url, 0)
    try:
        visitor = DrivenVisitor(browser, line.url)
        visitor.open("/")
        visitor.fill("What's your name?", "Eva")
        visitor.press("Begin")
        yield visitor, line
    finally:
        line.close()


def type_fast(visitor: DrivenVisitor, text: str) -> None:
    box = visitor.browser.js(FIELD, "What needs to be done?")[ELEMENT]
    visitor.browser.click(box)
    for key in text:
        visitor.browser.press(key)
        time.sleep(KEY)


def until_listed(visitor: DrivenVisitor, titles: list[str]) -> None:
    until = time.monotonic() + 10 + 4 * LATENCY
    while visitor.titles() != titles:
        assert time.monotonic() < until, visitor.text()
        time.sleep(0.05)


@pytest.fixture(params=["firefox", "webkit"])
def driven(request: pytest.FixtureRequest) -> Driven:
    browser: Driven = request.getfixturevalue(request.param)
    return browser


def test_each_line_becomes_a_todo_in_its_order_however_slow_the_line_is(driven: Driven, live_url: str) -> None:
    with somebody(driven, live_url) as (eva, line):
        line.seconds = LATENCY
        type_fast(eva, "".join(title + ENTER for title in SHOPPING))
        until_listed(eva, SHOPPING)
        eva.reload()
        assert eva.titles() == SHOPPING


def test_a_line_that_goes_in_the_middle_loses_and_doubles_nothing(driven: Driven, live_url: str) -> None:
    with somebody(driven, live_url) as (eva, line):
        line.seconds = 0.3
        type_fast(eva, "milk" + ENTER + "br")
        until_listed(eva, ["milk"])
        line.gone = True
        type_fast(eva, "ead" + ENTER + "eggs")
        eva.browser.wait_for("return document.querySelector('#alerts').innerText.includes('did not answer')")
        line.gone = False
        kept = eva.browser.js("return document.querySelector('#new-title').value")
        assert kept.replace(" ", "") == "breadeggs"  # apart, if the answer failed after more was typed
        eva.reload()
        assert eva.titles() == ["milk"]
