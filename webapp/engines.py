"""SQLite and PostgreSQL, each told how we want it to work."""

import os
import sqlite3
import threading
import time
from collections import deque
from contextlib import suppress
from typing import Any

from sqlalchemy import URL, create_engine, event, make_url
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

LOCKED = "55P03"  # PostgreSQL's lock_not_available
LOCK_WAIT = 10  # seconds that a writer waits for another
# The connection that was used last is used next: its pages are cached. Nothing that somebody wrote is logged.
POOL = {"pool_size": 16, "max_overflow": 16, "pool_use_lifo": True, "hide_parameters": True}


def make_engine(address: str | URL) -> Engine:
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        line = Line()
        _make_file(url.database)
        engine = create_engine(url, **POOL, connect_args={"timeout": LOCK_WAIT, "factory": SQLiteConnection})
        event.listen(engine, "connect", lambda opened, _: _open_sqlite(opened, line))
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    wait = f"-c lock_timeout={LOCK_WAIT * 1000} -c timezone=UTC"
    engine = create_engine(url, **POOL, pool_pre_ping=True, connect_args={"options": wait})
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _make_file(path: str | None) -> None:
    """Make the database's file where there is none, for its owner alone; what SQLite puts beside it is as it is."""
    if path and path != ":memory:":
        with suppress(OSError):  # opening it tells what is wrong
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


class Line:
    """Those of a process who want to write, first come first served: Python's own lock lets anybody go first."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_taken = False
        self.waiting: deque[threading.Event] = deque()

    def enter(self, seconds: float) -> bool:
        """Wait for one's turn; says whether it came in time."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            turn = threading.Event()
            self.waiting.append(turn)
        if turn.wait(seconds):
            return True
        with self._guard:
            if not turn.is_set():  # it may have come just now
                self.waiting.remove(turn)
            return turn.is_set()

    def leave(self) -> None:
        """Let the next one write."""
        with self._guard:
            if self.waiting:
                self.waiting.popleft().set()
            else:
                self._is_taken = False


class SQLiteConnection(sqlite3.Connection):
    """Its writers wait in line for those of the same process; SQLite by itself lets them sleep and guess.

    Other processes' writers are waited for as SQLite does it.
    """

    line: Line
    is_first = False  # in line

    def begin_writing(self, seconds: float) -> None:
        """Begin a transaction that writes; raises OperationalError when others have written for so long."""
        deadline = time.monotonic() + seconds
        if not self.line.enter(seconds):
            raise sqlite3.OperationalError("database is locked")
        self.is_first = True
        try:
            left = max(0, deadline - time.monotonic())
            self.execute(f"PRAGMA busy_timeout = {int(left * 1000)}")
            self.execute("BEGIN IMMEDIATE")
        finally:
            self._let_go()

    def commit(self) -> None:
        try:
            super().commit()
        finally:
            self._let_go()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._let_go()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._leave()

    def _let_go(self) -> None:
        if self.is_first and not self.in_transaction:  # a COMMIT that failed is still to be rolled back
            self._leave()

    def _leave(self) -> None:
        if self.is_first:
            self.is_first = False
            self.line.leave()


def _open_sqlite(opened: SQLiteConnection, line: Line) -> None:
    opened.line = line
    opened.isolation_level = None  # transactions are begun by _begin_sqlite alone
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        opened.execute(f"PRAGMA {pragma}")
    # SQLite's own knows the letters of English alone.
    opened.create_function("upper", 1, lambda text: text and text.upper(), deterministic=True)


def _begin_sqlite(opened: Connection) -> None:
    # A deferred transaction that turns into a writer fails at once when another writes: writers say so first.
    options = opened.get_execution_options()
    if not options.get("recado_write"):
        opened.exec_driver_sql("BEGIN")
        return
    raw: Any = opened.connection.dbapi_connection
    try:
        raw.begin_writing(options.get("recado_wait", LOCK_WAIT))
    except sqlite3.OperationalError as error:
        raise OperationalError("BEGIN IMMEDIATE", None, error) from error


def _begin_postgresql(opened: Connection) -> None:
    wait = opened.get_execution_options().get("recado_wait")
    if wait is not None:
        opened.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, int(wait * 1000))}")


def is_wait_in_vain(error: BaseException | None) -> bool:
    """Whether another held for too long what this one needed."""
    original = getattr(error, "orig", None)
    return getattr(original, "sqlstate", None) == LOCKED or "database is locked" in str(original or "")
