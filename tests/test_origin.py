"""A form is taken from our own pages only, and a request at our own address only."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import Visitor, running
from tests.support.clients import Fragment, Page, Program, TextPage
from webapp.config import from_environment

PUBLIC = "https://todo.example.org"


@pytest.fixture
def public_app(tmp_path: Path) -> Iterator[Flask]:
    """The app as it is behind https, at an address of its own."""
    yield from running(tmp_path, f"sqlite:///{tmp_path / 'test.sqlite3'}", public_url=PUBLIC)


@pytest.fixture(params=[TextPage, Fragment], ids=lambda kind: kind.__name__)
def guest(request: pytest.FixtureRequest, common_app: Flask) -> Page:
    """Somebody whose browser sends no more than the test does."""
    somebody: Page = request.param(common_app)
    somebody.enter()
    return somebody


def add(guest: Page, headers: dict[str, str], **fields: str) -> TestResponse:
    kept = {name: value for name, value in guest.headers.items() if not name.startswith("Sec-")}
    return guest.http.post("/todos", data={"title": "Buy milk"} | fields, headers=kept | headers)


def token(guest: Page) -> str:
    return guest.typed("csrf_token")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "junk"])
def test_another_sites_form_is_refused_even_with_a_valid_token(guest: Page, site: str) -> None:
    answer = add(guest, {"Sec-Fetch-Site": site, "Origin": "http://localhost"}, csrf_token=token(guest))
    assert answer.status_code == 403
    assert "Nothing was changed." in guest.problem(answer)
    guest.open()
    assert guest.titles() == []


@pytest.mark.parametrize("site", ["same-origin", "none"])
@pytest.mark.parametrize("stale", ["", "stale", "ÿ"])
def test_a_stale_token_from_the_same_origin_is_accepted(guest: Page, site: str, stale: str) -> None:
    answer = add(guest, {"Sec-Fetch-Site": site}, csrf_token=stale)
    assert answer.status_code in (200, 303)


@pytest.mark.parametrize(
    "origin", ["null", "https://localhost", "http://localhost:8000", "http://evil.example", "http://localhost.", "junk"]
)
def test_a_browser_without_fetch_metadata_is_known_by_its_origin(guest: Page, origin: str) -> None:
    assert add(guest, {"Origin": "http://localhost"}).status_code in (200, 303)
    answer = add(guest, {"Origin": origin}, csrf_token=token(guest))
    assert answer.status_code == 403
    assert guest.problem(answer)


def test_a_browser_that_says_nothing_shows_the_forms_token(guest: Page) -> None:
    assert add(guest, {}, csrf_token=token(guest)).status_code in (200, 303)
    assert add(guest, {"X-CSRFToken": token(guest)}).status_code in (200, 303)


@pytest.mark.parametrize("forged", ["", "x", "ÿ", "IjEi.x.y", "x" * 9000])
def test_without_the_forms_token_nothing_is_done_but_the_text_is_kept(guest: Page, forged: str) -> None:
    answer = add(guest, {}, csrf_token=forged)
    assert answer.status_code == 400
    assert "Open the page again" in guest.problem(answer)
    assert ("Buy milk" in answer.text) == isinstance(guest, TextPage)  # to htmx the text is still in its field


def test_anothers_token_is_none(guest: Page, common_app: Flask) -> None:
    other = TextPage(common_app)
    other.enter()
    assert add(guest, {}, csrf_token=token(other)).status_code == 400


def test_the_api_needs_no_token_of_a_form(program: Program) -> None:
    for headers in ({}, {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}):
        assert program.ask("POST", "/todos", {"title": "Buy milk"}, headers).status_code == 201


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "application/x-www-form-urlencoded"])
def test_no_content_type_gets_a_program_into_a_page(page: Page, content_type: str) -> None:
    answer = page.http.post("/todos", data='{"title":"Buy milk"}', content_type=content_type)
    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "PUT", "BREW"])
def test_every_method_that_may_change_something_is_guarded(page: Page, method: str) -> None:
    page.add("Buy milk")
    answer = page.http.open(f"/todos/{page.id_of('Buy milk')}", method=method, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    page.open()
    assert page.titles() == ["Buy milk"]


def test_no_answer_lets_another_site_read_it(visitor: Visitor) -> None:
    for method in ("GET", "OPTIONS"):
        answer = visitor.ask(method, "/todos", headers={"Origin": "https://evil.example"})
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


# ---- Our own address


def test_the_public_address_is_the_origin_and_the_root_of_every_absolute_address(public_app: Flask) -> None:
    visitor = TextPage(public_app)
    headers = {"Origin": PUBLIC, "Host": "todo.example.org"}  # as a proxy sends it on, over plain http
    assert visitor.http.post("/", data={"name": "Ana"}, headers=headers).status_code == 303
    assert visitor.http.post("/", data={"name": "Ana"}, headers=headers | {"Origin": "http://x"}).status_code == 403
    program = Program(public_app)
    program.enter()
    todo = program.call("POST", "/todos", {"title": "Buy milk"}, headers={"Host": "todo.example.org:8000"})
    assert todo["url"] == program.answer.headers["Location"] == f"{PUBLIC}/api/v1/todos/{todo['id']}"


@pytest.mark.parametrize("client", [Page, Fragment, Program])
@pytest.mark.parametrize("host", ["evil.example", "todo.example.org.evil.example", "", "[", "x" * 70])
@pytest.mark.parametrize(("method", "path"), [("GET", "/todos"), ("GET", "/nowhere"), ("POST", "/todos")])
def test_another_host_is_refused_in_each_clients_terms(
    public_app: Flask, client: type[Visitor], host: str, method: str, path: str
) -> None:
    answer = client(public_app).ask(method, path, headers={"Host": host})
    assert answer.status_code == 400
    assert client(public_app).problem(answer) == f"Recado is not at this address; it is at {PUBLIC}."


@pytest.mark.parametrize("client", [Page, Fragment, Program])
@pytest.mark.parametrize("host", ["x" * 70, "..", "a b", "[", "x:99999", "ä", "%00", ""])
def test_a_host_that_is_none_is_no_fault_of_ours(common_app: Flask, client: type[Visitor], host: str) -> None:
    answer = client(common_app).ask("GET", "/nowhere", headers={"Host": host})
    assert answer.status_code == 400
    assert client(common_app).problem(answer)


@pytest.mark.parametrize(
    ("public_url", "origin"),
    [
        ("https://Todo.Example.org/", "https://todo.example.org"),
        ("https://todo.example.org:443", "https://todo.example.org"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_public_address_is_compared_as_browsers_write_it(tmp_path: Path, public_url: str, origin: str) -> None:
    config = from_environment({"RECADO_DATA": str(tmp_path), "RECADO_PUBLIC_URL": public_url})
    for app in running(tmp_path, config.database_url, public_url=config.public_url):
        headers = {"Origin": origin, "Host": origin.partition("//")[2]}
        assert app.test_client().post("/", data={"name": "Ana"}, headers=headers).status_code == 303


def test_forwarded_addresses_are_not_believed(common_app: Flask) -> None:
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "192.0.2.1",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "for=192.0.2.1;host=evil.example",
        "X-Original-URL": "/evil",
        "X-HTTP-Method-Override": "DELETE",
    }
    visitor = Page(common_app)
    visitor.enter()
    answer = visitor.ask("GET", "/", headers=forged)
    assert "127.0.0.1" in answer.text
    assert "evil" not in answer.text + str(answer.headers)
    assert "192.0.2.1" not in answer.text


def test_a_missing_slash_is_made_up_for_without_naming_a_host(public_app: Flask) -> None:
    answer = public_app.test_client().get("/api/v1?a=b", headers={"Host": "todo.example.org"})
    assert (answer.status_code, answer.headers["Location"], answer.data) == (308, "/api/v1/?a=b", b"")


def test_as_many_forwarded_addresses_are_believed_as_there_are_proxies(tmp_path: Path) -> None:
    for app in running(tmp_path, f"sqlite:///{tmp_path / 'test.sqlite3'}", proxies=1):
        visitor = Page(app)
        visitor.enter()
        answer = visitor.ask("GET", "/", headers={"X-Forwarded-For": "198.51.100.66, 192.0.2.1"})
        assert "192.0.2.1" in answer.text
        assert "198.51.100.66" not in answer.text
