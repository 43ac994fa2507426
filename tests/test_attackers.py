"""One visitor does their worst, as often as they can, and everybody else goes on as if nothing were.

RECADO_ATTACK_SECONDS says how long each attack lasts: short where everybody waits for the tests, a minute by hand.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from bs4 import BeautifulSoup

from tests.support.live_server import server
from webapp.db import Database
from webapp.models.accounts.account import AccountRow, add_account
from webapp.models.accounts.token import add_token, hash_of
from webapp.models.sessions.session import add_session, sign_in
from webapp.models.todos.todo import todos_of
from webapp.models.todos.write import add_todos

SECONDS = float(os.environ.get("RECADO_ATTACK_SECONDS", "1"))
AT_ONCE = 12  # connections of an attacker
PATIENCE = 2  # seconds that the honest visitor's requests may take
LIST = 5000  # to-dos of an attacker: as many as a guest may have

Headers = dict[str, str]


class Client:
    """A connection that is kept open, by somebody with a cookie or a token."""

    def __init__(self, url: str, headers: Headers) -> None:
        self.address = urlsplit(url).netloc
        self.headers = headers
        self.connection = HTTPConnection(self.address, timeout=60)

    def ask(
        self, method: str, path: str, fields: dict[str, Any] | None = None, **headers: str
    ) -> tuple[HTTPResponse, str]:
        given = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        body = None
        if "Authorization" in given:
            body, given["Content-Type"] = json.dumps(fields or {}), "application/json"
        elif method == "POST":
            body, given["Content-Type"] = urlencode(fields or {}), "application/x-www-form-urlencoded"
        try:
            self.connection.request(method, path, body, given)
            answer = self.connection.getresponse()
            return answer, answer.read().decode()
        except (OSError, HTTPException):
            self.connection.close()
            raise


class Town:
    """A server with an attacker, whose list is as long as may be, and Ana, who knows nothing of it."""

    def __init__(self, folder: Path) -> None:
        self.url = ""
        database = Database(f"sqlite:///{folder / 'recado.sqlite3'}")
        database.upgrade()
        with database.transaction(write=True) as transaction:
            self.ana, self.mallory = add_account("Ana"), add_account("Mallory")
            add_todos(self.ana, [f"To-do {number}" for number in range(20)])
            for start in range(0, LIST - 100, 100):
                add_todos(self.mallory, [f"To-do {start + number}" for number in range(100)])
            self.ids = [todo.id for todo in todos_of(self.mallory)]
            self.cookies = {account.name: self._let_in(account) for account in (self.ana, self.mallory)}
            self.token = add_token(self.mallory, "attack", may_write=True)
            transaction.commit()
        database.engine.dispose()

    @staticmethod
    def _let_in(account: AccountRow) -> str:
        token = f"{account.name:x>43}"
        sign_in(add_session(hash_of("before")), hash_of(token), account, address="", browser="")
        return f"recado={token}"

    def browser(self, name: str) -> Client:
        return Client(self.url, {"Cookie": self.cookies[name], "Sec-Fetch-Site": "same-origin", "HX-Request": "true"})

    def stranger(self) -> Client:
        return Client(self.url, {"Sec-Fetch-Site": "same-origin"})

    def program(self) -> Client:
        return Client(self.url, {"Authorization": f"Bearer {self.token}"})


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    town = Town(folder)
    with server(folder, RECADO_RATE_LIMIT="100000/minute") as town.url:  # what is not counted must be borne
        yield town


number = count()
LINES = {"lines": "\n".join(f"Line {number}" for number in range(200))}


def moves(town: Town, client: Client) -> None:
    operations = [
        {"method": "POST", "path": f"/todos/{id}/move/{to}"}
        for id, to in zip(town.ids[:: LIST // 110][:100], ["top", "bottom"] * 50, strict=False)
    ]
    client.ask("POST", "/api/v1/batch", {"operations": operations})


def same_order(town: Town, client: Client) -> None:
    id = town.ids[next(number) % len(town.ids)]
    client.ask("PATCH", f"/api/v1/todos/{id}", {"order": 7})
    client.ask("POST", f"/api/v1/todos/{id}/move/down")


def complete_and_undo(_town: Town, client: Client) -> None:
    key = f"{next(number)}"
    verb = "complete" if int(key) % 2 else "reopen"
    answer, _ = client.ask("POST", f"/api/v1/todos/{verb}", Idempotency_Key=key)
    if link := answer.headers["Link"]:
        client.ask("POST", urlsplit(link.partition("<")[2].partition(">")[0]).path, Idempotency_Key=f"undo {key}")


def guess(_town: Town, client: Client) -> None:
    client.ask("POST", "/login", {"user_name": f"ana{next(number)}", "password": "a wrong password"})


ATTACKS: dict[str, tuple[Callable[[Town], Client], Callable[[Town, Client], Any]]] = {
    "pastes": (lambda town: town.browser("Mallory"), lambda _, client: client.ask("POST", "/todos/lines", LINES)),
    "batches of moves": (Town.program, moves),
    "moves among equals": (Town.program, same_order),
    "all completed, and undone": (Town.program, complete_and_undo),
    "refused forms": (
        lambda town: town.browser("Mallory"),
        lambda _, client: client.ask("POST", "/todos", {"title": ""}),
    ),
    "refused pages": (Town.stranger, lambda town, client: client.ask("POST", "/todos", Cookie=town.cookies["Mallory"])),
    "long pages": (
        Town.stranger,
        lambda town, client: client.ask("GET", "/todos?arrange=1", Cookie=town.cookies["Mallory"]),
    ),
    "long answers": (Town.program, lambda _, client: client.ask("GET", "/api/v1/todos?limit=500&order=-title")),
    "vain searches": (Town.program, lambda _, client: client.ask("GET", "/api/v1/todos?q=nothing+is+called+so")),
    "exports": (
        Town.stranger,
        lambda town, client: client.ask("GET", "/settings/export", Cookie=town.cookies["Mallory"]),
    ),
    "messages": (
        Town.stranger,
        lambda town, client: client.ask(
            "POST", f"/todos/{town.ids[next(number) % 9]}/complete", Cookie=town.cookies["Mallory"]
        ),
    ),
    "preferences": (Town.stranger, lambda _, client: client.ask("POST", "/theme/dark")),
    "new guests": (Town.stranger, lambda _, client: client.ask("POST", "/", {"name": "Mallory"})),
    "wrong passwords": (Town.stranger, guess),
    "strangers' texts": (Town.stranger, lambda _, client: client.ask("POST", "/todos", {"title": "x" * 400})),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_one_attacker_keeps_nobody_waiting(town: Town, attack: str) -> None:
    come, strike = ATTACKS[attack]
    over = threading.Event()
    blows = count()
    alone = one_blow(town, attack)

    def go_on() -> None:
        client = come(town)
        while not over.is_set():
            with suppress(OSError, HTTPException):
                strike(town, client)
                next(blows)
        client.connection.close()

    attackers = [threading.Thread(target=go_on, daemon=True) for _ in range(AT_ONCE)]
    for attacker in attackers:
        attacker.start()
    try:
        took = honest_visit(town, SECONDS)
    finally:
        over.set()
        for attacker in attackers:
            attacker.join(60)
    print(f"{attack}: {next(blows)} blows; {len(took)} honest requests, the slowest {max(took):.2f} s")
    assert max(took) < max(PATIENCE, 8 * alone)  # a busy machine is slow for everybody; twelve blows would be too long


def one_blow(town: Town, attack: str) -> float:
    """How long the attacker's request takes while nobody else asks for anything, in seconds."""
    come, strike = ATTACKS[attack]
    client = come(town)
    begun = time.monotonic()
    strike(town, client)
    client.connection.close()
    return time.monotonic() - begun


def honest_visit(town: Town, seconds: float) -> list[float]:
    """Ana adds, completes and deletes, and looks; returns how long each request took."""
    took: list[float] = []
    client = town.browser("Ana")

    def ask(method: str, path: str, fields: dict[str, Any] | None = None, **headers: str) -> str:
        begun = time.monotonic()
        answer, content = client.ask(method, path, fields, **headers)
        took.append(time.monotonic() - begun)
        assert answer.status in (200, 303), (method, path, answer.status)
        return content

    until = time.monotonic() + seconds
    while not took or time.monotonic() < until:
        page = BeautifulSoup(ask("GET", "/todos", HX_Request="", Sec_Fetch_Dest="document"), "html.parser")
        title, key = f"Milk {next(number)}", page.select_one("[name=submission]")
        assert key is not None
        row = BeautifulSoup(ask("POST", "/todos", {"title": title, "submission": key["value"]}), "html.parser")
        found = next(item for item in row.select("li[id^=todo-]") if title in item.get_text())
        place = f"/todos/{str(found['id']).removeprefix('todo-')}"
        ask("POST", f"{place}/complete")
        ask("POST", f"{place}/delete")
    client.connection.close()
    return took
