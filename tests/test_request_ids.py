"""Each request has an id: its sender's or a new one, on its answer and on every line that is logged about it."""

import io
import json
import logging
from uuid import UUID

import pytest
from flask import Flask

from tests.conftest import Visitor
from tests.support.clients import Program

pytest_plugins = ["tests.support.server_logs"]


@pytest.mark.parametrize("given", ["a", "7f3e.A_b-9", "x" * 128])
def test_an_id_that_came_along_is_kept(visitor: Visitor, given: str) -> None:
    for method, path in (("GET", "/todos"), ("POST", "/todos"), ("GET", "/nowhere"), ("GET", "/odd/fail")):
        answer = visitor.ask(method, path, headers={"X-Request-Id": given})
        assert answer.headers.getlist("X-Request-Id") == [given]


@pytest.mark.parametrize("given", [None, "", "x" * 129, "a b", "a,b", "ñ", 'a"b', "a;b"])
def test_any_other_request_gets_a_new_one(visitor: Visitor, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-Id": given}
    ids = {visitor.ask("GET", path, headers=headers).headers["X-Request-Id"] for path in ("/todos", "/nowhere") * 2}
    assert len(ids) == 4
    assert {UUID(id).version for id in ids} == {7}


def test_it_is_on_every_line_and_on_the_problem(common_app: Flask, log_lines: io.StringIO) -> None:
    program = Program(common_app)
    for given in ("first", "second"):
        program.call("GET", "/odd/fail", headers={"X-Request-Id": given})
        assert program.answer.get_json()["request_id"] == given
    logging.getLogger("recado").warning("Nobody asked for this.")
    logged = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    assert [line.get("request") for line in logged] == ["first", "second", None]
    assert "RuntimeError" in logged[0]["exception"]


def test_a_batch_keeps_its_id_whatever_its_operations_are(common_app: Flask) -> None:
    program = Program(common_app)
    program.enter()
    add = {"method": "POST", "path": "/todos", "body": {"title": "Buy milk"}}
    for operations, status in (([add, add], 200), ([add, add | {"body": {}}], 422)):
        program.call("POST", "/batch", {"operations": operations}, headers={"X-Request-Id": "mine"})
        assert (program.status, program.answer.headers["X-Request-Id"]) == (status, "mine")


def test_one_that_runs_again_keeps_its_id(common_app: Flask) -> None:
    program = Program(common_app)
    program.call("POST", "/odd/conflict")
    assert program.status == 409
    assert UUID(program.answer.headers["X-Request-Id"])
