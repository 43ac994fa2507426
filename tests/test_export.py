"""Your data as one file: all of it, nobody else's, nothing that opens a door, as of one moment, however much it is."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.engine import make_url

from tests.conftest import SECRET
from tests.support.clients import SAME_ORIGIN, Fragment, Page, TextPage
from tests.support.live_server import ROOT, server
from tests.support.people import PASSWORD, log_in, register
from webapp.db import Database, connection, now
from webapp.models.accounts.account import Account, AccountRow, add_account
from webapp.models.accounts.passkey import Passkey
from webapp.models.accounts.token import Token, add_token
from webapp.models.sessions.session import BrowserSession
from webapp.models.todos.export import export_of
from webapp.models.todos.todo import Todo

pytest_plugins = ["tests.support.chromium", "tests.support.live_server"]

MANY = 30_000
GROWTH = 5 * 1024 * 1024  # bytes of memory; the file is 8 MB long, and its rows in memory would be more
MEASURE = """
import resource, sys
from pathlib import Path
from sqlalchemy import text
from tests.support.clients import Page
from webapp import create_app
from webapp.config import Config

data, url, secret, cookie = sys.argv[1:]
page = Page(create_app(Config(Path(data), url, secret)))
page.http.set_cookie("recado", cookie)
take = lambda: page.http.get("/settings/export/recado.json")
assert take().status_code == 200  # once, so that all is imported
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with page.app.extensions["database"].transaction(write=True) as transaction:
    transaction.connection.execute(text(sys.stdin.read()))
    transaction.commit()
answer = take()
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(answer.headers["Content-Length"], grown * (1 if sys.platform == "darwin" else 1024))
"""
FILL = {
    "sqlite": f"""WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {MANY})
        INSERT INTO todo (id, account_id, title, position, created_at, updated_at, version)
        SELECT lower(hex(randomblob(16))), id, 'To-do ' || n || printf('%.50c', 'x'), n, created_at, created_at, 1
        FROM counted, account""",
    # Its triggers take a minute for so many rows of one account, and the export reads nothing of what they write.
    "postgresql": f"""ALTER TABLE todo DISABLE TRIGGER USER;
        INSERT INTO todo (id, account_id, title, position, created_at, updated_at, version, sequence)
        SELECT gen_random_uuid(), id, 'To-do ' || n || repeat('x', 50), n, created_at, created_at, 1, n
        FROM generate_series(1, {MANY}) n, account;
        ALTER TABLE todo ENABLE TRIGGER USER""",
}


@pytest.fixture(params=[Page, TextPage, Fragment], ids=lambda kind: kind.__name__)
def ana(request: pytest.FixtureRequest, any_app: Flask) -> Page:
    visitor: Page = request.param(any_app)
    visitor.go("/")
    return visitor


def exported(visitor: Page) -> dict[str, Any]:
    visitor.go("/settings")
    visitor.follow("Your data")
    visitor.follow("Download your data")
    assert visitor.answer.status_code == 200
    document: dict[str, Any] = visitor.answer.get_json()
    visitor.answer.close()
    return document


def run(app: Flask, *statements: Any) -> None:
    with app.extensions["database"].transaction(write=True) as transaction:
        for statement in statements:
            connection().execute(statement)
        transaction.commit()


def lapse(app: Flask) -> None:
    """Let it be long ago that a password was given."""
    run(app, update(BrowserSession).values(confirmed_at=now() - timedelta(minutes=11)))


def test_all_that_is_kept_is_in_it(ana: Page) -> None:
    ana.enter("Ana")
    for title in ("Buy milk", "Call Rui", "Comprar pan – 🥖 «año» \\ \"'"):
        ana.add(title)
    ana.complete("Call Rui")
    ana.delete("Buy milk")
    register(ana, "Ana")
    ana.press("Dark")
    with ana.app.extensions["database"].transaction(write=True) as transaction:
        account = connection().execute(select(Account)).one()
        add_token(account)  # type: ignore[arg-type]
        phone = {"account_id": account.id, "credential_id": b"a", "public_key": b"b", "sign_count": 0, "name": "Phone"}
        connection().execute(insert(Passkey), phone)
        transaction.commit()
    document = exported(ana)

    assert [*document] == [
        *("format", "version", "exported_at", "preferences"),
        *("account", "tokens", "passkeys", "sessions", "todos"),
    ]
    assert (document["format"], document["version"]) == ("recado", 1)
    assert now() - datetime.fromisoformat(document["exported_at"]) < timedelta(minutes=1)
    assert document["preferences"] == {"language": "en", "theme": "dark"}
    owner = document["account"]
    assert datetime.fromisoformat(owner.pop("created_at")).tzinfo is not None
    assert owner == {"name": "Ana", "user_name": "ana", "is_admin": True, "second_factor": False}
    (token,), (passkey,), sessions = document["tokens"], document["passkeys"], document["sessions"]
    assert [*token] == ["name", "may_write", "created_at", "expires_at", "used_at"]
    assert passkey["name"] == "Phone"
    assert {session["address"] for session in sessions} == {"127.0.0.1"}
    assert [*sessions[0]] == ["address", "browser", "created_at", "seen_at", "expires_at"]
    with ana.app.extensions["database"].transaction(write=False):
        kept = connection().execute(select(Todo).order_by(Todo.sequence)).all()
    assert len(document["todos"]) == 3
    for todo, row in zip(document["todos"], kept, strict=True):
        columns = dict(row._mapping) | {"order": row.position, "list": row.list_id}
        for name, value in todo.items():
            if isinstance(columns[name], datetime):
                assert re.fullmatch(r"[-\d]{10}T[:\d]{8}\.\d{6}Z", value)
                assert datetime.fromisoformat(value) == columns[name]
            else:
                assert value == (str(columns[name]) if name == "id" else columns[name])
        assert {*columns} - {*todo} == {"account_id", "position", "list_id", "sequence"}


def test_nothing_is_in_it_that_opens_a_door_or_is_somebody_elses(ana: Page) -> None:
    register(ana, "ana")
    bob = type(ana)(ana.app)
    register(bob, "bob")
    bob.add("A secret of Bob's")
    with ana.app.extensions["database"].transaction(write=True) as transaction:
        account = connection().execute(select(Account).where(Account.user_name == "ana")).one()
        token = add_token(account)  # type: ignore[arg-type]
        connection().execute(update(Account).where(Account.id == account.id).values(totp_secret="sealed secret"))
        (token_hash,) = connection().execute(select(Token.token_hash)).one()
        session_hashes = connection().execute(select(BrowserSession.token_hash)).scalars().all()
        transaction.commit()
    document = exported(ana)
    assert document["account"]["second_factor"] is True
    cookie = ana.http.get_cookie("recado")
    assert cookie
    secrets = [PASSWORD, account.password_hash, "sealed secret", token, cookie.value]
    secrets += [hash.hex() for hash in (token_hash, *session_hashes)]
    for secret in [*secrets, "argon2", "bob", "Bob"]:
        assert secret not in ana.answer.text


def test_a_guest_may_take_everything_along_too(ana: Page) -> None:
    ana.enter("Ana")
    ana.add("Buy milk")
    document = exported(ana)
    assert document["account"]["user_name"] is None
    assert [todo["title"] for todo in document["todos"]] == ["Buy milk"]


def test_the_password_is_asked_for_and_leads_to_the_page_and_never_to_the_file(ana: Page) -> None:
    register(ana)
    lapse(ana.app)
    ana.go("/settings")
    ana.follow("Your data")
    assert ana.url == "/confirm?next=/settings/export"
    ana.press("Go on", password=PASSWORD)
    assert ana.url == "/settings/export"
    lapse(ana.app)
    ana.follow("Download your data")
    assert ana.url == "/confirm?next=/settings/export"
    ana.press("Go on", password=PASSWORD)
    assert ana.url == "/settings/export"
    assert exported(ana)["account"]["user_name"] == "ana"


def test_it_is_a_file_that_no_browser_shows_or_keeps(app: Flask) -> None:
    page = Page(app)
    page.enter('../"<b>\\Ana')
    for method, there in (("GET", True), ("HEAD", False)):
        answer = page.ask(method, "/settings/export/recado.json")
        assert answer.mimetype == "application/json"
        assert answer.headers["Content-Disposition"] == f"attachment; filename=recado-{datetime.now(UTC):%Y-%m-%d}.json"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
        assert "no-store" in answer.headers["Cache-Control"]
        assert bool(answer.data) == there
    assert len(page.ask("GET", "/settings/export/recado.json").data) == answer.content_length


def test_it_is_as_of_one_moment_whatever_is_written_meanwhile(any_app: Flask) -> None:
    database: Database = any_app.extensions["database"]
    with database.transaction(write=True) as transaction:
        account = add_account("Ana")
        rows = [{"account_id": account.id, "title": f"To-do {n}", "position": n} for n in range(3000)]
        connection().execute(insert(Todo), rows)
        transaction.commit()
    with database.snapshot():
        document = export_of(account)
        todos = document["todos"]
        first = next(todos)
        write_meanwhile(database, account)
        titles = [first["title"], *(todo["title"] for todo in todos)]
        again = export_of(account)
        assert (again["account"]["name"], again["tokens"]) == ("Ana", [])
    assert titles == [f"To-do {n}" for n in range(3000)]
    with database.snapshot():
        later = export_of(account)
        assert (later["account"]["name"], len(later["tokens"])) == ("Anna", 1)
        assert {todo["title"] for todo in later["todos"]} == {"Changed", "Added"}


def write_meanwhile(database: Database, account: AccountRow) -> None:
    with database.transaction(write=True) as transaction:
        connection().execute(update(Account).values(name="Anna"))
        connection().execute(update(Todo).values(title="Changed"))
        connection().execute(insert(Todo), {"account_id": account.id, "title": "Added", "position": 5000})
        add_token(account)
        transaction.commit()


def test_a_long_list_takes_no_more_memory_than_a_short_one(any_app: Flask, tmp_path: Path) -> None:
    pytest.importorskip("resource")
    page = Page(any_app)
    page.enter()
    cookie = page.http.get_cookie("recado")
    url = any_app.extensions["database"].engine.url
    assert cookie
    sent = [str(tmp_path), url.render_as_string(hide_password=False), SECRET, cookie.value]
    fill = FILL[make_url(url).get_backend_name()]
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, *sent], cwd=ROOT, input=fill, capture_output=True, text=True
    )
    assert measured.returncode == 0, measured.stderr
    length, grown = map(int, measured.stdout.split())
    assert length > MANY * 200
    assert grown < GROWTH


# ---- Over the real server


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A server, and the cookie of somebody with a long list."""
    data = tmp_path_factory.mktemp("busy")
    with server(data) as url:
        porch = HTTPConnection(urlsplit(url).netloc, timeout=30)
        form = SAME_ORIGIN | {"Content-Type": "application/x-www-form-urlencoded"}
        porch.request("POST", "/", "name=Ana", form)
        cookie = str(porch.getresponse().headers["Set-Cookie"]).partition(";")[0]
        porch.close()
        database = Database(f"sqlite:///{data / 'recado.sqlite3'}")
        with database.transaction(write=True) as transaction:
            connection().exec_driver_sql(FILL["sqlite"])
            transaction.commit()
        database.engine.dispose()
        yield url, cookie


def ask(url: str, cookie: str) -> socket.socket:
    netloc = urlsplit(url).netloc
    client = socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), timeout=60)
    client.sendall(f"GET /settings/export/recado.json HTTP/1.1\r\nHost: {netloc}\r\nCookie: {cookie}\r\n\r\n".encode())
    return client


def test_who_hangs_up_or_reads_slowly_holds_nobody_up(busy: tuple[str, str]) -> None:
    url, cookie = busy
    slow = [ask(url, cookie) for _ in range(9)]  # one more than the server has threads
    for client in slow:
        assert client.recv(12) == b"HTTP/1.1 200"  # it begins, and nobody reads on
    porch = HTTPConnection(urlsplit(url).netloc, timeout=10)
    porch.request("GET", "/", headers={"Cookie": cookie})
    assert b"Hello, Ana!" in porch.getresponse().read()
    for client in slow[1:]:
        client.close()  # in the middle
    porch.request("GET", "/settings/export/recado.json", headers={"Cookie": cookie})
    assert len(json.load(porch.getresponse())["todos"]) == MANY
    porch.close()
    with slow[0] as patient, patient.makefile("rb") as file:
        head = b"".join(iter(file.readline, b"\r\n"))
        (length,) = re.findall(rb"Content-Length: (\d+)", head)
        assert len(json.loads(file.read(int(length)))["todos"]) == MANY


def test_logged_out_meanwhile_takes_nothing(ana: Page) -> None:
    register(ana)
    tab = type(ana)(ana.app)
    tab.http = ana.http
    ana.go("/settings/export")
    tab.go("/settings")
    tab.press("Log out")
    ana.follow("Download your data")
    assert ana.url.startswith("/?next=")
    assert "What's your name?" in ana.text()
    log_in(ana)
    assert exported(ana)["account"]["user_name"] == "ana"
