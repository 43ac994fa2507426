"""A browser, as far as `bench.exactly_once` needs one: cookies, forms and redirects, and a temper to hang up."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException, IncompleteRead
from itertools import cycle
from random import Random
from threading import Lock
from urllib.parse import urlencode, urlsplit

COOKIE_BYTES = 4096  # a browser keeps no longer cookie,
COOKIES = 180  # nor more of one host
TIMEOUT = 60  # seconds for one answer
FAILURES = (OSError, HTTPException)
HEADERS = {
    "Host": "localhost",  # both processes stand behind one address
    "Connection": "close",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.9",
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
}


@dataclass(frozen=True)
class Form:
    """A form as it stands on a page: where it goes, and what it would send."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """What came of an answer: its messages and its forms."""

    def __init__(self, path: str, status: int, location: str | None, text: str) -> None:
        super().__init__()
        self.path, self.status, self.location, self.text = path, status, location, text
        self.messages: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._message: str | None = None  # the tag of the one that is being read
        self.feed(text)
        self.messages = [message.strip() for message in self.messages]

    def form(self, name: str) -> Form | None:
        """The form that asks for this."""
        return next((form for form in self.forms if name in form.fields), None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(values.get("action") or self.path)
            self.forms.append(self._form)
        elif tag == "input" and self._form and "name" in values and values.get("type") != "submit":
            self._form.fields[values["name"]] = values.get("value", "")
        elif "alert-text" in values.get("class", "").split():
            self._message = tag
            self.messages.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == self._message:
            self._message = None

    def handle_data(self, data: str) -> None:
        if self._message:
            self.messages[-1] += data


class Browser:
    """One browser with any number of tabs; its requests go to the processes in turn.

    seen: how often each message was shown. hung_up: how many requests it did not wait for.
    """

    def __init__(self, ports: list[int]) -> None:
        self.seen: Counter[str] = Counter()
        self.hung_up = 0
        self._share, self._random = 0.0, Random(0)
        self._ports = cycle(ports)
        self._cookies: dict[str, str] = {}
        self._lock = Lock()

    def hang_up_at_times(self, share: float, seed: int) -> None:
        """From now on, do not wait for the answers to this share of the requests."""
        self._share, self._random = share, Random(seed)

    def load(self, path: str, fields: dict[str, str] | None = None, page: Page | None = None) -> Page:
        """Open an address, or send a form's fields to it, and follow where the answer leads."""
        found = self.ask(path, fields, page)
        while found.location:
            found = self.ask(found.location, page=page)
        return found

    def ask(self, path: str, fields: dict[str, str] | None = None, page: Page | None = None) -> Page:
        """Send one request and read its answer; raises one of FAILURES if there is none."""
        connection = self.send(path, fields, page)
        if self._random.random() < self._share:
            self.hung_up += 1
            connection.close()
            raise ConnectionAbortedError
        try:
            return self._read(path, connection)
        finally:
            connection.close()

    def send(self, path: str, fields: dict[str, str] | None = None, page: Page | None = None) -> HTTPConnection:
        """Send one request, from a page or as if its address were typed; the caller reads the answer or hangs up."""
        with self._lock:
            port = next(self._ports)
            cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = HEADERS | ({"Cookie": cookie} if cookie else {})
        headers |= {"Referer": f"http://localhost{page.path}"} if page else {"Sec-Fetch-Site": "none"}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://localhost"}
        connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        try:
            connection.request("GET" if body is None else "POST", path, body, headers)
        except FAILURES:
            connection.close()
            raise
        return connection

    def _read(self, path: str, connection: HTTPConnection) -> Page:
        answer = connection.getresponse()
        with self._lock:
            for header in answer.headers.get_all("Set-Cookie", []):
                self._keep(header)
        try:
            body = answer.read()
        except IncompleteRead as broken:
            body = broken.partial  # is shown all the same
        location = None
        if 300 <= answer.status < 400:
            location = urlsplit(answer.headers["Location"])._replace(scheme="", netloc="", fragment="").geturl()
        page = Page(path, answer.status, location, body.decode(errors="replace"))
        with self._lock:
            self.seen.update(page.messages)
        return page

    def _keep(self, header: str) -> None:
        pair, *attributes = header.split(";")
        name, _, value = pair.strip().partition("=")
        if any(attribute.strip().lower() == "max-age=0" for attribute in attributes):
            self._cookies.pop(name, None)
        elif len(name) + len(value) <= COOKIE_BYTES:
            self._cookies[name] = value
            while len(self._cookies) > COOKIES:
                del self._cookies[next(iter(self._cookies))]
