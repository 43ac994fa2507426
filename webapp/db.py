"""The ground: the tables' base, `Missing`, and one transaction per request."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import URL, DateTime, Dialect, Executable, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from webapp.config import ConfigurationError
from webapp.engines import is_wait_in_vain, make_engine
from webapp.upgrade import migrate

SKEW = timedelta(minutes=1)  # by which the clocks of several machines may differ
MIGRATION_LOCK, FIRST_LOCK = 0x4EC4D0, 0x4EC4D1  # PostgreSQL's advisory locks: any numbers that only we use


class Missing(LookupError):
    """What was asked for is not there, or not yours; the two are never told apart."""


class Busy(RuntimeError):
    """Others are writing, and this can wait for another time."""


class Conflict(RuntimeError):
    """Somebody else changed it between our reading and our writing."""


class Base(DeclarativeBase):
    """The base of all tables."""


class UTCDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True
    python_type = datetime

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


def now() -> datetime:
    return datetime.now(UTC)


def is_ahead(moment: datetime) -> bool:
    """Whether a moment lies in the future: a clock that was ahead has left it, and nobody can wait for it to come."""
    return moment > now() + SKEW


class Transaction:
    """One transaction that is begun by its first statement: a request that asks for nothing costs nothing."""

    def __init__(self, engine: Engine, *, writes: bool) -> None:
        self.writes = writes
        self.rows = 0  # that its statements for many to-dos wrote
        self._engine = engine
        self._opened: Connection | None = None

    @property
    def connection(self) -> Connection:
        if self._opened is None:
            self._opened = self._engine.connect()
        return self._opened

    def commit(self) -> None:
        if self._opened is not None:
            self._opened.commit()

    def rollback(self) -> None:
        if self._opened is not None:
            self._opened.rollback()

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        if self._opened is not None:
            self._opened.rollback()  # after a COMMIT that failed, SQLAlchemy's close() alone would roll nothing back
            self._opened.close()
            self._opened = None


_transaction: ContextVar[Transaction] = ContextVar("transaction")


def connection() -> Connection:
    """The connection of the transaction that is under way."""
    return _transaction.get().connection


def wrote(rows: int) -> None:
    """Take note of what a statement for many rows cost."""
    _transaction.get().rows += rows


def is_writing() -> bool:
    """Whether the transaction that is under way may write."""
    return _transaction.get().writes


def wait_in_line(lock: int) -> None:
    """Let one transaction at a time go on from here, until it ends; SQLite's writers wait when they begin."""
    if connection().dialect.name == "postgresql":
        connection().execute(text(f"SELECT pg_advisory_xact_lock({lock})"))


class Database:
    """One database, reached by short transactions."""

    def __init__(self, url: str | URL) -> None:
        self.engine = make_engine(url)
        self._writer = self.engine.execution_options(recado_write=True)

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Transaction]:
        """Make `connection()` work inside the block; only an explicit commit keeps what it did."""
        with self._transaction(self._writer if write else self.engine, writes=write) as transaction:
            yield transaction

    @contextmanager
    def _transaction(self, engine: Engine, *, writes: bool) -> Iterator[Transaction]:
        transaction = Transaction(engine, writes=writes)
        token = _transaction.set(transaction)
        try:
            yield transaction
        finally:
            _transaction.reset(token)
            transaction.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let `connection()` read inside the block what was there at its first look, whatever is written meanwhile."""
        with self.transaction(write=False):
            if self.engine.dialect.name == "postgresql":  # by itself it looks anew with each statement
                connection().execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            yield

    @contextmanager
    def writing(self, *, wait: float | None = None) -> Iterator[None]:
        """Let `connection()` write inside the block: in the transaction under way or, when that one only reads, in
        one of its own, which is committed at the end. (SQLite lets no reader become a writer beside others.)

        wait: the seconds to wait for other writers there, if not as long as everybody does; then raises Busy.
        """
        if _transaction.get().writes:
            yield
            return
        engine = self._writer if wait is None else self._writer.execution_options(recado_wait=wait)
        try:
            with self._transaction(engine, writes=True) as transaction:
                yield
                transaction.commit()
        except OperationalError as error:
            if wait is not None and is_wait_in_vain(error):
                raise Busy from error
            raise

    def close(self) -> None:
        """Close all connections. SQLite's file is whole by itself then: nothing is left in the log beside it."""
        if self.engine.dialect.name == "sqlite":
            with suppress(SQLAlchemyError), self.engine.connect() as opened:
                opened.exec_driver_sql("ROLLBACK")
                opened.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self.engine.dispose()

    def upgrade(self, then: Callable[[], None] = lambda: None) -> None:
        """Bring the tables to this code's version; of many processes at once, one does it and the others wait.

        Raises ConfigurationError when the database cannot be opened or is newer than the code.
        """
        try:
            with self.transaction(write=True) as transaction:
                wait_in_line(MIGRATION_LOCK)
                migrate(connection())
                then()
                transaction.commit()
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise ConfigurationError(f"The database {self.engine.url!r} cannot be used: {reason}.") from error


def on_each_engine(build: Callable[[Any], Executable]) -> Callable[[], Executable]:
    """A statement with ON CONFLICT, which both engines know but each by an `insert` of its own."""
    statements = {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}
    return lambda: statements[connection().dialect.name]


def only(condition: Any) -> dict[str, Any]:
    """For an Index: of the rows that meet the condition alone, so that the others do not pay for it."""
    return {"sqlite_where": condition, "postgresql_where": condition}
