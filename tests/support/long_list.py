"""Ana's list, as long as one wants it, and all that she does with it."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Flask
from sqlalchemy import text

from tests.support.clients import Fragment, Page, Program, account_named
from webapp.db import connection
from webapp.models.accounts.token import add_token
from webapp.models.todos.filters import SORTS

ROWS = """
    INSERT INTO todo
        (id, account_id, title, position, created_at, updated_at, completed_at, deleted_at, version, sequence)
    SELECT {id}, account.id, 'To-do ' || (n * 7919 % 100000), CAST(n AS BIGINT) * 65536, created_at, created_at,
        CASE WHEN n % 4 = 1 THEN created_at END, CASE WHEN n % 4 = 0 THEN created_at END, 1, n FROM {numbers}, account
"""
FILL = {
    "sqlite": "WITH RECURSIVE counted(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM counted WHERE n < {last})"
    + ROWS.replace("{id}", "lower(hex(randomblob(16)))").replace("{numbers}", "counted"),
    "postgresql": "ALTER TABLE todo DISABLE TRIGGER USER;"
    + ROWS.replace("{id}", "gen_random_uuid()").replace("{numbers}", "generate_series({first}, {last}) n")
    + ";ALTER TABLE todo ENABLE TRIGGER USER; ANALYZE",
}


def fill(app: Flask, first: int, last: int) -> None:
    """Give the only account there is more to-dos: a quarter of them completed, a quarter deleted."""
    database = app.extensions["database"]
    with database.transaction(write=True) as transaction:
        connection().execute(text(FILL[database.engine.dialect.name].format(first=first, last=last)))
        connection().execute(text(f"UPDATE account SET sequence = {last}"))
        transaction.commit()


class Ana:
    """Ana, who comes by all ways to the same list; `here` is a to-do in the middle of it, `gone` one in the trash."""

    def __init__(self, app: Flask) -> None:
        self.app, self.page, self.fragment, self.program = app, Page(app), Fragment(app), Program(app)
        app.config["TODOS_PER_GUEST"] = 2**31  # whatever is filled in
        self.page.enter()
        self.fragment.http = self.page.http
        with app.extensions["database"].transaction(write=True) as transaction:
            self.program.token = add_token(account_named(app, "Ana"))
            transaction.commit()

    def choose(self, middle: int) -> None:
        """Look for the to-dos that are acted on, and clear away what waits."""
        with self.app.extensions["database"].transaction(write=False):
            found = (
                f"SELECT id FROM todo WHERE position >= {middle * 65536} AND deleted_at IS %s ORDER BY position LIMIT 1"
            )
            self.here, self.gone = (
                UUID(str(connection().execute(text(found % which)).scalar_one())) for which in ("NULL", "NOT NULL")
            )
        self.cursor = self.program.call("GET", "/changes?limit=1")["cursor"]
        for path in ("/todos", "/todos"):
            self.page.ask("GET", path)

    def ask(self, method: str, path: str, fields: dict[str, Any] | None = None) -> None:
        path = path.format(here=self.here, gone=self.gone, cursor=quote(self.cursor))
        for client in (self.program,) if method in ("API", "PATCH") else (self.page, self.fragment):
            sent = {"API": "GET"}.get(method, method)
            answer = client.ask(sent, path, fields)
            assert answer.status_code < 400, (sent, path, answer.text)


ACTIONS: list[tuple[str, str] | tuple[str, str, dict[str, Any]]] = [
    ("GET", "/todos"),
    ("GET", "/todos?show=active"),
    ("GET", "/todos?show=completed"),
    ("GET", "/todos?arrange=1"),
    ("GET", "/todos/{here}"),
    ("GET", "/todos/{here}/edit"),
    ("GET", "/trash"),
    ("GET", "/trash/empty"),
    ("POST", "/todos", {"title": "Buy milk"}),
    ("POST", "/todos/{here}", {"title": "Buy bread"}),
    *(("POST", f"/todos/{{here}}/{verb}") for verb in ("complete", "reopen", "delete")),
    ("POST", "/trash/{here}/restore"),
    *(("POST", f"/todos/{{here}}/move/{to}") for to in ("up", "down", "top", "bottom")),
    ("POST", "/todos/{here}/move/up?show=active"),
    ("POST", "/todos/{here}/move/down?show=completed"),
    ("API", "/todos?q=nowhere"),
    ("API", "/todos?q=nowhere&order=title&show=active"),
    ("API", "/todos?updated_since=2100-01-01T00:00:00Z"),
    *(("API", f"/todos?order={order}&show={show}") for order in SORTS for show in ("all", "active", "completed")),
    ("API", "/changes"),
    ("API", "/changes?since={cursor}"),
    ("API", "/trash"),
    ("PATCH", "/todos/{here}", {"notes": "Two litres", "completed": True}),
]
