"""Alive and ready: what looks after Recado is told the truth, whatever it calls us; and what is left after a stop."""

import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, event, func, select, update

from tests.support.clients import Page, account_named
from tests.support.live_server import ROOT, environment
from tests.test_quotas import Start, start  # noqa: F401 - a fixture
from webapp.db import Database, connection, now
from webapp.health import READY, Readiness
from webapp.models.accounts.account import Account, add_account
from webapp.models.accounts.account_deletion import LOST_AGE
from webapp.models.accounts.token import add_token
from webapp.models.housekeeping import prune_expired
from webapp.models.sessions.session import BrowserSession
from webapp.models.sessions.submission import Submission
from webapp.models.todos.write import add_todos


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_answered_whatever_the_host_is(app: Flask, path: str) -> None:
    app.config["PUBLIC_ORIGIN"], app.config["TRUSTED_HOSTS"] = "https://todo.example.org", ["todo.example.org"]
    for host in ("10.0.0.7:8000", "todo.example.org", "elsewhere.example", "a b"):
        answer = app.test_client().get(path, headers={"Host": host})
        assert (answer.status_code, answer.mimetype) == (200, "text/plain")
        assert "Set-Cookie" not in answer.headers


Breaking = Callable[[Database], None]


def be_read_only(database: Database) -> None:
    event.listen(database.engine, "checkout", lambda opened, *_: opened.execute("PRAGMA query_only = ON"))


def be_damaged(database: Database) -> None:
    database.close()
    file = Path(str(database.engine.url.database))
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    file.write_bytes(content)


def be_gone(database: Database) -> None:
    database.close()
    Path(str(database.engine.url.database)).unlink()


@pytest.mark.parametrize("breaking", [be_read_only, be_damaged, be_gone])
def test_readiness_is_honest(start: Start, breaking: Breaking) -> None:  # noqa: F811
    app = start()
    http = app.test_client()
    assert (http.get("/readyz").status_code, http.get("/readyz").text) == (200, f"{READY}\n")
    breaking(app.extensions["database"])
    app.extensions["readiness"] = Readiness(app.extensions["database"])
    answer = http.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "the database cannot be read and written\n")
    assert http.get("/healthz").status_code == 200


def test_a_damaged_database_is_no_mistake_of_ours(start: Start) -> None:  # noqa: F811
    app = start()
    ana = Page(app)
    ana.enter()
    be_damaged(app.extensions["database"])
    for method, path in (("GET", "/todos"), ("POST", "/todos"), ("GET", "/")):
        answer = ana.ask(method, path, {"title": "Buy milk"} if method == "POST" else None)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]


def test_whoever_asks_often_costs_one_look_a_second(app: Flask) -> None:
    asked: list[str] = []
    event.listen(
        app.extensions["database"].engine, "before_cursor_execute", lambda _c, _cur, said, *_: asked.append(said)
    )
    for _ in range(20):
        assert app.test_client().get("/readyz").status_code == 200
    assert sum("alembic_version" in said for said in asked) <= 2


# ---- Stopping, and the file


def test_after_a_stop_the_file_alone_is_everything_and_only_its_owners(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "webapp.server", "--port", "0"]
    old = os.umask(0o022)
    try:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, text=True)
    finally:
        os.umask(old)
    with process:
        assert process.stdout
        assert "http://" in process.stdout.readline()
        database = Database(f"sqlite:///{tmp_path / 'recado.sqlite3'}")
        with database.transaction(write=True) as transaction:
            add_todos(add_account("Ana"), ["Buy milk"])
            transaction.commit()
        database.engine.dispose()
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
        process.send_signal(signal.SIGINT)
        process.wait(20)
    assert {name for name, mode in modes.items() if mode != 0o600} == set()
    assert {"recado.sqlite3", "secret_key"} <= set(modes)
    copy = tmp_path / "copy.sqlite3"
    copy.write_bytes((tmp_path / "recado.sqlite3").read_bytes())
    with sqlite3.connect(copy) as opened:
        assert opened.execute("SELECT title FROM todo").fetchall() == [("Buy milk",)]
    opened.close()


# ---- Housekeeping


def test_guests_nobody_can_reach_go_and_others_stay(any_app: Flask) -> None:
    database: Database = any_app.extensions["database"]
    for name in ("lost", "with a browser", "new"):
        Page(any_app).enter(name)
    with database.transaction(write=True) as transaction:
        add_token(add_account("with a token"))
        lost, new = (account_named(any_app, name).id for name in ("lost", "new"))
        connection().execute(delete(BrowserSession).where(BrowserSession.account_id.in_([lost, new])))
        old = update(Account).values(created_at=now() - 2 * LOST_AGE)
        connection().execute(old.where(Account.id != new))
        transaction.commit()
    prune_expired(database)
    with database.transaction(write=False):
        names = set(connection().execute(select(Account.name)).scalars())
    assert names >= {"with a browser", "with a token", "new"}
    assert "lost" not in names


def test_what_expired_goes_in_steps_between_which_others_write(any_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.models.pruning.STEP", 10)
    database: Database = any_app.extensions["database"]
    Page(any_app).enter()
    with database.transaction(write=True) as transaction:
        values = {"fingerprint": b"", "created_at": now().replace(year=2020), "status": 303, "headers": "{}"}
        rows = [{"owner": b"x", "key_hash": number.to_bytes(4, "big")} | values for number in range(35)]
        connection().execute(Submission.__table__.insert(), rows)
        transaction.commit()
    commits: list[int] = []
    event.listen(database.engine, "commit", commits.append)
    prune_expired(database)
    with database.transaction(write=False):
        assert connection().execute(select(func.count()).where(Submission.owner == b"x")).scalar() == 0
    assert len(commits) > 3


# ---- Who may be meant


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost:8000", True),
        ("recado.localhost", True),
        ("127.0.0.1:8000", True),
        ("192.168.1.7", True),
        ("[::1]:8000", True),
        ("rebound.example", False),
        ("localhost.evil.example:8000", False),
        ("127.0.0.1.nip.example", False),
    ],
)
def test_without_a_public_address_only_this_machine_and_literal_addresses_are_meant(
    app: Flask, host: str, known: bool
) -> None:
    for path in ("/", "/todos", "/api/v1/todos"):
        answer = app.test_client().get(path, headers={"Host": host})
        assert (answer.status_code == 400) is not known
    assert known or f"RECADO_PUBLIC_URL=http://{host}" in app.test_client().get("/", headers={"Host": host}).text


def test_a_rebound_name_registers_nobody(app: Flask) -> None:
    headers = {"Host": "rebound.example", "Sec-Fetch-Site": "same-origin"}
    answer = app.test_client().post("/register", data={"user_name": "eva", "password": "x" * 20}, headers=headers)
    assert answer.status_code == 400


# ---- Connections


SMALL = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (120, 120))  # 40 connections
sys.argv = ["server", "--port", "0"]
runpy.run_module("webapp.server", run_name="__main__")
"""


def test_idle_connections_of_somebody_keep_nobody_out(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SMALL]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout
        address = re.search(r"http://([\d.]+):(\d+)", process.stdout.readline())
        assert address
        place = address[1], int(address[2])
        idle = [socket.create_connection(place) for _ in range(100)]
        try:
            for opened in idle[::2]:
                opened.sendall(b"GET / HTTP/1.1\r\n")  # half a request, and nothing more
            with socket.create_connection(place, timeout=5) as new:
                new.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                assert new.recv(100).startswith(b"HTTP/1.1 200")
        finally:
            for opened in idle:
                opened.close()
            process.kill()
