"""Somebody who comes to the real server over real connections, without a browser, and remembers every secret."""

import re
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
HIDDEN = re.compile(r'name="(csrf_token|submission)" value="([^"]+)')


KEY = re.compile(r"<code[^>]*>((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})</code>")
OFFERED = re.compile(r'name="secret"[^>]* value="([^"]+)"')


def key_of(page: str) -> str:
    """The key for an app that the page of the second factor shows."""
    return str(KEY.findall(page)[0])


def offered_in(page: str) -> str:
    """The same, sealed, as the form takes it along."""
    return str(OFFERED.findall(page)[0])


class Visit:
    """Somebody at a server, and all that was secret about it."""

    def __init__(self, url: str) -> None:
        self.address = urlsplit(url).netloc
        self.cookies: dict[str, str] = {}
        self.secrets: set[str] = set()
        self.location: str | None = None

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **form: str) -> tuple[int, str]:
        """Make one request, with this browser's cookies; the answer's secrets are taken note of."""
        connection = HTTPConnection(self.address, timeout=30)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = SAME_ORIGIN | {"Cookie": cookies} | kind | (headers or {})
        connection.request(method, path, urlencode(form), sent)
        answer = connection.getresponse()
        self.location = answer.getheader("Location")
        body = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
            self.secrets |= {value} if len(value) > 1 else set()
        connection.close()
        self.secrets |= {value for _, value in HIDDEN.findall(body)}
        self.secrets |= set(re.findall(r"recado_[\w-]{43}", body))
        self.secrets |= {value for name, value in form.items() if name in ("password", "new_password", "code")}
        self.secrets |= {path.partition("?")[2]} - {""}
        return answer.status, body
