"""Scripts of other sites: kept out, but for the origins that are configured, and then at the API alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import running
from tests.support.clients import Page, Program
from webapp.config import ConfigurationError, from_environment

FRIEND, OTHER = "https://friend.example", "https://other.example"
ASKING = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization,content-type"}


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    for app in running(
        tmp_path, f"sqlite:///{tmp_path / 'test.sqlite3'}", cors_origins=(FRIEND, "http://localhost:3000")
    ):
        visitor = Program(app)
        visitor.enter()
        yield visitor


def cors(headers: object) -> set[str]:
    return {name for name, _ in headers if name.startswith("Access-Control-")}  # type: ignore[attr-defined]


def test_without_origins_nobody_is_let_in(common_app: Flask) -> None:
    program = Program(common_app)
    program.enter()
    for method, headers in (("GET", {}), ("OPTIONS", ASKING)):
        program.call(method, "/todos", headers={"Origin": FRIEND} | headers)
        assert cors(program.answer.headers) == set()
        assert "Vary" not in program.answer.headers
        assert program.answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_friends_script_may_ask_and_read(program: Program) -> None:
    program.call("OPTIONS", "/todos", headers={"Origin": FRIEND, "Authorization": ""} | ASKING)
    headers = program.answer.headers
    assert program.status == 204
    assert headers["Access-Control-Allow-Origin"] == FRIEND
    assert set(headers["Access-Control-Allow-Methods"].split(", ")) == {"GET", "HEAD", "POST", "PATCH", "DELETE"}
    allowed = set(headers["Access-Control-Allow-Headers"].split(", "))
    assert allowed >= {"Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"}
    assert 0 < int(headers["Access-Control-Max-Age"]) <= 86400
    for path, status in (("/todos", 200), ("/nowhere", 404)):
        program.call("GET", path, headers={"Origin": FRIEND})
        headers = program.answer.headers
        assert program.status == status
        assert headers["Access-Control-Allow-Origin"] == FRIEND
        assert {"ETag", "Link", "Location", "RateLimit", "Retry-After", "Idempotent-Replayed", "X-Request-Id"} <= {
            *headers["Access-Control-Expose-Headers"].split(", ")
        }
        assert headers["Vary"] == "Origin"
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize(
    "origin",
    [OTHER, "null", "https://friend.example.evil.example", "http://friend.example", "HTTPS://friend.example", "*"],
)
def test_anothers_script_may_not(program: Program, origin: str) -> None:
    for method, headers in (("GET", {}), ("OPTIONS", ASKING)):
        program.call(method, "/todos", headers={"Origin": origin} | headers)
        assert cors(program.answer.headers) == set()
        assert program.answer.headers["Vary"] == "Origin"


def test_pages_are_no_business_of_other_sites(program: Program) -> None:
    page = Page(program.app)
    for path in ("/", "/todos", "/api/problems", "/static/recado.css"):
        for method, headers in (("GET", {}), ("OPTIONS", ASKING)):
            answer = page.ask(method, path, headers={"Origin": FRIEND} | headers)
            assert cors(answer.headers) == set()
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_origins_are_read_as_browsers_write_them(tmp_path: Path) -> None:
    def read(value: str) -> tuple[str, ...]:
        return from_environment({"RECADO_DATA": str(tmp_path), "RECADO_CORS_ORIGINS": value}).cors_origins

    assert read("") == ()
    assert read("https://Friend.example:443/  http://localhost:3000") == (FRIEND, "http://localhost:3000")
    for wrong in ("*", "friend.example", "https://friend.example/path", "https://friend.example null"):
        with pytest.raises(ConfigurationError, match="RECADO_CORS_ORIGINS"):
            read(wrong)
