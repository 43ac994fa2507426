"""A line to the server that is slow or breaks when a test says so: requests wait on it, answers wait or get lost."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Condition, Thread, current_thread
from urllib.parse import urlsplit

PATIENCE = 10.0  # seconds
KEPT, DELAYED, LOST, CUT = "request kept", "answer kept", "answer lost", "answer cut before its end"


class Line:
    """Carries each request by a connection of its own; what happens to it is settled when it comes."""

    def __init__(self, url: str, listener: socket.socket) -> None:
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = urlsplit(url)
        self._listener = listener
        self._kind, self._method = "", ""
        self._met = 0  # requests that met trouble
        self._round = 0  # how often the trouble was ended; what came before that waits for nothing any more
        self._waiting: dict[Thread, socket.socket] = {}
        self._changed = Condition()
        Thread(target=self._listen, daemon=True).start()

    def trouble(self, kind: str, method: str = "POST") -> None:
        """From now on, this happens to requests of this method; "" ends that, but for those that wait already."""
        self._kind, self._method = kind, method

    def met(self, count: int = 1) -> None:
        """Wait until this many requests met trouble; all but those that are kept have been carried out by then."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._met >= count, PATIENCE), f"only {self._met} met trouble"

    def abandoned(self) -> None:
        """Wait until the browser wants nothing any more of what waits."""
        for browser in self._waiting.values():
            browser.settimeout(PATIENCE)
            assert browser.recv(1, socket.MSG_PEEK) == b""

    def let_through(self) -> int:
        """End the trouble, and wait until what waited has got through; returns how many requests met trouble."""
        with self._changed:
            self._kind = ""
            self._round += 1
            waiting, self._waiting = self._waiting, {}
            self._changed.notify_all()
        for thread in waiting:
            thread.join(PATIENCE)
        return self._met

    def _listen(self) -> None:
        with suppress(OSError):  # the listener is closed when the test is over
            while True:
                Thread(target=self._carry, args=self._listener.accept()[:1], daemon=True).start()

    def _carry(self, browser: socket.socket) -> None:
        with browser, suppress(OSError):  # the browser may have gone
            request = _read_request(browser)
            if not request:
                return
            came_in = self._round
            kind = self._kind if request.startswith(f"{self._method} ".encode()) else ""
            if kind == KEPT:
                self._meet(came_in, waits=browser)
            answer = self._ask(request)
            if kind in (DELAYED, LOST, CUT):
                self._meet(came_in, waits=browser if kind == DELAYED else None)
            if kind != LOST:
                browser.sendall(answer[:-100] if kind == CUT else answer)

    def _meet(self, came_in: int, *, waits: socket.socket | None) -> None:
        with self._changed:
            self._met += 1
            if waits and came_in == self._round:
                self._waiting[current_thread()] = waits
            self._changed.notify_all()
            self._changed.wait_for(lambda: current_thread() not in self._waiting, PATIENCE)

    def _ask(self, request: bytes) -> bytes:
        with socket.create_connection((self._server.hostname, self._server.port)) as server:
            server.sendall(re.sub(rb"(?i)\r\nconnection: [^\r]*", b"\r\nConnection: close", request, count=1))
            return b"".join(iter(lambda: server.recv(65536), b""))


@contextmanager
def line_to(url: str) -> Iterator[Line]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Line(url, listener)


def _read_request(browser: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request and (more := browser.recv(65536)):
        request += more
    head = request.partition(b"\r\n\r\n")[0]
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    while length and len(request) < len(head) + 4 + int(length[1]) and (more := browser.recv(65536)):
        request += more
    return request
