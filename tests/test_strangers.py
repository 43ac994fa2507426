"""Who comes without a name is asked for it, before anything else is said, and is brought back afterwards."""

from urllib.parse import quote
from uuid import UUID

import pytest
from flask import Flask

from tests.conftest import Visitor
from tests.support.access_table import DOORS
from tests.support.addresses import addresses
from tests.support.clients import Fragment, Page, Program, TextPage, plainly

UNKNOWN = "01a1f8a1-5988-77cc-afbc-b09c5316fdc5"
OPEN_TO_ALL = {door.path(UUID(UNKNOWN)) for door in DOORS if door.who == "public"}
BROWSERS = (Page, TextPage, Fragment)
ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "https://evil.example/todos",
    "http://localhost.evil.example/todos",
    "http://localhost@evil.example/todos",
    "http://localhost:8000/todos",
    "ftp://localhost/todos",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example",
    "/todos\r\nSet-Cookie: a=b",
    " /todos",
    "todos",
    "?show=active",
    "#main",
    "",
    "/\x00",
    "http://[",
    "/api/v1/todos",
    "/nowhere",
    "/press",
    "/todos/lines",
    "/todos/../../etc/passwd",
    "/%2f/evil.example",
]


def asked_who(visitor: Visitor, method: str, path: str, headers: dict[str, str] | None = None) -> str | None:
    """Where the visitor is brought after giving a name; fails unless it is asked for one in its own terms."""
    answer = visitor.ask(method, path, headers=headers)
    if isinstance(visitor, Program):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert visitor.problem(answer) == "Send a valid token: Authorization: Bearer …"
        return None
    if isinstance(visitor, Fragment):
        assert answer.status_code == 401
        assert visitor.problem(answer) == "Say who you are, then try again."
        link = visitor.alerts(answer).select_one(".alert a")
        assert link is not None
        assert link["target"] == "_blank"
        return str(link["href"])
    assert answer.status_code == 303
    return answer.headers["Location"]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_every_address_asks_who_before_it_looks_for_what(stranger: Visitor, method: str) -> None:
    prefix = "/api/v1" if isinstance(stranger, Program) else ""
    ours = [path for path in addresses(stranger.app, UNKNOWN, method) if path not in OPEN_TO_ALL]
    paths = [path.removeprefix(prefix) for path in ours if path.startswith("/api/v1") == bool(prefix)]
    paths = [path for path in paths if not path.startswith(("/odd/", "/compat/"))]
    assert len(paths) >= 2
    for path in paths:
        asked_who(stranger, method, path)


def test_a_page_that_was_asked_for_is_where_a_name_leads(stranger: Visitor) -> None:
    path = "/todos?show=active&arrange=1"
    if isinstance(stranger, Fragment):
        stranger.url = path
    came_to = asked_who(stranger, "GET", path)
    assert came_to in (None, "/?next=/todos?show%3Dactive%26arrange%3D1")


@pytest.mark.parametrize(("here", "porch"), [("/todos", "/?next=/todos"), ("/", "/?next=/"), ("/todos/lines", "/")])
def test_a_form_leads_back_to_the_page_it_was_on_and_never_to_its_action(
    stranger: Visitor, here: str, porch: str
) -> None:
    if not isinstance(stranger, Program):
        stranger.url = here
    assert asked_who(stranger, "POST", "/todos/complete") in (None, porch)


@pytest.mark.parametrize("forged", ELSEWHERE)
def test_no_forged_page_is_led_back_to(common_app: Flask, forged: str) -> None:
    sendable = forged.replace("\r", "").replace("\n", "")
    for visitor, header in ((Page(common_app), "Referer"), (Fragment(common_app), "HX-Current-URL")):
        assert asked_who(visitor, "POST", "/todos/complete", {header: sendable}) == "/"
        visitor.go("/")  # where a browser gets its cookie
        answer = visitor.ask("POST", "/theme/dark", headers={header: sendable})
        assert answer.headers.get("HX-Redirect", answer.headers.get("Location")) == "/"


@pytest.mark.parametrize("client", BROWSERS)
def test_only_a_page_of_ours_comes_next(common_app: Flask, client: type[Page]) -> None:
    for forged in ELSEWHERE:
        visitor = client(common_app)
        visitor.go(f"/?next={quote(forged)}")
        visitor.press("Begin", name="Ana")
        first = visitor.answers[0]
        assert first.headers.get("HX-Redirect", first.headers.get("Location")) == "/todos", forged
        assert "evil" not in str(first.headers)


@pytest.mark.parametrize("next", ["/todos?show=active", "http://localhost/todos?show=active"])
@pytest.mark.parametrize("client", BROWSERS)
def test_a_page_of_ours_comes_next_even_after_a_name_that_will_not_do(
    common_app: Flask, client: type[Page], next: str
) -> None:
    visitor = client(common_app)
    visitor.go(f"/?next={quote(next)}")
    visitor.press("Begin", name="")
    visitor.press("Begin", name="Ana")
    assert visitor.url == "/todos?show=active"


def test_a_cookie_is_nobody_at_the_api(page: Page) -> None:
    answer = page.http.get("/api/v1/todos")
    assert answer.status_code == 401
    assert page.http.post("/api/v1/todos", json={"title": "Buy milk"}).status_code == 401


def test_a_token_is_nobody_on_a_page(program: Program) -> None:
    headers = {"Authorization": f"Bearer {program.token}"}
    assert program.http.get("/todos", headers=headers).status_code == 303


@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        ("", "Bearer"),
        ("Bearer", 'Bearer error="invalid_token"'),
        ("Bearer ", 'Bearer error="invalid_token"'),
        ("Bearer recado_wrong", 'Bearer error="invalid_token"'),
        ("Bearer \xff\x00", 'Bearer error="invalid_token"'),
        ("bearer " + "x" * 8000, 'Bearer error="invalid_token"'),
        ("Basic YW5hOnBhc3N3b3Jk", 'Bearer error="invalid_token"'),
        ("Basic %%%", "Bearer"),
        ("Digest nonce", 'Bearer error="invalid_token"'),
        ("Token <token>", 'Bearer error="invalid_token"'),
    ],
)
def test_a_wrong_token_is_nobody(program: Program, authorization: str, challenge: str) -> None:
    sent = authorization.replace("<token>", program.token)
    answer = program.http.get("/api/v1/todos", headers={"Authorization": sent})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == challenge


def test_the_word_bearer_is_read_in_any_case(program: Program) -> None:
    answer = program.http.get("/api/v1/todos", headers={"Authorization": f"bEARER {program.token}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("cookie", ["junk", "e30.Z.x", "\xff", "x" * 5000, '{"account": 1}'])
def test_a_cookie_that_is_not_ours_is_nobody(common_app: Flask, cookie: str) -> None:
    answer = plainly(common_app.test_client().get("/todos", headers={"Cookie": f"recado={cookie}"}))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?next=/todos")
