"""What a cookie and the database keep of a request: nothing where it only reads, and nothing where it failed."""

import hashlib
import secrets

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from tests.conftest import Visitor
from tests.support.addresses import addresses
from tests.support.clients import Fragment, Page, Program, TextPage
from webapp.db import connection
from webapp.models import Base
from webapp.models.sessions.session_entry import SessionEntry

UNKNOWN = "01a1f8a1-5988-77cc-afbc-b09c5316fdc5"


def checksum(app: Flask) -> str:
    """One number for all that the database holds."""
    with app.extensions["database"].engine.connect() as opened:
        tables = [
            opened.execute(text(f'SELECT * FROM "{table.name}" ORDER BY 1, 2')) for table in Base.metadata.sorted_tables
        ]
        return hashlib.sha256(repr([table.all() for table in tables]).encode()).hexdigest()


def cookie(visitor: Page) -> str | None:
    found = visitor.http.get_cookie("recado")
    return found.value if found else None


def test_a_request_that_only_reads_writes_nothing(ana: Visitor) -> None:
    ana.add("Buy milk")
    ana.open()  # its receipt comes back with the next page, which takes note that the message has arrived
    before = checksum(ana.app)
    paths = [*addresses(ana.app, ana.id_of("Buy milk")), "/debug/error", "/static/recado.css", "/nowhere"]
    for path in paths:
        for method in ("GET", "HEAD", "OPTIONS"):
            ana.ask(method, path.removeprefix("/api/v1"))
    assert checksum(ana.app) == before
    ana.complete("Buy milk")
    assert checksum(ana.app) != before


def test_a_poll_sets_no_cookie(fragment: Fragment) -> None:
    fragment.add("Buy milk")
    for path in ("/todos", f"/todos/{fragment.id_of('Buy milk')}", "/todos/new", "/nowhere"):
        assert "Set-Cookie" not in fragment.ask("GET", path).headers


def test_the_api_sets_no_cookie_and_does_not_vary_by_one(program: Program, app: Flask) -> None:
    todo = program.call("POST", "/todos", {"title": "Buy milk"})["id"]
    for method in ("GET", "POST", "PATCH", "DELETE", "OPTIONS", "BREW"):
        for path in addresses(app, todo, method):
            if path.startswith("/api/v1"):
                answer = program.ask(method, path.removeprefix("/api/v1"), {"title": "a"})
                assert "Set-Cookie" not in answer.headers
                assert "Vary" not in answer.headers or "Cookie" not in answer.headers["Vary"]
    for path in ("/api/nowhere", "/api/v1"):
        assert "Set-Cookie" not in app.test_client().get(path).headers


def test_the_api_does_not_look_at_a_cookie(page: Page) -> None:
    page.press("Español")
    answer = page.http.get("/api/v1/todos")
    assert answer.get_json()["detail"].startswith("Send a valid token")
    assert "Set-Cookie" not in answer.headers


def values(visitor: Page, key: str) -> int:
    """How many sessions hold a value by this key."""
    with visitor.app.extensions["database"].transaction(write=False):
        found = select(func.count()).where(SessionEntry.key == key)
        return connection().execute(found).scalar_one()


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422, 429, 500, 503])
def test_a_refused_request_leaves_nothing_behind(visitor: Visitor, status: int) -> None:
    answer = visitor.ask("POST", f"/odd/refuse?status={status}")
    assert answer.status_code == status
    visitor.open()
    assert visitor.titles() == []
    if isinstance(visitor, Page):
        assert values(visitor, "kept") == 0
        assert visitor.alert() == ""


def test_a_refused_request_takes_nothing_away_either(common_app: Flask) -> None:
    visitor = Page(common_app)
    visitor.enter()
    visitor.press("Español")
    visitor.ask("POST", "/todos", {"title": "Pan"})
    before = cookie(visitor)
    for path in ("/odd/refuse?status=409", "/odd/fail", "/nowhere"):
        visitor.ask("POST", path)
    assert cookie(visitor) == before
    visitor.open()
    assert visitor.alert() == "«Pan»: añadida."


def test_the_token_of_an_error_pages_forms_is_kept(common_app: Flask) -> None:
    visitor = TextPage(common_app)
    visitor.go("/nowhere")
    assert visitor.status == 404
    visitor.press("Dark")
    assert visitor.status == 303
    assert visitor.page.html["data-bs-theme"] == "dark"  # type: ignore[index]


def test_the_cookie_holds_no_secret_and_no_list(page: Page) -> None:
    for number in range(30):
        page.add(f"To-do {number} " + "🎉" * 480)
    value = cookie(page)
    assert value is not None
    assert len(value) < 2000


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("same_form", [False, True])
def test_whoever_knew_the_token_before_a_name_was_given_stays_outside(
    common_app: Flask, later: bool, same_form: bool
) -> None:
    victim, thief = Page(common_app), Page(common_app)
    planted = secrets.token_urlsafe(32)
    for visitor in (victim, thief):
        visitor.http.set_cookie("recado-visit", planted)
        visitor.go("/")
    key = victim.typed("submission")
    victim.press("Begin", name="Ana")
    if later:
        victim.add("My secret")
    thief.press("Begin", name="Ana", **({"submission": key} if same_form else {}))
    assert cookie(thief) != cookie(victim)
    assert "My secret" not in thief.answer.text
