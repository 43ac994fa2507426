"""What ends with the time: the real server, whose clock is moved while it runs (libfaketime)."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.access_table import DOORS, UNKNOWN
from tests.support.availability import require
from tests.support.devices import code_of
from tests.support.http_visit import HIDDEN, Visit, key_of, offered_in
from tests.support.live_server import ROOT, server
from webapp.auth.second_factor import TICKET_AGE
from webapp.models.accounts.account_deletion import LEAVING_AGE
from webapp.models.accounts.one_time_link import AGES, INVITE, RESET
from webapp.models.accounts.throttle import FREE, LONGEST
from webapp.models.sessions.session import ABSOLUTE, CONFIRMED, GUEST_IDLE, IDLE
from webapp.models.sessions.submission import KEY_AGE

PASSWORD = "seven small boats at noon"
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


class House:
    """A server with a clock of its own, which only this moves, and only on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.ahead = timedelta()
        self.wait(timedelta())

    @property
    def environment(self) -> dict[str, str]:
        library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
        require(library, "libfaketime is not installed")
        return {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self.folder / "clock"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # nobody is to wait longer
            "DONT_FAKE_MONOTONIC": "1",  # its name in older versions
            "NO_FAKE_STAT": "1",
        }

    def wait(self, time: timedelta) -> None:
        """Let time pass, at once."""
        self.ahead += time
        draft = self.folder / "clock.draft"
        draft.write_text(f"+{self.ahead.total_seconds():.0f}\n")
        draft.replace(self.folder / "clock")  # nobody reads half of it

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def run(self, statement: str, *values: str) -> list[tuple[object, ...]]:
        opened = sqlite3.connect(self.folder / "recado.sqlite3")
        with opened:
            found = opened.execute(statement, values).fetchall()
        opened.close()
        return found

    def flask(self, *args: str, **settings: str) -> str:
        """Run a command of ours at the time of the house; returns what it printed."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith("RECADO_")}
        variables |= self.environment | {"RECADO_DATA": str(self.folder)} | settings
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *args]
        run = subprocess.run(command, cwd=ROOT, env=variables, check=True, capture_output=True, text=True, timeout=60)
        return run.stdout.strip()

    def tidy_up(self) -> None:
        """What the server does each hour, and what somebody with another server lets run each day."""
        self.flask("sessions", "prune")

    def guest(self, name: str) -> Visit:
        visit = Visit(self.url)
        assert visit.ask("POST", "/", name=name)[0] == 303
        return visit

    def account(self, name: str) -> Visit:
        visit = Visit(self.url)
        assert visit.ask("POST", "/register", user_name=name, password=PASSWORD)[0] == 303
        return visit

    def log_in(self, name: str, password: str = PASSWORD) -> tuple[int, str]:
        return Visit(self.url).ask("POST", "/login", user_name=name, password=password)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("clock"))
    with server(house.folder, **house.environment) as house.url:
        yield house


def knows(visit: Visit) -> bool:
    """Whether the server still knows who it is."""
    status, _ = visit.ask("GET", "/todos")
    assert status in (200, 303)
    return status == 200


def test_the_clock_moves(house: House) -> None:
    visit = house.guest("Ana")
    visit.ask("POST", "/todos", title="Buy milk")
    house.wait(timedelta(days=1))
    visit.ask("POST", "/todos", title="Call Rui")
    (first,), (second,) = house.run("SELECT created_at FROM todo ORDER BY id")
    passed = datetime.fromisoformat(str(second)) - datetime.fromisoformat(str(first))
    assert abs(passed - timedelta(days=1)) < MINUTE


# ---- Sessions


def test_an_accounts_session_ends_when_nobody_comes_for_two_weeks(house: House) -> None:
    ana, other = house.account("idle"), house.account("in-time")
    house.wait(IDLE - HOUR)
    assert knows(other)
    house.wait(2 * HOUR)
    assert not knows(ana)
    assert knows(other)
    assert ana.ask("POST", "/todos", title="Lost?")[0] == 303
    assert house.run("SELECT 1 FROM todo WHERE title = 'Lost?'") == []


def test_an_accounts_session_ends_after_thirty_days_however_often_somebody_comes(house: House) -> None:
    ana = house.account("absolute")
    for _ in range(5):
        house.wait((ABSOLUTE - HOUR) / 5)
        assert knows(ana)
    house.wait(2 * HOUR)
    assert not knows(ana)
    assert house.log_in("absolute")[0] == 303


def test_a_guests_session_stays_for_a_year_since_the_last_visit(house: House) -> None:
    ana = house.guest("Ana")
    for _ in range(2):
        house.wait(GUEST_IDLE - HOUR)
        assert knows(ana)
    house.wait(GUEST_IDLE + HOUR)
    assert not knows(ana)


def test_a_confirmation_lapses_after_ten_minutes(house: House) -> None:
    door = next(door for door in DOORS if door.who == "confirmed" and not door.changes)
    ana = house.account("confirmed")

    def is_asked() -> bool:
        status, _ = ana.ask(door.method, door.path(UNKNOWN), {"HX-Request": "true"})
        return status == 401

    assert not is_asked()
    house.wait(CONFIRMED - MINUTE)
    assert not is_asked()
    house.wait(2 * MINUTE)
    assert is_asked()
    assert knows(ana)
    assert ana.ask("POST", "/confirm", password=PASSWORD)[0] == 303
    assert not is_asked()


# ---- Forms


def test_a_form_that_was_open_for_more_than_a_week_is_asked_about(house: House) -> None:
    ana = house.guest("Ana")
    _, page = ana.ask("GET", "/todos")
    key = next(value for name, value in HIDDEN.findall(page) if name == "submission")
    house.wait(KEY_AGE + timedelta(days=1))
    status, page = ana.ask("POST", "/todos", title="Buy bread", submission=key)
    assert status == 422
    assert "This form was open for more than a week. Send it again to save it." in page
    key = next(value for name, value in HIDDEN.findall(page) if name == "submission")
    house.wait(KEY_AGE - MINUTE)
    assert ana.ask("POST", "/todos", title="Buy bread", submission=key)[0] == 303


# ---- Guessing


def test_who_guessed_wrong_may_try_again_when_the_time_is_over(house: House) -> None:
    house.account("guessed")
    for number in range(FREE):
        assert house.log_in("guessed", f"guess number {number}")[0] == 422
    for seconds in (1, 2, 4, 8):
        assert house.log_in("guessed")[0] == 429  # even with the right one
        house.wait(seconds * SECOND)
        assert house.log_in("guessed", "another guess")[0] == 422
    house.wait(LONGEST)
    assert house.log_in("guessed")[0] == 303
    house.wait(timedelta(days=1))  # for the tests that follow: they come from the same address


# ---- Leaving


def test_an_account_that_is_left_is_gone_after_seven_days_unless_somebody_logs_in(house: House) -> None:
    house.account("stays"), house.account("goes")
    moment = house.now().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.000000")
    house.run("UPDATE account SET leaving_at = ? WHERE user_name IN ('stays', 'goes')", moment)
    house.wait(LEAVING_AGE - HOUR)
    house.tidy_up()
    assert house.log_in("stays")[0] == 303
    house.wait(2 * HOUR)
    house.tidy_up()
    assert house.run("SELECT user_name FROM account WHERE user_name IN ('stays', 'goes')") == [("stays",)]
    status, page = house.log_in("goes")
    assert status == 422
    assert re.search("The user name or the password is wrong", page)


# ---- Links, tokens, codes


def test_a_link_to_a_new_password_ends_after_a_day(house: House) -> None:
    house.account("forgetful")
    link = urlsplit(house.flask("user", "reset", "forgetful", "--url", house.url)).path
    house.wait(AGES[RESET] - HOUR)
    assert Visit(house.url).ask("GET", link)[0] == 200
    house.wait(2 * HOUR)
    assert Visit(house.url).ask("GET", link)[0] == 410
    assert Visit(house.url).ask("POST", link, new_password="four green kites by the sea")[0] == 410
    assert house.log_in("forgetful")[0] == 303


def test_an_invitation_ends_after_a_week(house: House) -> None:
    invite = {"RECADO_REGISTRATION": "invite"}
    with server(house.folder, **house.environment, **invite) as url:
        link = urlsplit(house.flask("user", "invite", "--url", url, **invite))
        path = f"{link.path}?{link.query}"
        house.wait(AGES[INVITE] - HOUR)
        assert Visit(url).ask("GET", path)[0] == 200
        house.wait(2 * HOUR)
        assert Visit(url).ask("GET", path)[0] == 410
        assert Visit(url).ask("POST", path, user_name="late", password=PASSWORD)[0] == 410
    assert house.run("SELECT 1 FROM account WHERE user_name = 'late'") == []


def test_a_token_ends_after_the_days_that_were_chosen(house: House) -> None:
    ana = house.guest("Ana")
    assert ana.ask("POST", "/settings/tokens", name="Import", scope="write", days="7")[0] == 303
    ana.ask("GET", "/settings/tokens")
    (token,) = {secret for secret in ana.secrets if secret.startswith("recado_")}

    def status() -> int:
        return Visit(house.url).ask("GET", "/api/v1/todos", {"Authorization": f"Bearer {token}"})[0]

    house.wait(timedelta(days=7) - HOUR)
    assert status() == 200
    house.wait(2 * HOUR)
    assert status() == 401


def test_a_code_ends_with_its_minute_and_the_second_step_after_ten(house: House) -> None:
    ana = house.account("two-steps")
    _, page = ana.ask("GET", "/settings/second-factor")
    key, secret = key_of(page), offered_in(page)
    code = code_of(key, at=house.now())
    assert ana.ask("POST", "/settings/second-factor", secret=secret, code=code)[0] == 303
    house.wait(5 * MINUTE)
    late = code_of(key, at=house.now())
    house.wait(2 * MINUTE)
    phone = Visit(house.url)
    assert phone.ask("POST", "/login", user_name="two-steps", password=PASSWORD)[0] == 303
    assert phone.ask("POST", "/login/code", code=late)[0] == 422
    house.wait(timedelta(seconds=TICKET_AGE) - MINUTE)
    assert phone.ask("GET", "/login/code")[0] == 200
    house.wait(2 * MINUTE)
    assert phone.ask("GET", "/login/code")[0] == 303  # to the password
    phone.ask("POST", "/login/code", code=code_of(key, at=house.now()))
    assert not knows(phone)
    assert phone.ask("POST", "/login", user_name="two-steps", password=PASSWORD)[0] == 303
    assert phone.ask("POST", "/login/code", code=code_of(key, at=house.now()))[0] == 303
    assert knows(phone)
