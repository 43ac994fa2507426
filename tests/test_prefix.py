"""Recado beneath a path of somebody else's site: every address that it gives begins with the prefix."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import running
from tests.support.addresses import pages
from tests.support.clients import Fragment, Page, Program, TextPage, account_named
from tests.support.http_visit import Visit
from tests.support.live_server import server
from tests.support.nginx import free_port, nginx
from webapp.config import Config, ConfigurationError, public_url
from webapp.models.accounts.token import add_token

PREFIX = "/recado"
ADDRESS = re.compile(r' (?:href|action|formaction|src|data-hx-get|data-hx-post)="([^"]*)"')
BUTTON = re.compile(r'<input type="submit"[^>]* name="([^"]*)"')


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("prefix")
    yield from running(folder, f"sqlite:///{folder / 'test.sqlite3'}", public_url=f"http://localhost{PREFIX}")


def check(answer: Any) -> None:
    """Fail unless all that an answer leads to is beneath the prefix."""
    led = [answer.headers[name] for name in ("Location", "HX-Redirect") if name in answer.headers]
    assert all(place.removeprefix("http://localhost").startswith(f"{PREFIX}/") for place in led), led
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert f"Path={PREFIX};" in f"{cookie};"
    if answer.mimetype == "text/html":
        found = [*ADDRESS.findall(answer.text), *BUTTON.findall(answer.text)]
        elsewhere = [
            place for place in found if not place.startswith((f"{PREFIX}/", "#", "data:", "http://localhost/recado/"))
        ]
        assert elsewhere == [], answer.request.path


@pytest.mark.parametrize("kind", [Page, TextPage, Fragment])
def test_every_page_and_every_answer_stays_beneath_it(app: Flask, kind: type[Page]) -> None:
    ana = kind(app)
    ana.go(f"{PREFIX}/todos")
    assert ana.url == f"{PREFIX}/?next={PREFIX}/todos"
    ana.press("Begin", name="Ana")
    assert ana.url == f"{PREFIX}/todos"
    ana.add("Buy milk")
    ana.add("Call Rui")
    ana.complete("Buy milk")
    ana.follow("Edit Call Rui")
    ana.press("Save", title="Call Eva")
    ana.go(f"{PREFIX}/todos?show=active")
    ana.press("Español")
    ana.press("English")
    assert ana.url == f"{PREFIX}/todos?show=active"
    todo = ana.id_of("Call Eva")
    ana.delete("Call Eva")
    ana.undo()
    assert ana.titles() == ["Call Eva"]
    for path in pages(app, todo):
        for answer in (ana.ask("GET", PREFIX + path), ana.ask("GET", path)):  # left by the proxy, and taken off
            check(answer)
    for answer in ana.answers:
        check(answer)


def test_programs_find_their_way_by_what_they_are_told(app: Flask) -> None:
    ana, program = Page(app), Program(app)
    ana.go("/")
    ana.press("Begin", name="Eva")
    with app.extensions["database"].transaction(write=True) as transaction:
        program.token = add_token(account_named(app, "Eva"))
        transaction.commit()
    base = f"http://localhost{PREFIX}/api/v1"
    index = program.call("GET", "/")
    assert index["todos"] == f"{base}/todos"
    todo = program.call("POST", "/todos", {"title": "Buy milk"})
    assert todo["url"] == program.answer.headers["Location"] == f"{base}/todos/{todo['id']}"
    undo = program.answer.headers["Link"].partition(">")[0]
    assert undo.startswith(f"<{PREFIX}/api/v1/todos/undo/")
    program.call("POST", "/todos", {"title": "Call Rui"})
    program.call("GET", "/todos?limit=1")
    assert program.answer.headers["Link"].startswith(f"<{base}/todos?limit=1&cursor=")
    operations = [{"method": "POST", "path": "/todos", "body": {"title": "Sleep"}}]
    [result] = program.call("POST", "/batch", {"operations": operations})["results"]
    assert result["headers"]["Location"].startswith(f"{base}/todos/")
    assert program.call("GET", "/openapi.json")["servers"] == [{"url": f"{PREFIX}/api/v1"}]
    program.call("GET", "/todos/nowhere")
    assert program.answer.get_json()["type"] == f"http://localhost{PREFIX}/api/problems/not-found"


@pytest.mark.parametrize("slash", ["", "/"], ids=["it leaves the prefix", "it takes the prefix off"])
def test_behind_a_real_proxy_each_client_can_use_it(tmp_path: Path, slash: str) -> None:
    port = free_port()
    public = f"http://127.0.0.1:{port}{PREFIX}"
    with (
        server(tmp_path, RECADO_PROXIES="1", RECADO_PUBLIC_URL=public) as url,
        nginx(tmp_path, port, url + slash, "$http_host", f"{PREFIX}/"),
    ):
        ana = Visit(f"http://127.0.0.1:{port}")
        assert ana.ask("POST", f"{PREFIX}/", name="Ana")[0] == 303
        assert ana.location == f"{PREFIX}/todos"
        here = {"HX-Request": "true", "Sec-Fetch-Dest": "empty", "HX-Current-URL": f"{public}/todos"}
        status, row = ana.ask("POST", f"{PREFIX}/todos", here, title="Buy milk")
        assert (status, "Buy milk" in row) == (200, True)
        id = row.partition('id="todo-')[2][:36]
        assert ana.ask("POST", f"{PREFIX}/press", **{f"{PREFIX}/todos/{id}/complete": "Complete"})[0] == 303
        assert ana.location == f"{PREFIX}/todos#todo-{id}"
        status, page = ana.ask("GET", f"{PREFIX}/todos")
        assert (status, page.count('class="list-group-item todo done"')) == (200, 1)
        assert ana.ask("GET", f"{PREFIX}/static/recado.css")[0] == 200


def test_the_address_says_it() -> None:
    url = public_url("https://Example.org/recado/", "X", "(/[a-z]+)*")
    config = Config(Path(), "sqlite://", "secret", public_url=url)
    assert (config.origin, config.prefix) == ("https://example.org", "/recado")
    assert config.flask()["SESSION_COOKIE_NAME"] == "__Secure-recado"
    plain = Config(Path(), "sqlite://", "secret", public_url="https://example.org")
    assert (plain.origin, plain.prefix) == ("https://example.org", "")
    assert plain.flask()["SESSION_COOKIE_NAME"] == "__Host-recado"
    for wrong in ("https://example.org/a b", "https://example.org/ñ", "https://example.org/recado?x"):
        with pytest.raises(ConfigurationError):
            public_url(wrong, "X", "(/[a-z]+)*")
