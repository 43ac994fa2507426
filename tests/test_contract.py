"""The OpenAPI document and the app say the same: each route, field, limit, example and error, one way and back."""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate
from werkzeug.test import TestResponse
from wtforms.validators import StopValidation

from tests.support.clients import Program, account_named
from tests.support.examples import request_of
from webapp.api.code_samples import ID
from webapp.api.openapi import body_of as schema_read_by
from webapp.api.openapi import routes
from webapp.api.responses import errors_of
from webapp.contract.operations import CONTRACT, OPERATIONS
from webapp.crypto import serializer
from webapp.forms.lines import LINE, LINES, check_line

UNKNOWN = "01a1f8a1-5988-77cc-afbc-b09c5316fdc5"
TOLD_ELSEWHERE = {403, 409, 429, 500, 503}  # by scopes, collisions, limits and faults, which have tests of their own
SOME_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
CHANGING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.]+Z|https?://[^/]+|(?:Wy|\.eJ)[\w-]+\.[\w-]+")
OPTIONAL = {"RateLimit", "RateLimit-Policy"}  # headers; tests/test_rate_limits.py tells when they are there


@pytest.fixture(scope="module")
def document(common_app: Flask) -> dict[str, Any]:
    answer = common_app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.get_json())


@pytest.fixture
def somebody(common_app: Flask) -> Program:
    """A program with the one to-do that the examples are about."""
    program = Program(common_app)
    program.enter()
    program.todo = program.call("POST", "/todos", {"title": "Buy milk"})  # type: ignore[attr-defined]
    return program


def todo_of(program: Program) -> dict[str, Any]:
    found: dict[str, Any] = program.todo  # type: ignore[attr-defined]
    return found


def told(document: dict[str, Any], name: str) -> dict[str, Any]:
    method, _, path = name.partition(" ")
    found: dict[str, Any] = document["paths"][path][method.lower()]
    return found


def schema(document: dict[str, Any], part: Any) -> Draft202012Validator:
    whole = {"$ref": "#/part", "part": part, "components": document["components"]}
    return Draft202012Validator(whole, format_checker=FormatChecker())


def alike(value: Any) -> Any:
    """A value without what is another each time: ids, moments and hosts."""
    return json.loads(CHANGING.sub("", json.dumps(value)))


# ---- The document


def test_every_route_is_told_and_everything_told_has_a_route(app: Flask) -> None:
    ours = {name for name in routes(app) if not name.endswith("/debug/error")}
    assert ours == {*CONTRACT.operations, *CONTRACT.unlisted}
    assert not {*CONTRACT.operations} & CONTRACT.unlisted


@pytest.mark.parametrize("name", sorted(name for name in CONTRACT.unlisted if name.startswith("GET")))
def test_a_route_that_is_not_told_has_nothing_for_programs(somebody: Program, name: str) -> None:
    path = name.removeprefix("GET ")
    if path.startswith("/trash/"):
        somebody.delete("Buy milk")
    answer = somebody.ask("GET", path.format(id=todo_of(somebody)["id"]))
    assert (answer.status_code, somebody.problem(answer)) == (
        406,
        "This address has a page, but nothing for a program.",
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_document_is_openapi(common_app: Flask, language: str) -> None:
    http = common_app.test_client()
    answer = http.get("/api/v1/openapi.json", headers={"Accept-Language": language})
    validate(answer.get_json())
    assert answer.get_json()["openapi"].startswith("3.1.")
    assert {"en": "Add a to-do", "es": "Añadir una tarea"}[language] in answer.text
    assert "Accept-Language" in answer.headers["Vary"]
    known = {"Accept-Language": language, "If-None-Match": answer.headers["ETag"]}
    assert http.get("/api/v1/openapi.json", headers=known).status_code == 304
    other = {"en": "es", "es": "en"}[language]
    assert http.get("/api/v1/openapi.json", headers=known | {"Accept-Language": other}).status_code == 200


def test_every_shape_has_an_example_that_fits(document: dict[str, Any]) -> None:
    for shape in document["components"]["schemas"].values():
        (example,) = shape["examples"]
        schema(document, shape).validate(example)
        assert {*shape["required"]} <= {*example} <= {*shape["properties"]}
    for response in document["components"]["responses"].values():
        (media,) = response["content"].values()
        for named in media["examples"].values():
            schema(document, media["schema"]).validate(named["value"])


# ---- Examples


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_examples_are_what_happens(somebody: Program, document: dict[str, Any], name: str) -> None:
    request = request_of(name, somebody, todo_of(somebody))
    answer = somebody.http.open(**request)
    operation = told(document, name)
    described = operation["responses"][str(answer.status_code)]
    assert answer.status_code == OPERATIONS[name].status
    if "requestBody" in operation:
        media = operation["requestBody"]["content"]["application/json"]
        schema(document, media["schema"]).validate(media["example"])
        assert alike(media["example"]) == alike(request["json"])
    if "content" not in described:
        assert answer.data == b""
    else:
        media = described["content"][answer.mimetype]
        check(document, media["schema"], answer.get_json())
        if "example" in media:
            check(document, media["schema"], media["example"])
            assert alike(media["example"]) == alike(answer.get_json())
    promised = set(described["headers"]) - {"Idempotent-Replayed"} - OPTIONAL
    known = {"ETag", "Link", "Location", "X-Request-Id"} & set(answer.headers.keys())
    assert known <= promised
    assert promised - known <= {"Link"}  # where nothing changed there is nothing to undo


@pytest.mark.parametrize("name", OPERATIONS)
def test_if_none_match_is_told_where_it_counts(somebody: Program, document: dict[str, Any], name: str) -> None:
    request = request_of(name, somebody, todo_of(somebody))
    answer = somebody.http.open(**request | {"headers": request["headers"] | {"If-None-Match": "*"}})
    met = {"GET": 304}.get(str(request["method"]), 412)
    is_told = "If-None-Match" in {parameter["name"] for parameter in told(document, name)["parameters"]}
    assert answer.status_code == (met if is_told else OPERATIONS[name].status)


def check(document: dict[str, Any], part: Any, value: Any) -> None:
    """The value fits, and has nothing that is not described."""
    schema(document, part).validate(value)
    if "$ref" in part:
        part = document["components"]["schemas"][part["$ref"].rpartition("/")[2]]
    if part.get("type") == "array":
        for each in value:
            check(document, part["items"], each)
    elif "properties" in part:
        assert set(value) <= set(part["properties"])


# ---- Errors


def refusals(name: str, program: Program) -> Iterator[TestResponse]:
    """Everything that can be wrong with a request for an operation."""
    request = request_of(name, program, todo_of(program))
    headers = request["headers"]

    def sent(**changed: Any) -> TestResponse:
        return program.http.open(**request | changed)

    def with_headers(**more: str) -> TestResponse:
        return sent(headers=headers | {key.replace("_", "-"): value for key, value in more.items()})

    yield sent(path=f"{request['path'].partition('?')[0]}?show=%ff")
    yield sent(path=f"{request['path']}{'&' if '?' in request['path'] else '?'}nothing=x")
    if name.startswith("GET"):
        with program.app.app_context():
            old = serializer("cursor").dumps(["changes", None, account_named(program.app, "Ana").id.hex, [1, None]])
        yield sent(path=f"{request['path']}?since={old}")
    yield sent(headers={})
    yield with_headers(If_Match='"nothing"')
    yield with_headers(Idempotency_Key="")
    for id in (UNKNOWN, "x"):
        if "{id}" in name:
            yield sent(path=SOME_ID.sub(id, request["path"]))
    yield sent(json=None, data="x" * 300_000, headers=headers | {"Idempotency-Key": uuid4().hex})
    yield sent(json=None, data="{", content_type="application/json")
    yield sent(json=None, data="{}", content_type="text/plain")
    yield sent(json={"note": "x"})
    yield sent(json=[])


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_errors_that_are_told_are_those_that_occur(somebody: Program, document: dict[str, Any], name: str) -> None:
    answers = [answer for answer in refusals(name, somebody) if answer.status_code >= 400]
    for answer in answers:
        described = document["components"]["responses"][str(answer.status_code)]
        check(document, described["content"][answer.mimetype]["schema"], answer.get_json())
        assert set(described["headers"]) - OPTIONAL <= set(answer.headers.keys())
    promised = {int(status) for status in told(document, name)["responses"] if status >= "400"}
    assert promised == set(errors_of(name, OPERATIONS[name]))
    assert {answer.status_code for answer in answers} | TOLD_ELSEWHERE == promised | TOLD_ELSEWHERE


# ---- Fields and their limits


FORMS = [name for name, operation in OPERATIONS.items() if operation.form]


def body_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    found = schema_read_by(told(document, name), document)
    assert found
    return found


def edges(field: dict[str, Any]) -> Iterator[tuple[Any, bool]]:
    """Values at the edge of what a field takes, and whether they are within."""
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    if "integer" in kinds:
        for edge, step in ((field["minimum"], -1), (field["maximum"], 1)):
            yield from ((edge, True), (edge + step, False))
    elif "boolean" in kinds:
        yield from ((True, True), (False, True), ("true", False), (1, False))
    elif "array" in kinds:
        one = {"method": "POST", "path": "/todos", "body": {"title": "x"}}
        yield from (([one], True), ([one] * 100, True), ([one] * 101, False), ([], False), ([1], False))
    else:
        longest, may_be_empty = field.get("maxLength", 500), "null" in kinds
        yield from (("x" * longest, True), ("x" * (longest + 1), False), ("\0", False), (1, False))
        yield from (("", may_be_empty), (" ", may_be_empty))
    yield (None, "null" in kinds)


@pytest.mark.parametrize("name", FORMS)
def test_each_field_is_read_within_its_limits_and_not_beyond(
    common_app: Flask, document: dict[str, Any], name: str
) -> None:
    body = body_of(document, name)
    for field, about in body["properties"].items():
        for value, within in edges(about):
            program = Program(common_app)
            program.enter()
            todo = program.call("POST", "/todos", {"title": "Buy milk"})
            sent = {"title": "Call Rui"} if "title" in body["required"] else {}
            method, _, path = name.partition(" ")
            program.call(method, path.format(id=todo["id"]), sent | {field: value})
            # A version that never was is a conflict, but could be read.
            assert (program.status in (200, 201, 409)) == within, (field, value)
            if field != "lines" or within:  # what is said of each line is in words
                assert schema(document, body).is_valid(sent | {field: value}) == within


@pytest.mark.parametrize("name", FORMS)
def test_the_required_are_required_and_the_unknown_refused(
    somebody: Program, document: dict[str, Any], name: str
) -> None:
    body = body_of(document, name)
    for missing in [None, *body["properties"]]:
        request = request_of(name, somebody, todo_of(somebody))
        sent = {key: value for key, value in request["json"].items() if key != missing}
        answer = somebody.http.open(**request | {"json": sent})
        assert (answer.status_code == 422) == (missing in body["required"])
        somebody.todo = somebody.call("POST", "/todos", {"title": "Buy milk"})  # type: ignore[attr-defined]
    for unknown in ("original", "empty_deletes", "submission", "id"):
        answer = somebody.http.open(**request_of(name, somebody, todo_of(somebody)) | {"json": {unknown: "x"}})
        assert f"#/{unknown}" in {error["pointer"] for error in answer.get_json()["errors"]}


@given(text=st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=12))
@settings(derandomize=True, max_examples=500, deadline=None)
def test_the_pattern_of_a_line_is_its_rule(text: str) -> None:
    assert bool(re.search(LINE, text)) == is_line(text.strip())


@given(text=st.text(st.sampled_from("ab \t\n\r\x00\x1c\x1f\x85\u200b\u2028\u3000ñ"), max_size=9))
@settings(derandomize=True, max_examples=1000, deadline=None)
def test_the_pattern_of_lines_is_the_rule_of_each(text: str) -> None:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    assert bool(re.search(LINES, text)) == (bool(lines) and all(map(is_line, lines)))


def is_line(text: str) -> bool:
    try:
        check_line(text, 500, "")
    except StopValidation:
        return False
    return True


def test_ids_of_the_examples_are_ids() -> None:
    assert UUID(ID).version == 7


# ---- What generated clients make of it


def test_names_make_good_names(document: dict[str, Any]) -> None:
    operations = [told(document, name) for name in OPERATIONS]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert {"create_todo", "list_todos", "get_todo", "update_todo", "delete_todo", "complete_todo"} <= set(names)
    assert all(re.fullmatch("[a-z]+(_[a-z]+)*", name) for name in names)
    assert {tag for operation in operations for tag in operation["tags"]} == {tag["name"] for tag in document["tags"]}
    assert document["info"]["license"] == {"name": "MIT", "identifier": "MIT"}


def test_each_body_is_one_and_has_a_name(document: dict[str, Any]) -> None:
    for name in FORMS:
        content = told(document, name)["requestBody"]["content"]
        assert list(content) == ["application/json"]
        assert set(content["application/json"]["schema"]) == {"$ref"}
