"""The API's page: everything in it is there in both languages and every browser, and what it shows to type works."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tests.conftest import running
from tests.support import live_server as live
from tests.support.availability import require
from tests.support.clients import Page, Program
from tests.support.examples import request_of
from webapp.api.code_samples import ID
from webapp.contract.operations import CONTRACT, OPERATIONS

READERS = {"lynx": ("-dump", "-nolist", "-width=100"), "w3m": ("-dump", "-cols", "100")}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Flask]]:
    """A running server's address, and an app on the same database."""
    folder = tmp_path_factory.mktemp("reference")
    with live.server(folder) as url:
        for app in running(folder, f"sqlite:///{folder / 'recado.sqlite3'}"):
            yield url, app


def code(page: BeautifulSoup, label: str) -> str:
    found = page.select(f'pre[aria-label="{label}"]')
    assert len(found) == 1
    return found[0].get_text()


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_tells_everything_in_each_language(common_app: Flask, language: str) -> None:
    answer = common_app.test_client().get("/api", headers={"Accept-Language": language})
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 200
    for name in OPERATIONS:
        for kind in ("curl", "Python"):
            assert code(page, f"{kind}: {name}")
    told = " ".join(page.get_text(" ").split())
    for words in CONTRACT.words.values():
        with common_app.test_request_context(headers={"Accept-Language": language}):
            assert str(words) in told
    ids = [str(found["id"]) for found in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert {str(link["href"])[1:] for link in page.select("a[href^='#']")} <= set(ids)
    assert page.select("main a[href='/settings/tokens']")
    assert page.select("main a[href='/api/v1/openapi.json']")


def test_the_examples_have_the_address_that_people_use(tmp_path: Path) -> None:
    for app in running(tmp_path, f"sqlite:///{tmp_path / 'test.sqlite3'}", public_url="https://todo.example.org"):
        page = BeautifulSoup(app.test_client().get("/api", base_url="https://todo.example.org").text, "html.parser")
        assert "https://todo.example.org/api/v1/todos" in code(page, "curl: GET /todos")


def test_a_stranger_may_read_it_and_nothing_is_kept(common_app: Flask) -> None:
    page = Page(common_app)
    page.go("/api")
    assert page.status == 200
    page.follow("Make a token")
    assert page.url.startswith("/?next=/settings/tokens")


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_shown_to_type_works(house: tuple[str, Flask], tmp_path: Path, name: str) -> None:
    url, app = house
    require(shutil.which("curl"), "curl is not installed")
    html = subprocess.run(["curl", "-s", f"{url}/api"], capture_output=True, text=True, check=True).stdout
    page = BeautifulSoup(html, "html.parser")
    for kind in ("curl", "Python"):
        program = Program(app)
        program.enter()
        todo = program.call("POST", "/todos", {"title": "Buy milk"})
        request = request_of(name, program, todo)
        real = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", request["path"])
        typed = code(page, f"{kind}: {name}").replace(ID, real[0] if real else todo["id"])
        environment = os.environ | {"TOKEN": program.token}
        if kind == "curl":
            typed = typed.replace("curl ", "curl -s -o answer -w '%{http_code}' ", 1)
            done = subprocess.run(["sh", "-c", typed], cwd=tmp_path, env=environment, capture_output=True, text=True)
            assert done.stdout == str(OPERATIONS[name].status)
        else:
            answer, headers = run_python(code(page, "Python"), typed, environment)
            assert (answer is None) == (OPERATIONS[name].status == 204)
            assert headers["X-Request-Id"]


def run_python(helper: str, call: str, environment: dict[str, str]) -> tuple[Any, Any]:
    names: dict[str, Any] = {}
    before = os.environ.get("TOKEN")
    os.environ["TOKEN"] = environment["TOKEN"]
    try:
        exec(helper, names)
        exec(call, names)
        return names["content"], names["headers"]
    finally:
        if before is None:
            del os.environ["TOKEN"]
        else:
            os.environ["TOKEN"] = before


@pytest.mark.parametrize("reader", READERS)
def test_a_text_browser_shows_all_of_it(house: tuple[str, Flask], reader: str) -> None:
    require(shutil.which(reader), f"{reader} is not installed")
    environment = os.environ | {"LANG": "C.UTF-8"}
    command = [reader, *READERS[reader], f"{house[0]}/api"]
    text = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    for name in OPERATIONS:
        assert name in " ".join(text.split())
    assert 'call("PATCH", "/todos/' in text
