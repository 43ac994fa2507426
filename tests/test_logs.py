"""What the real server logs: each event that bears on security, one JSON object a line, and never a secret."""

import json
import logging
import re
import secrets
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.serving import make_server

from tests.support.devices import code_of
from tests.support.http_visit import Visit, key_of, offered_in
from tests.support.live_server import server
from webapp.logs import JSONLines, MaskedRecord, masked
from webapp.models.accounts.recovery_codes import CODES
from webapp.models.accounts.throttle import FREE

PASSWORD, NEW = "seven small boats at noon", "four green kites by the sea"
REVOKE = re.compile(r"/settings/tokens/[0-9a-f-]{36}/delete")
PERSON = re.compile(r"/admin/[0-9a-f-]{36}")
RESET_LINK = re.compile(r"/reset/([\w-]{43})")
CODE = re.compile(r"<code>([A-Z2-7]{4}(?:-[A-Z2-7]{4})+)</code>")
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
    visit.ask("POST", "/settings/tokens", name="Import", scope="write", days="7")
    _, page = visit.ask("GET", "/settings/tokens")
    (token,) = {secret for secret in visit.secrets if secret.startswith("recado_")}
    assert program.ask("GET", "/api/v1/todos", {"Authorization": f"Bearer {token}"})[0] == 200
    program.secrets.add("recado_" + "x" * 43)
    assert program.ask("GET", "/api/v1/todos", {"Authorization": f"Bearer recado_{'x' * 43}"})[0] == 401
    assert program.ask("GET", "/api/v1/todos")[0] == 401  # who sends none is no event
    assert visit.ask("POST", REVOKE.findall(page)[0])[0] == 303
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
        "token_created",
        "token_refused",
        "token_revoked",
        "login_failed",
        "confirmed",
        "forbidden",
        "form_refused",
        "host_refused",
        "logged_out",
        *["login_failed"] * (tries - 1),
        "throttled",
        "logged_in",
    ]
    secrets = visit.secrets | program.secrets | mallory.secrets | {"forged-token", "in-the-query"}
    assert len(secrets) > 20
    assert [secret for secret in secrets if secret in log.text] == []


def test_each_door_that_is_opened_or_closed_is_logged_and_no_key_to_it(new_house: tuple[str, Log]) -> None:
    url, log = new_house
    root, ana, phone = Visit(url), Visit(url), Visit(url)
    for visit, name in ((root, "root"), (ana, "ana")):
        assert visit.ask("POST", "/register", user_name=name, password=PASSWORD)[0] == 303
    _, page = ana.ask("GET", "/settings/second-factor")
    key, offered = key_of(page), offered_in(page)
    ana.ask("POST", "/settings/second-factor", secret=offered, code=code_of(key))
    ana.ask("POST", "/settings/second-factor/codes")
    _, page = ana.ask("GET", "/settings/second-factor")
    codes = CODE.findall(page)
    assert len(codes) == 2 * CODES  # the old ones, which nobody had looked at, too
    phone.ask("POST", "/login", user_name="ana", password=PASSWORD)
    phone.ask("POST", "/login/code", code="000000")
    phone.ask("POST", "/login/code", code=codes[-1])
    ana.ask("POST", "/settings/second-factor/off")
    ana.ask("POST", "/settings/sessions/end")
    ana.ask("POST", "/settings/password", new_password=NEW)
    assert ana.ask("GET", "/settings/export/recado.json")[0] == 200
    phone.ask("POST", "/login/passkey", credential="nonsense")
    _, page = root.ask("GET", "/admin")
    at = next(path for path in PERSON.findall(page) if f"{path}/shut" in root.ask("GET", path)[1])
    root.ask("POST", f"{at}/reset")
    _, page = root.ask("GET", at)
    (link,) = RESET_LINK.findall(page)
    assert phone.ask("POST", f"/reset/{link}", new_password=PASSWORD)[0] == 303
    for deed in ("promote", "demote"):
        root.ask("POST", f"{at}/{deed}")
    ana.ask("POST", "/login", user_name="ana", password=PASSWORD)
    for deed in ("log-out", "shut"):
        root.ask("POST", f"{at}/{deed}")
    ana.ask("POST", "/login", user_name="ana", password=PASSWORD)
    root.ask("POST", f"{at}/open")
    ana.ask("POST", "/login", user_name="ana", password=PASSWORD)
    assert ana.ask("POST", "/settings/delete", user_name="ana", password=PASSWORD)[0] == 303
    assert log.events() == [
        *("registered", "registered"),
        *("second_factor_on", "recovery_codes_made"),
        *("code_asked", "code_refused", "recovery_code_used", "logged_in"),
        *("second_factor_off", "session_ended", "password_changed", "exported", "passkey_refused"),
        *("reset_link_made", "password_reset", "admin_made", "admin_unmade"),
        *("logged_in", "sessions_ended", "account_shut", "login_refused", "account_opened"),
        *("logged_in", "left"),
    ]
    secrets = {key, key.replace(" ", ""), offered, link, *codes, *root.secrets, *ana.secrets, *phone.secrets}
    assert [secret for secret in secrets if secret in log.text] == []


def test_a_password_that_is_typed_as_a_user_name_is_not_logged(new_house: tuple[str, Log]) -> None:
    url, log = new_house
    assert Visit(url).ask("POST", "/register", user_name="ana", password=PASSWORD)[0] == 303
    for name in (PASSWORD, "ana"):
        while Visit(url).ask("POST", "/login", user_name=name, password="x")[0] == 422:
            pass  # until the address has to wait
    said = {(line["message"], line["user"]) for line in log.lines()} - {("login_failed", "ana"), ("registered", "ana")}
    assert said == {("login_failed", None), ("throttled", None), ("throttled", "ana")}
    assert PASSWORD not in log.text


def test_an_event_says_when_who_where_and_from_where(house: tuple[str, Log]) -> None:
    url, log = house
    visit = Visit(url)
    assert visit.ask("POST", "/register", user_name="Eva Müller", password=PASSWORD)[0] == 303
    visit = Visit(url)
    assert visit.ask("POST", "/login?next=/trash", user_name="Eva Müller", password="wrong")[0] == 422
    event = log.lines()[-1]
    assert abs((datetime.now(UTC) - datetime.fromisoformat(event.pop("time"))).total_seconds()) < 60
    assert re.fullmatch(r"[0-9a-f-]{36}", event.pop("request"))
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


@pytest.mark.parametrize(
    "path",
    [
        "/reset/{token}",
        "/reset/{token}/x",
        "/RESET/{token}",
        "/reset/{token}%2Fx",
        "/%72eset/{token}",
        "/elsewhere/{token}",
        "/register?invite={token}",
        "/compat/todo-backend/{token}",
        "/Compat/Todo-Backend/{token}/todos",
        "/api/v1/todos/{token}",
        "/static/{token}",
    ],
)
def test_no_secret_of_an_address_is_logged_wherever_it_leads(house: tuple[str, Log], path: str) -> None:
    url, log = house
    token = secrets.token_urlsafe(32)
    visit = Visit(url)
    for method in ("GET", "POST", "DELETE"):
        for host in ("127.0.0.1", "elsewhere.example"):
            visit.ask(method, path.format(token=token), headers={"Host": host})
    assert token not in log.text


@pytest.mark.parametrize("path", ["/reset/{token}", "/compat/todo-backend/{token}/todos"])
def test_no_secret_of_an_address_is_logged_when_recado_fails(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    token = secrets.token_urlsafe(32)

    def fail() -> None:
        raise RuntimeError(f"What about {token}?")

    app.before_request_funcs[None].insert(0, fail)
    assert app.test_client().get(path.format(token=token)).status_code == 500
    lines = [JSONLines().format(record) for record in caplog.records]
    assert any("RuntimeError" in line for line in lines)
    assert not any(token in line for line in lines)


@pytest.mark.parametrize("before", ["\n", "é", "→", "\t", '"', "\\", " "])
def test_a_line_stays_json_whatever_stands_before_a_secret(before: str) -> None:
    token = secrets.token_urlsafe(32)
    for said in (f"What about{before}{token}?", f"GET{before}/reset/{token}", f"{before}/%72eset%2F{token}{before}"):
        record = MaskedRecord("recado", logging.INFO, "", 1, "%s", (said,), None)
        record.facts = {"path": said, "count": 1}
        line = JSONLines().format(record)
        assert token not in line
        assert json.loads(line)["path"] == json.loads(line)["message"] == masked(said)
        assert json.loads(line)["count"] == 1


@pytest.mark.parametrize("path", ["/reset/{}", "/%72eset/{}", "/reset%2F{}", "/compat/todo-backend/{}/todos"])
def test_another_server_logs_no_secret_either(app: Flask, caplog: pytest.LogCaptureFixture, path: str) -> None:
    token = secrets.token_urlsafe(32)
    caplog.set_level(logging.INFO)
    server = make_server("127.0.0.1", 0, app)
    threading.Thread(target=server.handle_request, daemon=True).start()
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", path.format("%" + f"{ord(token[0]):02X}" + token[1:]))
    connection.getresponse().read()
    connection.close()
    server.server_close()
    said = [record.getMessage() for record in caplog.records if record.name == "werkzeug"]
    assert said
    assert not any(token[1:] in line for line in said)
