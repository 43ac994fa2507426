"""A problem's type is the address of a page that says what it means; one shape for all of them, everywhere."""

import re
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.clients import Fragment, Page, Program
from webapp.hybrid.problem_types import PROBLEM_TYPES, USUAL

TODO = "/todos/01a1f8a1-5988-77cc-afbc-b09c5316fdc5"
BIG = "x" * (256 * 1024)


@pytest.fixture
def program(common_app: Flask) -> Program:
    visitor = Program(common_app)
    visitor.enter()
    return visitor


def kind_of(answer: TestResponse) -> str:
    """The name of an answer's kind; fails unless it has the shape that all problems have."""
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json()
    assert set(problem) - {"errors", "request_id"} == {"type", "title", "status", "detail"}
    assert ("request_id" in problem) == (answer.status_code >= 500)
    name = problem["type"].removeprefix("http://localhost/api/problems/")
    assert problem["status"] == answer.status_code == PROBLEM_TYPES[name].status
    return str(name)


@pytest.mark.parametrize(
    ("method", "path", "sent", "kind"),
    [
        ("POST", "/todos", {"data": "{", "content_type": "application/json"}, "bad-request"),
        ("POST", "/odd/own-words?status=403", {}, "forbidden"),
        ("GET", TODO, {}, "not-found"),
        ("GET", "/nowhere", {}, "not-found"),
        ("DELETE", "/todos/new", {}, "method-not-allowed"),
        ("GET", "/todos/new", {}, "not-acceptable"),
        ("POST", "/odd/conflict", {}, "changed-meanwhile"),
        ("POST", f"/todos/undo/{TODO.rpartition('/')[2]}", {}, "gone"),
        ("POST", "/todos", {"json": {"title": BIG}}, "too-large"),
        ("POST", "/todos", {"data": "title=x"}, "unsupported-media-type"),
        ("POST", "/todos", {"json": {"title": ""}}, "invalid"),
        ("GET", "/odd/busy", {}, "too-many-requests"),
        ("GET", "/odd/fail", {}, "internal-error"),
        ("GET", "/odd/broken", {}, "unavailable"),
    ],
)
def test_each_problem_has_a_type(program: Program, method: str, path: str, sent: dict[str, object], kind: str) -> None:
    program.call(method, path, **sent)  # type: ignore[arg-type]
    assert kind_of(program.answer) == kind
    if kind == "method-not-allowed":
        assert set(program.answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_who_is_unknown_stale_or_repeats_a_key_has_one_too(program: Program) -> None:
    assert kind_of(program.http.get("/api/v1/todos")) == "token-required"
    assert kind_of(program.http.get("/api/nowhere")) == "not-found"
    todo = program.call("POST", "/todos", {"title": "Buy milk"}, headers={"Idempotency-Key": "a"})
    program.call("POST", "/todos", {"title": "Buy jam"}, headers={"Idempotency-Key": "a"})
    assert kind_of(program.answer) == "key-reused"
    program.call("PATCH", f"/todos/{todo['id']}", {"title": "Buy jam"}, headers={"If-Match": '"7-api"'})
    assert kind_of(program.answer) == "precondition-failed"
    program.call("PATCH", f"/todos/{todo['id']}", {"title": "Buy jam", "version": 7})
    assert kind_of(program.answer) == "changed-meanwhile"


def test_where_nobody_knows_our_address_the_type_is_a_path(common_app: Flask) -> None:
    answer = common_app.test_client().get("/api/v1/todos", headers={"Host": "a b"})
    assert answer.get_json()["type"] == "/api/problems/bad-request"


def test_a_status_that_says_it_all_has_no_page(program: Program) -> None:
    program.call("POST", "/odd/own-words?status=418")
    problem = program.answer.get_json()
    assert (problem["type"], problem["title"]) == ("about:blank", "I'm a Teapot")


def test_the_type_leads_to_a_page_in_both_languages(common_app: Flask) -> None:
    for language, heading in (("en", "What to do"), ("es", "Qué hacer")):
        page = Page(common_app)
        page.headers = page.headers | {"Accept-Language": language}
        titles = set()
        for name, kind in PROBLEM_TYPES.items():
            answer = page.ask("GET", f"/api/problems/{name}")
            assert (answer.status_code, answer.mimetype) == (200, "text/html")
            assert str(kind.status) in answer.text
            assert heading in answer.text
            titles.add(re.findall("<h1>(.*)</h1>", answer.text)[0])
        assert len(titles) >= len(PROBLEM_TYPES) - 1  # 409 and 412 are the same to a person
    for name in ("nothing", "INVALID", "invalid/x", "%00"):
        answer = page.ask("GET", f"/api/problems/{name}")
        assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_title_and_detail_are_in_one_language(program: Program) -> None:
    program.call("GET", TODO, headers={"Accept-Language": "es"})
    problem = program.answer.get_json()
    assert (problem["title"], problem["type"][-9:]) == ("No se encuentra", "not-found")
    page = program.http.get(urlsplit(problem["type"]).path, headers={"Accept-Language": "es"})
    assert "<h1>No se encuentra</h1>" in page.text


def test_all_pages_are_listed_and_can_be_come_back_to(common_app: Flask) -> None:
    page = Page(common_app)
    page.go("/api/problems")
    page.follow("404 Not found")
    assert page.url == "/api/problems/not-found"
    assert "never told apart" in page.text()
    page.press("Español")
    assert page.url == "/api/problems/not-found"
    assert "Nunca se dice" in page.text()
    fragment = Fragment(common_app)
    fragment.url = "/api/problems/nothing"
    assert fragment.problem(fragment.ask("GET", "/api/problems/nothing"))


def test_every_usual_status_has_one_kind() -> None:
    assert {PROBLEM_TYPES[name].status for name in USUAL.values()} == {kind.status for kind in PROBLEM_TYPES.values()}
    assert (USUAL[409], USUAL[422]) == ("changed-meanwhile", "invalid")
