"""A browser's session: who it is, what it wants remembered, and the messages that wait for it."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Executable,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import Base, Conflict, UTCDateTime, connection, now, on_each_engine
from webapp.models.account import COLUMNS as ACCOUNT_COLUMNS
from webapp.models.account import Account, AccountRow

IDLE = timedelta(days=365)  # without a change; long, because a guest has no other key to the list
ABSOLUTE = timedelta(days=5 * 365)  # whatever happens
RENEWAL = timedelta(days=1)  # how often a session in use is prolonged
KEY_LIMIT = 64  # characters of a value's name
DRAFT, DRAFT_AGE = "draft", timedelta(hours=1)  # the value that holds text of somebody unknown, and how long


class BrowserSession(Base):
    """One browser. Its token is stored as a hash, so that nobody who reads the database can come as it."""

    __tablename__ = "browser_session"
    __table_args__ = (Index("browser_session_account", "account_id"), Index("browser_session_expiry", "expires_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SessionEntry(Base):
    """A value by its `key`, or (without one) a message that waits until its reader has it.

    claim: the answer that took the message, at `claimed_at`. about: the submission whose outcome it tells.
    """

    __tablename__ = "session_entry"
    __table_args__ = (
        UniqueConstraint("session_id", "key", name="session_entry_key"),
        Index("session_entry_about", "about"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("browser_session.id", ondelete="CASCADE"))
    key: Mapped[str | None] = mapped_column(String(KEY_LIMIT))
    value: Mapped[str]
    written_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, onupdate=now)
    version: Mapped[int] = mapped_column(default=1)
    claim: Mapped[UUID | None]
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    about: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class ValueRow(NamedTuple):
    key: str
    value: str
    version: int


class MessageRow(NamedTuple):
    id: UUID
    value: str
    claim: UUID | None
    claimed_at: datetime | None


class Stored(NamedTuple):
    """All that one read tells of a session."""

    id: UUID
    expires_at: datetime
    account: AccountRow | None
    values: list[ValueRow]
    messages: list[MessageRow]


_live = (BrowserSession.expires_at > bindparam("moment")) & (BrowserSession.created_at > bindparam("oldest"))
_found = (
    select(BrowserSession.id, BrowserSession.expires_at, *ACCOUNT_COLUMNS)
    .add_columns(*(getattr(SessionEntry, name) for name in ("key", "value", "version")))
    .add_columns(*(getattr(SessionEntry, name) for name in MessageRow._fields))
    .outerjoin(Account, Account.id == BrowserSession.account_id)
    .outerjoin(SessionEntry, SessionEntry.session_id == BrowserSession.id)
    .where(BrowserSession.token_hash == bindparam("token_hash"), _live)
    .order_by(SessionEntry.id)
)
_add = on_each_engine(lambda add: add(BrowserSession).on_conflict_do_nothing().returning(BrowserSession.id))
_add_value = on_each_engine(lambda add: add(SessionEntry).on_conflict_do_nothing().returning(SessionEntry.id))
_put_value = on_each_engine(
    lambda add: (put := add(SessionEntry)).on_conflict_do_update(
        index_elements=["session_id", "key"],
        set_={
            "value": put.excluded.value,
            "written_at": put.excluded.written_at,
            "version": SessionEntry.version + 1,
        },
    )
)


def find_session(token_hash: bytes) -> Stored | None:
    """The session of a token, by one statement; None once it has expired, swept or not."""
    rows = connection().execute(_found, {"token_hash": token_hash} | _moments()).all()
    if not rows:
        return None
    id, expires_at, *account = rows[0][:5]
    values = [ValueRow(*row[5:8]) for row in rows if row.key]
    messages = [MessageRow(*row[8:]) for row in rows if row[8] and not row.key]
    return Stored(id, expires_at, AccountRow(*account) if account[0] else None, values, messages)


def add_session(token_hash: bytes) -> UUID:
    """The row of a browser that had none; of several requests at once one makes it."""
    expired = BrowserSession.token_hash == token_hash, ~_live
    connection().execute(delete(BrowserSession).where(*expired), _moments())
    values = {"token_hash": token_hash, "expires_at": now() + IDLE}
    made = connection().execute(_add(), values).scalar()
    by_token = select(BrowserSession.id).where(BrowserSession.token_hash == token_hash)
    return made or connection().execute(by_token).scalar_one()


def sign_in(id: UUID, token_hash: bytes, account: AccountRow) -> None:
    """Make the session the account's, under a new token: whoever knew the old one is left outside."""
    values = {"token_hash": token_hash, "account_id": account.id, "expires_at": now() + IDLE}
    _change(update(BrowserSession).where(BrowserSession.id == id).values(values).returning(BrowserSession.id))


def prolong(id: UUID) -> None:
    later = update(BrowserSession).where(BrowserSession.id == id).values(expires_at=now() + IDLE)
    _change(later.returning(BrowserSession.id))


def end_session(id: UUID) -> None:
    connection().execute(delete(BrowserSession).where(BrowserSession.id == id))


def end_sessions(account: AccountRow) -> int:
    """Log out everywhere; returns how many browsers that were."""
    ended = delete(BrowserSession).where(BrowserSession.account_id == account.id).returning(BrowserSession.id)
    return len(connection().execute(ended).all())


def prune_sessions() -> int:
    """Delete the sessions that have expired, and the drafts; returns how many sessions."""
    old = SessionEntry.key == DRAFT, SessionEntry.written_at < now() - DRAFT_AGE
    connection().execute(delete(SessionEntry).where(*old))
    expired = delete(BrowserSession).where(~_live).returning(BrowserSession.id)
    return len(connection().execute(expired, _moments()).all())


# ---- Values


def put_value(id: UUID, key: str, value: str, version: int | None) -> None:
    """Write a value over the `version` that was read (0: there was none), or over any (None).

    Raises Conflict when another request wrote it meanwhile, and IntegrityError when one has ended the session.
    """
    values = {"session_id": id, "key": key, "value": value}
    if version is None:
        connection().execute(_put_value(), values)
    elif version == 0:
        _change(_add_value(), values)
    else:
        entry = SessionEntry.session_id == id, SessionEntry.key == key, SessionEntry.version == version
        put = update(SessionEntry).where(*entry).values(value=value, version=version + 1)
        _change(put.returning(SessionEntry.id))


def delete_value(id: UUID, key: str, version: int) -> None:
    """Take a value away that was read at `version`; raises Conflict when it is another one by now."""
    entry = SessionEntry.session_id == id, SessionEntry.key == key, SessionEntry.version == version
    _change(delete(SessionEntry).where(*entry).returning(SessionEntry.id))


def _moments() -> dict[str, datetime]:
    moment = now()
    return {"moment": moment, "oldest": moment - ABSOLUTE}


def _change(statement: Executable, values: dict[str, Any] | None = None) -> None:
    if connection().execute(statement, values).one_or_none() is None:
        raise Conflict
