"""A browser's session: who it is, what it wants remembered, and the messages that wait for it."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    bindparam,
    column,
    delete,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import Base, Conflict, UTCDateTime, connection, now, on_each_engine, only
from webapp.models.account import COLUMNS as ACCOUNT_COLUMNS
from webapp.models.account import Account, AccountRow

IDLE = timedelta(days=365)  # without a change; long, because a guest has no other key to the list
VISIT = timedelta(days=30)  # the same for somebody who has said no name, and lost no list
ABSOLUTE = timedelta(days=5 * 365)  # whatever happens
RENEWAL = timedelta(days=1)  # how often a session in use is prolonged
KEY_LIMIT = 64  # characters of a value's name


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
        Index("session_entry_about", "about", **only(column("about").is_not(None))),
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
    about: bytes | None


class Stored(NamedTuple):
    """All that one read tells of a session."""

    id: UUID
    expires_at: datetime
    account: AccountRow | None
    values: list[ValueRow]
    messages: list[MessageRow]

    @property
    def is_due(self) -> bool:
        """Whether it should be prolonged. A stranger's is not: signing in gives that browser a new token anyway."""
        return self.account is not None and self.expires_at < now() + IDLE - RENEWAL


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
_by_token = select(BrowserSession.id).where(BrowserSession.token_hash == bindparam("token_hash"))
_add = on_each_engine(lambda add: add(BrowserSession).on_conflict_do_nothing().returning(BrowserSession.id))


def find_session(token_hash: bytes, *, in_line: bool = False) -> Stored | None:
    """The session of a token, by one statement; None once it has expired. in_line: others in line change it first."""
    if in_line:  # SQLite's writers always wait for each other; PostgreSQL's do so here, beside those who add messages
        connection().execute(_by_token.with_for_update(key_share=True), {"token_hash": token_hash})
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
    values = {"token_hash": token_hash, "expires_at": now() + VISIT}
    return connection().execute(_add(), values).scalar() or connection().execute(_by_token, values).scalar_one()


def sign_in(id: UUID, token_hash: bytes, account: AccountRow) -> None:
    """Make the session the account's, under a new token: whoever knew the old one is left outside."""
    values = {"token_hash": token_hash, "account_id": account.id, "expires_at": now() + IDLE}
    signed_in = update(BrowserSession).where(BrowserSession.id == id).values(values)
    if connection().execute(signed_in.returning(BrowserSession.id)).one_or_none() is None:
        raise Conflict


def prolong(id: UUID) -> None:
    connection().execute(update(BrowserSession).where(BrowserSession.id == id).values(expires_at=now() + IDLE))


def end_session(id: UUID) -> None:
    connection().execute(delete(BrowserSession).where(BrowserSession.id == id))


def end_sessions(account: AccountRow) -> int:
    """Log out everywhere; returns how many browsers that were."""
    ended = delete(BrowserSession).where(BrowserSession.account_id == account.id).returning(BrowserSession.id)
    return len(connection().execute(ended).all())


def prune_sessions() -> int:
    """Delete the sessions that have expired; returns how many."""
    expired = delete(BrowserSession).where(~_live).returning(BrowserSession.id)
    return len(connection().execute(expired, _moments()).all())


def _moments() -> dict[str, datetime]:
    moment = now()
    return {"moment": moment, "oldest": moment - ABSOLUTE}
