"""docs/security.md keeps its word, and the small rows of the list it is checked against."""

import ast
import re
import socket
import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.support.clients import Page, Program
from tests.support.visitors import ChromiumVisitor
from webapp.config import from_environment
from webapp.models.accounts.account import accounts_named
from webapp.models.accounts.token import PREFIX, add_token, hash_of

pytest_plugins = ["tests.support.chromium", "tests.support.live_server"]

TOP = Path(__file__).resolve().parent.parent
ROWS = re.findall(r"^\| (\d[\d./\-, ]*) \|.*$", (TOP / "docs/security.md").read_text("utf-8"), re.MULTILINE)
NAMED = re.compile(r"`(test_\w+)`")
FORBIDDEN = {  # what no module of the app may use, and why not
    "random": "guessable; `secrets` is not",
    "pickle": "runs what it reads",
    "marshal": "runs what it reads",
    "shelve": "runs what it reads",
    "yaml": "may run what it reads",
    "subprocess": "nothing that is sent comes near a shell",
    "xml": "reads other files and grows",
    "ctypes": "steps around everything",
}
CALLS = {"eval", "exec", "compile", "__import__", "render_template_string", "from_string", "Markup", "system", "popen"}
QUOTES = (
    "'",
    '"',
    "'; DROP TABLE todo; --",
    "' OR '1'='1",
    "\\'",
    "$$",
    "%s",
    ":title",
    "?",
    "\\",
    "');--",
    "E'\\047'",
)


# ---- The list


def test_every_row_names_tests_that_there_are() -> None:
    there = {
        node.name
        for path in TOP.glob("tests/test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    text = (TOP / "docs/security.md").read_text("utf-8")
    assert sorted(set(NAMED.findall(text)) - there) == []
    assert len(ROWS) == len(set(ROWS)) > 50
    for line in text.splitlines():
        if re.match(r"\| \d", line):
            assert NAMED.search(line), line
    assert "TODO" not in text


def test_every_event_that_is_logged_is_told() -> None:
    logged = {
        name.value
        for path in TOP.glob("webapp/**/*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("log_event", "log_event_after_commit")
        for name in ast.walk(node.args[0])
        if isinstance(name, ast.Constant) and isinstance(name.value, str)
    }
    told = (TOP / "docs/security.md").read_text("utf-8").partition("## What is logged")[2].partition("## The rows")[0]
    assert len(logged) > 20
    assert logged == set(re.findall(r"`(\w+)`", told))


def test_nobody_claims_a_certificate() -> None:
    text = (TOP / "docs/security.md").read_text("utf-8")
    assert "checked against" in text
    assert [line for line in text.splitlines() if "certif" in line.lower() and "nobody" not in line.lower()] == []


# ---- Code


def test_no_module_uses_what_is_dangerous() -> None:
    found = []
    for path in TOP.glob("webapp/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found += [name.name for name in node.names if name.name.partition(".")[0] in FORBIDDEN]
            elif isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] in FORBIDDEN:
                found.append(str(node.module))
            elif isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in CALLS and ast.unparse(node.func) != "re.compile":
                    found.append(f"{path.name}: {ast.unparse(node)}")
    assert found == []


def test_the_linter_looks_for_what_is_dangerous() -> None:
    settings = (TOP / "pyproject.toml").read_text("utf-8")
    assert re.search(r'select = \[.*"S".*]', settings)  # bandit's rules: SQL from strings, pickle, random, …
    exceptions = {
        (path.name, rule)
        for path in TOP.glob("webapp/**/*.py")
        for rule in re.findall(r"noqa:.*?\b(S\d+)", path.read_text("utf-8"))
    }
    # An address that the server compares with, and SHA-1 in an HMAC, which is what authenticator apps know (RFC 6238).
    assert exceptions == {("listening.py", "S104"), ("totp.py", "S303")}


@pytest.mark.parametrize("text", QUOTES)
def test_quotes_are_letters_to_each_database(any_app: Flask, text: str) -> None:
    ana, program = Page(any_app), Program(any_app)
    ana.enter(text)
    ana.add(text)
    ana.edit(text, f"{text} {text}")
    assert ana.titles() == [f"{text} {text}"]
    ana.go(f"/todos?show={text}")
    program.enter()
    program.add(text)
    assert program.titles() == [text]
    assert program.call("GET", f"/todos/{text}", headers={"If-Match": text}) is not None
    assert program.status == 404


# ---- Tokens and files


def test_ten_thousand_tokens_are_all_different_and_none_is_stored(app: Flask) -> None:
    program = Program(app)
    program.enter()
    with app.extensions["database"].transaction(write=True) as transaction:
        (ana,) = accounts_named("Ana")
        tokens = {add_token(ana) for _ in range(10_000)}
        stored = transaction.connection.exec_driver_sql("SELECT * FROM token").all()
    assert len(tokens) == 10_000
    assert {len(token) for token in tokens} == {len(PREFIX) + 43}  # 256 bits in base64
    one = next(iter(tokens))
    assert one not in str(stored)
    assert hash_of(one) in {value for row in stored for value in row if isinstance(value, bytes)}


def test_no_page_tells_the_cookie(app: Flask) -> None:
    ana = Page(app)
    ana.enter()
    ana.add("Buy milk")
    bodies = [ana.answer.text]
    for path in ("/", "/todos", "/register", "/settings", "/settings/tokens", "/nowhere", "/debug/error"):
        ana.go(path)
        bodies.append(ana.answer.text + str(ana.answer.headers))
    cookies = [cookie.value for cookie in ana.http._cookies.values() if len(cookie.value) > 1]  # type: ignore[union-attr]
    assert len(cookies) >= 1
    for body in bodies[1:]:
        assert not [value for value in cookies if value in body]


def test_only_their_owner_reads_the_folder_and_the_key(tmp_path: Path) -> None:
    config = from_environment({"RECADO_DATA": str(tmp_path / "new")})
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (config.data, config.data / "secret_key")}
    assert modes == {"new": 0o700, "secret_key": 0o600}


def test_nothing_that_was_written_stays_in_the_browsers_storage(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk")
    eva.press("Edit", "Buy milk")
    eva.press("Cancel")
    eva.press("Complete", "Buy milk")
    eva.press("Delete", "Buy milk")
    eva.press("Undo")
    assert eva.js("[localStorage.length, document.cookie]") == [0, ""]
    stored = eva.js("({...sessionStorage})")  # htmx notes which page it is on, and nothing else
    assert {name: urlsplit(value).path for name, value in stored.items()} == {"htmx-current-path-for-history": "/todos"}


# ---- Framing


@pytest.mark.parametrize(("version", "status"), [("1.1", b"400"), ("1.0", b"200")])
def test_a_request_names_its_host_where_http_wants_it(live_url: str, version: str, status: bytes) -> None:
    address = urlsplit(live_url)
    with socket.create_connection((str(address.hostname), int(address.port or 80)), timeout=10) as opened:
        opened.sendall(f"GET / HTTP/{version}\r\nConnection: close\r\n\r\n".encode())
        assert opened.recv(65536).split()[1] == status


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 5\r\nContent-Length: 50",
        "Content-Length: 5, 50",
        "Content-Length: +5",
        "Content-Length: -5",
        "Content-Length: 0x5",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: identity, chunked, identity",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Content-Length : 5",
        "Transfer-Encoding : chunked",
        "X: y\nContent-Length: 50",
        "X: y\rContent-Length: 50",
        "X: \0y",
    ],
)
def test_a_request_that_can_be_read_in_two_ways_is_refused(live_url: str, head: str) -> None:
    address = urlsplit(live_url)
    hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    request = f"POST /todos HTTP/1.1\r\nHost: {address.netloc}\r\n{head}\r\n\r\n{hidden}"
    with socket.create_connection((str(address.hostname), int(address.port or 80)), timeout=10) as opened:
        opened.sendall(request.encode("latin-1"))
        opened.shutdown(socket.SHUT_WR)
        answers = b"".join(iter(lambda: opened.recv(65536), b""))
    assert re.match(rb"HTTP/1\.[01] (400|501) ", answers)
    assert answers.count(b"HTTP/1.") == 1  # what is hidden in the body is no request
