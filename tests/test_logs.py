"""What the real server logs: each event that bears on security, one JSON object a line, and never a secret."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tests.live import server
from tests.visits import Visit
from webapp.models.throttle import FREE

PASSWORD = "seven small boats at noon"
BREAKS = ("\n", "\r\n", "\x0b", "\x0c", "\x1b[2J", "\x7f", "\x85", "\x9b31m", "\u2028", "\u2029", "\x00")
FORGED = '{"message": "forged"}'


class Log:
    def __init__(self, file: Path) -> None:
        self.file = file

    @property
    def text(self) -> str:
        return self.file.read_text("utf-8")

    def lines(self) -> list[dict[str, Any]]:
        """All lines; fails unless each is one JSON object, whatever a reader takes for the end of a line."""
        assert self.text.splitlines() == self.text.split("\n")[:-1]
        return [json.loads(line) for line in self.text.splitlines()]

    def events(self) -> list[str]:
        return [line["message"] for line in self.lines() if line["logger"] == "recado.security"]


def running(folder: Path) -> Iterator[tuple[str, Log]]:
    with server(folder, RECADO_PUBLIC_URL="http://127.0.0.1") as url:
        yield url, Log(folder / "errors")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Log]]:
    yield from running(tmp_path_factory.mktemp("logs"))


@pytest.fixture
def new_house(tmp_path: Path) -> Iterator[tuple[str, Log]]:
    """Where nobody has guessed anything yet."""
    yield from running(tmp_path)


def test_each_event_of_a_visit_is_logged_and_none_of_its_secrets(new_house: tuple[str, Log]) -> None:
    url, log = new_house
    visit, program = Visit(url), Visit(url)
    visit.ask("GET", "/register?next=/todos%3Fshow%3Dactive")
    assert visit.ask("POST", "/register", user_name="ana", password=PASSWORD)[0] == 303
    assert "registered" in log.events()
    visit.ask("POST", "/settings/tokens")
    visit.ask("GET", "/settings/tokens")
    (token,) = {secret for secret in visit.secrets if secret.startswith("recado_")}
    assert program.ask("GET", "/api/v1/todos", {"Authorization": f"Bearer {token}"})[0] == 200
    program.secrets.add("recado_" + "x" * 43)
    assert program.ask("GET", "/api/v1/todos", {"Authorization": f"Bearer recado_{'x' * 43}"})[0] == 401
    assert program.ask("GET", "/api/v1/todos")[0] == 401  # who sends none is no event
    visit.ask("POST", "/confirm", password="wrong one first")
    assert visit.ask("POST", "/confirm", password=PASSWORD)[0] == 303
    assert visit.ask("POST", "/todos", {"Sec-Fetch-Site": "cross-site"}, title="x")[0] == 403
    assert visit.ask("POST", "/todos", {"Sec-Fetch-Site": ""}, title="x", csrf_token="forged-token")[0] == 400
    assert visit.ask("GET", "/todos", {"Host": "evil.example"})[0] == 400
    assert visit.ask("GET", "/debug/error?key=in-the-query")[0] == 500
    visit.ask("GET", "/todos?key=in-the-query", {"Referer": f"{url}/?key=in-the-query"})
    visit.ask("POST", "/logout")
    mallory = Visit(url)
    tries = 1  # a slow machine lets a second pass between two of them
    while mallory.ask("POST", "/login", user_name="ana", password=f"guess number {tries}")[0] == 422:
        tries += 1
    assert tries > FREE
    assert visit.ask("POST", "/login", user_name="ana", password=PASSWORD)[0] == 303
    assert log.events() == [
        "registered",
        "token_refused",
        "login_failed",
        "confirmed",
        "forbidden",
        "form_refused",
        "host_refused",
        "logged_out",
        *["login_failed"] * (tries - 1),
        "throttled",
        "logged_in",
    ]  # TODO(merge): tokens made and revoked, passwords changed, second factors, links, administration
    secrets = visit.secrets | program.secrets | mallory.secrets | {"forged-token", "in-the-query"}
    assert len(secrets) > 20
    assert [secret for secret in secrets if secret in log.text] == []


def test_an_event_says_when_who_where_and_from_where(house: tuple[str, Log]) -> None:
    url, log = house
    visit = Visit(url)
    assert visit.ask("POST", "/login?next=/trash", user_name="Eva Müller", password="wrong")[0] == 422
    event = log.lines()[-1]
    assert abs((datetime.now(UTC) - datetime.fromisoformat(event.pop("time"))).total_seconds()) < 60
    assert event == {
        "level": "warning",
        "logger": "recado.security",
        "message": "login_failed",
        "address": "127.0.0.1",
        "method": "POST",
        "path": "/login",
        "client": "page",
        "account": None,
        "user": "eva müller",
    }
    assert visit.ask("POST", "/register", user_name="Eva", password=PASSWORD)[0] == 303
    visit.ask("POST", "/confirm", {"HX-Request": "true"}, password=PASSWORD)
    event = log.lines()[-1]
    assert (event["level"], event["message"], event["client"]) == ("info", "confirmed", "fragment")
    assert re.fullmatch(r"[0-9a-f-]{36}", event["account"])


@pytest.mark.parametrize("letters", BREAKS, ids=ascii)
def test_nothing_that_is_sent_makes_a_line_of_its_own(house: tuple[str, Log], letters: str) -> None:
    url, log = house
    visit, before = Visit(url), len(log.lines())
    forged = letters + FORGED + letters
    visit.ask("POST", "/login", user_name=f"ana{forged}", password="wrong")
    visit.ask("POST", f"/nowhere/{quote(forged)}", {"Sec-Fetch-Site": "cross-site"}, title=forged)
    visit.ask("GET", f"/nowhere/{quote(forged)}", {"Host": f"[{FORGED}"})
    raw = FORGED.encode().decode("latin-1") + "\x85" + FORGED
    visit.ask("POST", "/", {"Sec-Fetch-Site": raw, "Origin": raw, "User-Agent": raw}, name="x")
    found = log.lines()[before:]
    assert [line["message"] for line in found].count("forged") == 0
    assert len(found) >= 3
    assert all(line["logger"] == "recado.security" for line in found)


def test_a_fault_of_ours_is_one_line_with_its_traceback_and_nothing_of_it_is_told(house: tuple[str, Log]) -> None:
    url, log = house
    for path, headers in (("/debug/error", {}), ("/debug/error", {"HX-Request": "true"}), ("/api/v1/debug/error", {})):
        before = len(log.lines())
        status, body = Visit(url).ask("GET", f"{path}?key=in-the-query", headers)
        assert status == 500
        assert not re.search("asked for|Traceback|RuntimeError|webapp|File", body)
        (line,) = log.lines()[before:]
        assert (line["level"], line["message"]) == ("error", f"Exception on {path} [GET]")
        assert line["exception"].startswith("Traceback (most recent call last):\n")
        assert line["exception"].endswith("RuntimeError: This error was asked for.")


def test_what_the_database_refuses_is_not_told_with_what_somebody_wrote(any_app: Flask) -> None:
    database, wrong = any_app.extensions["database"], text("INSERT INTO nowhere VALUES (:secret)")
    with pytest.raises(SQLAlchemyError) as caught, database.transaction(write=True) as transaction:
        transaction.connection.execute(wrong, {"secret": PASSWORD})
    assert PASSWORD not in str(caught.value)
