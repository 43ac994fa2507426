"""Measure listing and adding to-dos, beside the same list as most write it and beside what nothing can be faster than.

    python -m bench.list_and_create [--todos 50] [--seconds 3] [--rounds 5]

Prints a Markdown table. Each figure is the median (least to most) of the rounds, in which all cases take turns, so that
whatever else the machine does hits them alike; `--seconds` is the time of one case in all its rounds together. Requests
go straight into the WSGI callable, with the headers that Chromium sends, and answers are read to their end. CPU time is
the process's own; requests/s is what one core could answer at that CPU time; wall time has SQLite's `fsync` in it.
Every database is a file (WAL, synchronous=FULL) in a temporary folder; set TMPDIR to measure another disk.
Ends with 1 if Recado's list takes more than 3 statements, BEGIN not counted.
"""

import argparse
import re
import sqlite3
import sys
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from json import dumps
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlencode

from flask import Flask, render_template, template_rendered
from sqlalchemy import Engine, event
from werkzeug.test import create_environ

from bench import rivals
from webapp import create_app
from webapp.config import Config
from webapp.db import now
from webapp.models.accounts.account import accounts_named
from webapp.models.accounts.token import add_token
from webapp.models.todos.write import add_todo
from webapp.sessions.submissions import new_key
from webapp.todos.forms import TodoForm

SECRET = "a secret key that only the benchmark knows"
STATEMENTS = 3  # of Recado's list, whatever its length
CONSTANT = 4.5  # of the constant's time that Recado's list may take
BUSY = 1.2  # times the CPU time: what waits for nothing has no reason to take longer
BATCH = 10  # requests between two looks at the clock
PROTECTED = 0.9  # of the speed without it that creating keeps with the protection against doing it twice
UNPROTECTED = "Recado: create, page, as often as it is sent"
TITLE = "Buy stamps & send María the book"

CHROMIUM = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0",
    "Accept-Language": "en-US,en;q=0.9",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Sec-Fetch-Site": "same-origin",
}
VISIT = CHROMIUM | {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
    "Referer": "http://localhost/todos",
}
HTMX = CHROMIUM | {
    "Accept": "*/*",
    "HX-Request": "true",
    "HX-Current-URL": "http://localhost/todos",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Dest": "empty",
    "Referer": "http://localhost/todos",
}


@dataclass
class Case:
    """One request that is measured, and what came of it."""

    name: str
    app: Flask
    environ: dict[str, Any]
    body: bytes = b""
    status: int = 200
    engine: Engine | None = None
    before: Callable[["Case"], None] | None = None  # makes the next request, outside the time
    after: Callable[[], None] | None = None  # puts the database back, outside the time
    cpu: list[float] = field(default_factory=list)  # µs a request, one a round
    wall: list[float] = field(default_factory=list)
    length: int = 0  # of the answer, in bytes
    statements: int = 0

    def ask(self) -> tuple[int, bytes]:
        """Send the request as a server does; returns the status and the body."""
        said: list[str] = []
        environ = self.environ | {"wsgi.input": BytesIO(self.body)}
        answer: Any = self.app(environ, lambda status, _headers, _exc_info=None: said.append(status))  # type: ignore[arg-type]
        try:
            return int(said[0][:3]), b"".join(answer)
        finally:
            answer.close()  # which ends the request

    def try_out(self) -> None:
        """Make sure that the answer is the expected one, and count what it takes."""
        for _ in range(BATCH):  # templates are compiled and statements are cached before any is counted
            self._prepare()
            self._once()
        self._prepare()
        with counted(self.engine) as statements:
            self.length = len(self._once())
        self.statements = len(statements)

    def measure(self, seconds: float) -> None:
        cpu = wall = 0.0
        requests = 0
        batch = 1 if self.after else BATCH  # what changes something is put back each time
        while wall < seconds:
            self._prepare()
            began, began_cpu = perf_counter(), process_time()
            for _ in range(batch):
                self.ask()
            cpu += process_time() - began_cpu
            wall += perf_counter() - began
            requests += batch
            if self.after:
                self.after()
        self.cpu.append(cpu / requests * 1e6)
        self.wall.append(wall / requests * 1e6)

    def _prepare(self) -> None:
        if self.before:
            self.before(self)

    def _once(self) -> bytes:
        status, body = self.ask()
        if status != self.status:
            raise SystemExit(f"{self.name}: {status} instead of {self.status}: {body.decode()[:500]}")
        if self.after:
            self.after()
        return body


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--todos", type=int, default=50, help="on the list (50)")
    parser.add_argument("--seconds", type=float, default=3, help="for each case, over all rounds (3)")
    parser.add_argument("--rounds", type=int, default=5, help="in which all cases take turns (5)")
    options = parser.parse_args()
    rows = [(f"{TITLE} no. {number}", number % 3 == 0) for number in range(options.todos)]
    with TemporaryDirectory(prefix="recado-bench-") as folder:
        cases = make_cases(Path(folder), rows)
        for case in cases:
            case.try_out()
        for _ in range(options.rounds):
            for case in cases:
                case.measure(options.seconds / options.rounds)
        for engine in {case.engine for case in cases if case.engine}:
            engine.dispose()
    return report(cases, options.todos)


def make_cases(folder: Path, rows: rivals.Rows) -> list[Case]:
    recado = create_app(Config(folder, f"sqlite:///{folder / 'recado.sqlite3'}", SECRET))
    database = recado.extensions["database"]
    cookie = visit(recado, "/", "recado", data={"name": "Ana"})
    with database.transaction(write=True) as transaction:
        ana = accounts_named("Ana")[0]
        for title, completed in rows:
            add_todo(ana, title, completed_at=now() if completed else None)
        token = add_token(ana)
        transaction.commit()
    cookie = visit(recado, "/todos", "recado", cookie=cookie)  # which takes "Welcome!" off it
    clean = cleaner(folder / "recado.sqlite3", len(rows), "DELETE FROM session_entry", "DELETE FROM submission")

    def ask(name: str, client: dict[str, str], path: str = "/todos", before: Any = None, **sent: Any) -> Case:
        case = request(name, recado, path, client, **sent)
        case.engine, case.before = database.engine, before
        case.after = clean if sent else None
        return case

    page, htmx = VISIT | {"Cookie": cookie}, HTMX | {"Cookie": cookie}
    program = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    new = {"title": TITLE}
    protected = sender(recado, cookie, creates=True)
    whole = ask("Recado: list, page", page)
    return [
        whole,
        ask("Recado: list, htmx fragment", htmx),
        ask("Recado: list, API", program, "/api/v1/todos"),
        *idiomatic(folder, rows),
        *floor(folder, whole),
        ask("Recado: create, page", page, before=protected, form=new, status=303),
        ask(UNPROTECTED, page, before=sender(recado, cookie, creates=False), form=new, status=303),
        ask("Recado: create, htmx fragment", htmx, before=protected, form=new),
        ask("Recado: create, API", program, "/api/v1/todos", json=new, status=201),
    ]


def sender(app: Flask, cookie: str, *, creates: bool) -> Callable[[Case], None]:
    """Fill the form anew before each request: with a key of its own, or as if Recado knew of no submissions."""

    def fill(case: Case) -> None:
        TodoForm.creates = creates
        fields = {"title": TITLE}
        if creates:
            with app.test_request_context("/todos", headers={"Cookie": cookie}):
                app.preprocess_request()
                fields["submission"] = new_key("TodoForm")
        case.body = urlencode(fields).encode()
        case.environ["CONTENT_LENGTH"] = str(len(case.body))

    return fill


def idiomatic(folder: Path, rows: rivals.Rows) -> Iterator[Case]:
    """The same list, the usual way."""
    path = folder / "rival.sqlite3"
    app, engine = rivals.idiomatic(f"sqlite:///{path}", SECRET, rows)
    cookie = visit(app, "/todos", "session", cookie=visit(app, "/login", "session"))  # the second puts the token on it
    listed = request("Idiomatic: list, page", app, "/todos", VISIT | {"Cookie": cookie})
    html = listed.ask()[1].decode()
    token = re.findall(r'name="csrf_token" type="hidden" value="([^"]+)"', html)[0]
    new = {"title": TITLE, "csrf_token": token, "submit": "Add"}
    created = request("Idiomatic: create, page", app, "/todos", VISIT | {"Cookie": cookie}, form=new, status=303)
    created.after = cleaner(path, len(rows))
    for case in (listed, created):
        case.engine = engine
        yield case


def floor(folder: Path, whole: Case) -> Iterator[Case]:
    """The same page without its data's cost, without its template's, and without Recado."""
    body = whole.ask()[1]
    context = context_of(whole)
    for name, view in (
        ("Floor: Recado's page, data in memory", lambda: render_template("todos/index.html", **context)),
        ("Floor: Recado's hall around these bytes", lambda: body),
    ):
        app = create_app(Config(folder, f"sqlite:///{folder / 'floor.sqlite3'}", SECRET))
        app.view_functions["todos.index"] = view
        case = Case(name, app, whole.environ, engine=app.extensions["database"].engine)
        if len(case.ask()[1]) != len(body):
            raise SystemExit(f"{name}: not the same page")
        yield case
    yield Case("Floor: bare Flask, these bytes", rivals.constant(body), whole.environ)


def context_of(case: Case) -> dict[str, Any]:
    """What the page's template is given, with named tuples for the database's rows."""
    given: dict[str, Any] = {}

    def note(_app: Flask, context: dict[str, Any], **_: Any) -> None:
        given.update(context)

    with template_rendered.connected_to(note, case.app):
        case.ask()
    for name in ("g", "request", "session"):  # each request has its own
        given.pop(name, None)
    for name in ("todos",):
        given[name] = as_tuples(given[name])
    return given


def as_tuples(found: Any) -> Any:
    """The same row or rows, as named tuples."""
    if not hasattr(found, "_fields"):
        return [as_tuples(row) for row in found]
    return namedtuple("Found", found._fields)(*found)


def request(
    name: str,
    app: Flask,
    path: str,
    headers: dict[str, str],
    *,
    form: dict[str, str] | None = None,
    json: Any = None,
    status: int = 200,
) -> Case:
    """A case that sends a form, JSON, or nothing."""
    body, kind = (urlencode(form).encode(), "application/x-www-form-urlencoded") if form else (b"", None)
    if json is not None:
        body, kind = dumps(json).encode(), "application/json"
    environ = create_environ(path, method="POST" if body else "GET", headers=headers, data=body, content_type=kind)
    return Case(name, app, environ, body, status)


def visit(app: Flask, path: str, name: str, *, cookie: str = "", data: dict[str, str] | None = None) -> str:
    """Open a page, or send a form to it; returns the cookie, as a browser would send it from then on."""
    client = app.test_client()
    if cookie:
        client.set_cookie(name, cookie.partition("=")[2])
    answer = client.open(path, method="POST" if data else "GET", data=data, headers=CHROMIUM)
    kept = client.get_cookie(name)
    if answer.status_code >= 400 or kept is None:
        raise SystemExit(f"{path}: {answer.status}")
    return f"{name}={kept.value}"


def cleaner(path: Path, length: int, *more: str) -> Callable[[], None]:
    """Make the list as long again as it was: adding to an ever longer one would measure something else."""

    def clean() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("DELETE FROM todo WHERE position > ?", (length,))
            for statement in more:
                database.execute(statement)

    return clean


@contextmanager
def counted(engine: Engine | None) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    if engine:
        event.listen(engine, "before_cursor_execute", note)
    yield statements
    if engine:
        event.remove(engine, "before_cursor_execute", note)


def report(cases: list[Case], todos: int) -> int:
    constant = next(case for case in cases if "bare" in case.name)
    whole, bare = median(cases[0].cpu), median(constant.cpu)
    print(f"{todos} to-dos; µs a request: median (least–most)\n")
    print("| What | CPU µs | requests/s | × Recado's list | wall µs | statements | bytes |")
    print("|---|---|---|---|---|---|---|")
    for case in cases:
        cpu = median(case.cpu)
        spread = [f"{median(times):,.0f} ({min(times):,.0f}–{max(times):,.0f})" for times in (case.cpu, case.wall)]
        statements = str(case.statements) if case.engine else "–"
        print(
            f"| {case.name} | {spread[0]} | {1e6 / cpu:,.0f} | {cpu / whole:.2f} "
            f"| {spread[1]} | {statements} | {case.length:,} |"
        )
    if median(constant.wall) > BUSY * bare:
        print("\nThe machine was busy with other things: measure again before you believe this.")
    print(f"\nRecado's list takes {whole / bare:.1f} × the bare Flask constant; the bar is {CONSTANT} ×.")
    most = max(case.statements for case in cases if case.name.startswith("Recado: list"))
    print(f"Recado's list takes {most} statements; the bar is {STATEMENTS}.")
    safe, unsafe = (next(case for case in cases if case.name == name) for name in ("Recado: create, page", UNPROTECTED))
    speeds = [median(getattr(unsafe, time)) / median(getattr(safe, time)) for time in ("cpu", "wall")]
    print(
        f"Creating once and only once keeps {speeds[0]:.2f} × the speed of creating by CPU time, {speeds[1]:.2f} × by "
        f"wall time; the bar is {PROTECTED} ×."
    )
    return 0 if most <= STATEMENTS else 1


if __name__ == "__main__":
    sys.exit(main())
