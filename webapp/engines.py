"""SQLite and PostgreSQL, each told how we want it to work."""

import sqlite3
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine

LOCK_WAIT = 10  # seconds that a writer waits for another
POOL = {"pool_size": 16, "max_overflow": 16, "hide_parameters": True}  # the log is not to tell what somebody wrote


def make_engine(url: str) -> Engine:
    if url.startswith("sqlite"):
        engine = create_engine(url, **POOL, connect_args={"timeout": LOCK_WAIT})
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    wait = f"-c lock_timeout={LOCK_WAIT * 1000} -c timezone=UTC"
    return create_engine(url, **POOL, pool_pre_ping=True, connect_args={"options": wait})


def _open_sqlite(opened: sqlite3.Connection, _: Any) -> None:
    opened.isolation_level = None  # transactions are begun by _begin_sqlite alone
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        opened.execute(f"PRAGMA {pragma}")
    # SQLite's own knows the letters of English alone.
    opened.create_function("upper", 1, lambda text: text and text.upper(), deterministic=True)


def _begin_sqlite(opened: Connection) -> None:
    # A deferred transaction that turns into a writer fails at once when another writes: writers say so first.
    write = opened.get_execution_options().get("recado_write")
    opened.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
