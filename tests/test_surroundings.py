"""Where Recado is put: folders, file systems, consoles and pipes that are not as most are."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.live_server import ROOT, environment
from tests.support.people import PASSWORD
from webapp.config import ConfigurationError, from_environment
from webapp.db import Database, connection
from webapp.installation import data_folder, secret_key
from webapp.models.accounts.password import verify_password


def command(*words: str, data: Path, stdin: bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
    flask = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.run(flask, cwd=ROOT, env=environment(data) | more, input=stdin, capture_output=True, check=False)


# ---- Folders and files


@pytest.mark.parametrize("name", ["My%20lists", "what?", "a#b", "año nuevo", "x;y=1&z", "per%cent"])
def test_a_data_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    config = from_environment({"RECADO_DATA": str(tmp_path / name)})
    database = Database(config.database_url)
    database.upgrade()
    database.close()
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert {"recado.sqlite3", "secret_key"} <= {file.name for file in (tmp_path / name).iterdir()}


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_folder(Path("~/x")) == tmp_path / "x"
    with pytest.raises(ConfigurationError, match="RECADO_DATA"):
        data_folder(Path("~nobody-of-this-name/x"))


@pytest.mark.parametrize("url", ["sqlite:///:memory:", "sqlite://", "sqlite:///file:x?mode=memory&uri=true"])
def test_a_database_that_would_be_forgotten_is_refused_in_a_sentence(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match="name a file, such as"):
        from_environment({"RECADO_DATA": str(tmp_path), "RECADO_DATABASE_URL": url})


def test_a_secret_key_is_made_once_without_hard_links_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    first = secret_key(None, tmp_path)
    assert len(first) >= 32
    assert secret_key(None, tmp_path) == first
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_sqlite_needs_no_place_for_temporary_files(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a'}")
    with database.transaction(write=False):
        assert connection().execute(text("PRAGMA temp_store")).scalar() == 2
    database.close()


def test_long_answers_are_whole_where_no_temporary_file_can_be_made(tmp_path: Path) -> None:
    script = """
import sys, tempfile
def refuse(*_): raise FileNotFoundError(2, "No usable temporary directory found")
tempfile.gettempdir = refuse
tempfile.TemporaryFile = refuse
sys.path.insert(0, ".")
from webapp.server.waitress_server import serve
def app(environ, start):
    start("200 OK", [("Content-Length", str(3 << 20))])
    return [b"x" * (1 << 20)] * 3
serve(app, "127.0.0.1", 0)
"""
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout
        port = int(process.stdout.readline().split("(")[0].rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
            opened.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            received = 0
            while some := opened.recv(1 << 16):
                received += len(some)
        process.kill()
    assert received > 3 << 20


# ---- Consoles and pipes


def test_a_console_that_knows_few_letters_is_told_all_the_same(tmp_path: Path) -> None:
    console = {"PYTHONIOENCODING": "cp1252"}
    words = ("user", "create", "žofie", "--password-stdin")
    made = command(*words, data=tmp_path, stdin=PASSWORD.encode(), **console)
    assert (made.returncode, b"Made the account" in made.stdout) == (0, True), made.stderr
    listed = command("user", "list", data=tmp_path, **console)
    assert (listed.returncode, b"ofie" in listed.stdout) == (0, True)


def test_a_byte_order_mark_is_no_part_of_a_password(tmp_path: Path) -> None:
    words = ("user", "create", "eva", "--password-stdin")
    assert command(*words, data=tmp_path, stdin=b"\xef\xbb\xbf" + PASSWORD.encode() + b"\r\n").returncode == 0
    with sqlite3.connect(tmp_path / "recado.sqlite3") as opened:
        (hashed,) = opened.execute("SELECT password_hash FROM account").fetchone()
    opened.close()
    assert verify_password(PASSWORD, hashed)


def test_a_reader_that_is_gone_cuts_no_request_off(tmp_path: Path) -> None:
    serve = [sys.executable, "-m", "webapp.server", "--port", "0"]
    read, write = os.pipe()
    process = subprocess.Popen(serve, cwd=ROOT, env=environment(tmp_path), stdout=write, stderr=write)
    os.close(write)
    with process:
        with os.fdopen(read) as reader:
            port = int(next(line for line in reader if "http://" in line).split("(")[0].rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
            opened.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n")
            opened.sendall(b"Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n\r\n")
            process.send_signal(signal.SIGINT)
            opened.sendall(b"name=Ana")
            assert opened.recv(100).startswith(b"HTTP/1.1 303")
        assert process.wait(20) == 0


def test_every_address_means_those_of_both_kinds(tmp_path: Path) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has one kind")
    serve = [sys.executable, "-m", "webapp.server", "--port", "0", "--host", "::"]
    process = subprocess.Popen(
        serve, cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with process:
        assert process.stdout
        port = int(process.stdout.readline().split("(")[0].rsplit(":", 1)[1])
        for host in ("127.0.0.1", "::1"):
            with socket.create_connection((host, port), timeout=10) as opened:
                opened.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                assert opened.recv(100).startswith(b"HTTP/1.1 200")
        process.kill()
