"""Visitors who come to two workers in turn, over real connections, and to whom anything may happen on the way."""

import re
from contextlib import closing
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

from bs4 import BeautifulSoup
from werkzeug.datastructures import FileStorage
from werkzeug.http import parse_cookie
from werkzeug.test import encode_multipart

from tests.support.workers import PATIENCE, Hold, Site, begin, waits

ALERT = re.compile(r'class="alert-text">([^<]*)<')
Failed = (OSError, HTTPException)  # what a client sees of a worker that was killed


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def alerts(self) -> list[str]:
        return ALERT.findall(self.text)


class Form(NamedTuple):
    action: str
    fields: dict[str, str]

    @property
    def key(self) -> str:
        return self.fields["submission"]


class Browser:
    """Somebody with a browser over real connections; each request goes to the other worker than the one before."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.name = f"Zoe {uuid4().hex}"
        self.cookies: dict[str, str] = {}
        self._turn = count()

    # ---- What a browser does

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        at: int | None = None,
    ) -> Answer:
        """Make one request, at this worker if it matters; nothing is followed."""
        connection = self._send(method, path, body, headers, at)
        with closing(connection), connection.getresponse() as response:
            cookies = response.headers.get_all("Set-Cookie") or []
            answer = Answer(response.status, dict(response.headers), cookies, response.read())
        for cookie in cookies:
            pair, *attributes = cookie.split("; ")
            (name, value), *_ = parse_cookie(pair).items()
            if "Max-Age=0" in attributes:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def visit(self, path: str, **how: Any) -> Answer:
        return self.ask("GET", path, **how)

    def post(self, path: str, fields: dict[str, Any] | None = None, **how: Any) -> Answer:
        body, headers = encode(fields or {})
        return self.ask("POST", path, body, headers=headers | how.pop("headers", {}), **how)

    def hang_up(self, wanted: Form | str, hold: Hold | None = None) -> None:
        """Send a form or ask for a page, and go away: at once, or when the request has come to a point."""
        held = hold.headers if hold else {}
        if isinstance(wanted, str):
            connection = self._send("GET", wanted, b"", held)
        else:
            body, headers = encode(wanted.fields)
            connection = self._send("POST", wanted.action, body, headers | held)
        with closing(connection):
            if hold:
                hold.wait()

    def follow(self, answer: Answer) -> Answer:
        return self.visit(answer.headers["Location"])

    def _send(
        self, method: str, path: str, body: bytes, headers: dict[str, str] | None, at: int | None = None
    ) -> HTTPConnection:
        worker = next(self._turn) if at is None else at
        connection = HTTPConnection("127.0.0.1", self.site.ports[worker % 2], timeout=PATIENCE)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.copy().items())
        ours = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document", "Connection": "close"}
        if cookies:
            ours["Cookie"] = cookies
        try:
            connection.request(method, path, body, ours | (headers or {}))
        except OSError:
            connection.close()
            raise
        return connection

    # ---- What a person does

    def form(self, page: str, action: str, **typed: Any) -> Form:
        """Open a page and fill in one of its forms."""
        return form_in(self.visit(page), action, **typed)

    def send(self, form: Form, **how: Any) -> Answer:
        return self.post(form.action, form.fields, **how)

    def enter(self) -> "Browser":
        answer = self.send(self.form("/", "/", name=self.name))
        assert self.follow(answer).alerts == [f"Welcome, {self.name}!"]
        return self

    def new_todo(self, title: str) -> Form:
        return self.form("/todos", "/todos", title=title)

    # ---- What is known of them

    @property
    def titles(self) -> list[str]:
        return self.site.titles(self.name)

    @property
    def token(self) -> str:
        return self.cookies.get("recado") or self.cookies["recado-visit"]

    @property
    def token_hash(self) -> bytes:
        return sha256(self.token.encode()).digest()

    @property
    def values(self) -> dict[str, str]:
        """What the session keeps."""
        return dict(self._entries("key, value", "key IS NOT NULL"))

    @property
    def waiting(self) -> int:
        return len(self._entries("value", "key IS NULL"))

    def _entries(self, columns: str, condition: str) -> list[Any]:
        query = f"SELECT {columns} FROM session_entry JOIN browser_session AS s ON s.id = session_id"
        return self.site.all(f"{query} WHERE token_hash = :hash AND {condition} ORDER BY key", hash=self.token_hash)


def form_in(answer: Answer, action: str, **typed: Any) -> Form:
    """One of the forms on a page, filled in."""
    found = re.search(rf'<form[^>]* action="{re.escape(action)}"[^>]*>.*?</form>', answer.text, re.DOTALL)
    assert found, f"no form leads to {action}"
    inputs = BeautifulSoup(found[0], "html.parser").select("input[name]:not([type=submit])")
    fields = {str(field["name"]): str(field.get("value", "")) for field in inputs}
    return Form(action, fields | typed)


def encode(fields: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """A form's body."""
    if any(isinstance(value, FileStorage) for value in fields.values()):
        boundary, body = encode_multipart(fields)
        return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"}


def twice(site: Site, zoe: Browser, form: Form) -> list[Answer]:
    """Send a form a second time while the first is being carried out, to the other worker."""
    with site.hold("done") as hold:
        first = begin(lambda: zoe.send(form, headers=hold.headers, at=0))
        hold.wait()
        second = begin(lambda: zoe.send(form, at=1))
        assert waits(second)
        hold.release()
        return [first.result(), second.result()]
