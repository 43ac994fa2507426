"""A program's JSON is read strictly: what is wrong with it is said, with a pointer to it, and nothing is guessed."""

import json

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.clients import Program

UNKNOWN = "01a1f8a1-5988-77cc-afbc-b09c5316fdc5"
STRING, FLAG, NUMBER = (f"This must be {kind}." for kind in ("a string", "true or false", "a whole number"))
NO_SUCH = "There is no such value here."
OURS = "Recado gives this value; it cannot be set."
NULL = "This cannot be null."
JSON = "application/json"
MISSING = "Write what needs to be done."
CONTROL = "Take out the control characters or line breaks."


@pytest.fixture(scope="module")
def program(common_app: Flask) -> Program:
    """A program all of whose requests are refused, so that all tests may share it."""
    visitor = Program(common_app)
    visitor.enter()
    return visitor


def send(program: Program, body: bytes | str, content_type: str | None = JSON) -> TestResponse:
    headers = {"Authorization": f"Bearer {program.token}"}
    return program.http.post("/api/v1/todos", data=body, content_type=content_type, headers=headers)


@pytest.mark.parametrize(
    ("body", "pointer", "detail"),
    [
        ({}, "#/title", MISSING),
        ({"title": ""}, "#/title", MISSING),
        ({"title": None}, "#/title", NULL),
        ({"title": 1}, "#/title", STRING),
        ({"title": True}, "#/title", STRING),
        ({"title": {"a": 1}}, "#/title", STRING),
        ({"title": ["Buy milk"]}, "#/title", STRING),
        ({"title": []}, "#/title", STRING),
        ({"title": "a\x00"}, "#/title", CONTROL),
        ({"title": "a\n"  "b"}, "#/title", CONTROL),
        ({"title": "\ud83d"}, "#/title", CONTROL),
        ({"title": "x", "completed": None}, "#/completed", NULL),
        ({"title": "x", "completed": "true"}, "#/completed", FLAG),
        ({"title": "x", "completed": 1}, "#/completed", FLAG),
        ({"title": "x", "completed": [True]}, "#/completed", FLAG),
        ({"title": "x", "order": None}, "#/order", NULL),
        ({"title": "x", "order": "1"}, "#/order", NUMBER),
        ({"title": "x", "order": ""}, "#/order", NUMBER),
        ({"title": "x", "order": 1.5}, "#/order", NUMBER),
        ({"title": "x", "order": 1e30}, "#/order", None),
        ({"title": "x", "order": True}, "#/order", NUMBER),
        ({"title": "x", "order": 2**53}, "#/order", None),
        ({"title": "x", "order": -(2**63) - 1}, "#/order", None),
        ({"title": "x", "order": 10**4000}, "#/order", None),
        ({"title": "x", "note": ""}, "#/note", NO_SUCH),
        ({"title": "x", "id": UNKNOWN}, "#/id", OURS),
        ({"title": "x", "completed_at": None}, "#/completed_at", OURS),
        ({"title": "x", "account_id": UNKNOWN}, "#/account_id", NO_SUCH),
        ({"title": "x", "csrf_token": "x"}, "#/csrf_token", NO_SUCH),
        ({"title": "x", "": "x"}, "#/", NO_SUCH),
        ({"title": "x", "a/b~c": "x"}, "#/a~1b~0c", NO_SUCH),
        ({"title": "x", "ñ %": "x"}, "#/%C3%B1%20%25", NO_SUCH),
        ({"title": "x", "\ud800": "x"}, "#/%3F", NO_SUCH),
        *[
            ({"title": "x", name: "x"}, f"#/{name}", NO_SUCH)
            for name in ("Meta", "data", "errors", "validate", "problems", "__class__", "_fields", "form_errors")
        ],
    ],
)  # fmt: skip
def test_a_wrong_value_is_422_with_a_pointer_to_it(
    program: Program, body: dict[str, object], pointer: str, detail: str | None
) -> None:
    answer = send(program, json.dumps(body))
    assert answer.status_code == 422
    assert program.problem(answer) == "See what is said beside each value."
    (error,) = answer.get_json()["errors"]
    assert error["pointer"] == pointer
    assert error["detail"] == (detail or "Choose a number from -9007199254740991 to 9007199254740991.")
    assert program.titles() == []


def test_all_wrong_values_are_told_at_once(program: Program) -> None:
    answer = send(program, '{"completed": "no", "order": "last", "x": 1}')
    assert [error["pointer"] for error in answer.get_json()["errors"]] == ["#/title", "#/completed", "#/order", "#/x"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "line 1, column 1"),
        ("{", "line 1, column 2"),
        ('{"title": "x"', "line 1, column 14"),
        ("{'title': 'x'}", "line 1, column 2"),
        ('{"title": "x"} x', "line 1, column 16"),
        ('{"title": "a\nb"}', "line 1, column 13"),
        ("NaN", "NaN"),
        ('{"title": NaN}', "NaN"),
        ('{"order": -Infinity}', "-Infinity"),
        ('{"title": "x", "title": "y"}', "a name stands twice in one object"),
        ('{"title": {"a": 1, "a": 1}}', "a name stands twice in one object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 40_000 + "1" + "}" * 40_000, "nested too deeply"),
        ("9" * 5000, "a number that is too long"),
        (b'{"title": "\xff"}', "text that is not UTF-8"),
        (b'{"title": "\xed\xa0\x80"}', "text that is not UTF-8"),
        ('{"title": "x"}'.encode("utf-16"), "text that is not UTF-8"),
        (b'\xef\xbb\xbf{"title": "x"}', "line 1, column 1"),
        ("title=x", "line 1, column 1"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_json_is_400_with_a_reason(program: Program, body: bytes | str, reason: str) -> None:
    answer = send(program, body)
    assert answer.status_code == 400
    assert program.problem(answer) == f"The body is not valid JSON: {reason}."
    assert program.titles() == []


@pytest.mark.parametrize("body", ["null", "[]", '["title"]', '"title"', "1", "true", "1e400"])
def test_json_that_is_no_object_is_422(program: Program, body: str) -> None:
    answer = send(program, body)
    assert answer.status_code == 422
    assert program.problem(answer) == "The body must be a JSON object."


def test_json_is_not_nested_deeper_than_it_can_be_written_again(program: Program) -> None:
    answers = []
    for depth in (50, 99, *range(850, 1000, 5)):
        deep = "[" * depth + "]" * depth
        for body in (f'{{"operations": [{deep}]}}', f'{{"operations": [{{"body": {{"title": {deep}}}}}]}}'):
            headers = {"Authorization": f"Bearer {program.token}"}
            answers.append(program.http.post("/api/v1/batch", data=body, content_type=JSON, headers=headers))
    assert [answer.status_code for answer in answers] == [422] * 2 + [400] * (len(answers) - 2)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "x",
        "json",
        "application/vnd.x+json",
        "application/json-patch+json",
    ],
)
def test_what_does_not_say_that_it_is_json_is_415(program: Program, content_type: str | None) -> None:
    answer = send(program, '{"title": "x"}', content_type)
    assert (answer.status_code, answer.headers["Accept"]) == (415, "application/json")
    assert "Content-Type: application/json" in program.problem(answer)
    assert program.titles() == []


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_by_another_name_is_json(common_app: Flask, content_type: str) -> None:
    program = Program(common_app)
    program.enter()
    assert (
        send(program, '{"title": "Año \\ud83d\\ude00", "completed": true, "order": -7.0}', content_type).status_code
        == 201
    )
    (todo,) = program.call("GET", "/todos")
    assert (todo["title"], todo["completed"], todo["order"]) == ("Año 😀", True, -7)


def test_an_absent_value_changes_nothing(common_app: Flask) -> None:
    program = Program(common_app)
    program.enter()
    todo = program.call("POST", "/todos", {"title": "Buy milk", "completed": True, "order": 5})
    assert program.call("PATCH", f"/todos/{todo['id']}", {}) == todo
    for wrong in (
        {"title": None},
        {"completed": None},
        {"order": None},
        {"title": ""},
        {"title": None, "empty_deletes": True},
    ):
        program.call("PATCH", f"/todos/{todo['id']}", wrong)
        assert program.status == 422
    assert program.call("GET", f"/todos/{todo['id']}") == todo


@pytest.mark.parametrize(("key", "status"), [("", 422), ("x", 201), ("x" * 255, 201), ("x" * 256, 422), ("ñ", 201)])
def test_a_key_against_doing_it_twice_has_a_sensible_length(common_app: Flask, key: str, status: int) -> None:
    program = Program(common_app)
    program.enter()
    for replayed in (None, "true"):
        program.call("POST", "/todos", {"title": "Buy milk"}, headers={"Idempotency-Key": key})
        assert program.status == status
        assert program.answer.headers.get("Idempotent-Replayed") == (replayed if status == 201 else None)
    assert len(program.titles()) == (1 if status == 201 else 0)


@pytest.mark.parametrize(("method", "path", "status"), [("PUT", "/todos", 405), ("POST", "/nowhere", 404)])
def test_a_key_means_nothing_where_nothing_can_be_done(common_app: Flask, method: str, path: str, status: int) -> None:
    program = Program(common_app)
    program.enter()
    used = {"Idempotency-Key": "used"}
    program.call("POST", "/todos", {"title": "Buy milk"}, headers=used)
    program.call(method, path, {"title": "Call Rui"}, headers=used)
    assert program.status == status
