"""A browser's session: who it is, what it wants remembered, and the messages that wait for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    String,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import Base, Conflict, Missing, UTCDateTime, connection, is_ahead, now, on_each_engine
from webapp.models.accounts.account import COLUMNS as ACCOUNT_COLUMNS
from webapp.models.accounts.account import Account, AccountRow, is_open
from webapp.models.pruning import delete_some
from webapp.models.sessions.session_entry import MessageRow, SessionEntry, ValueRow

IDLE = timedelta(days=14)  # without a visit
ABSOLUTE = timedelta(days=30)  # since logging in, whatever happens
GUEST_IDLE, GUEST_ABSOLUTE = timedelta(days=365), timedelta(days=5 * 365)  # a guest has no other key to the list
VISIT = timedelta(days=30)  # for somebody who has said no name, and lost no list
RENEWAL = timedelta(hours=1)  # how often a session in use is prolonged
CONFIRMED = timedelta(minutes=10)  # how long it is known who sits there after a password was given
SESSIONS = 50  # of one account, the latest used
ADDRESS_LIMIT, BROWSER_LIMIT = 64, 256  # characters


class BrowserSession(Base):
    """One browser. Its token is stored as a hash, so that nobody who reads the database can come as it.

    created_at: when its visitor came, or last signed in. seen_at, address, browser: its last visit, to within RENEWAL.
    """

    __tablename__ = "browser_session"
    __table_args__ = (Index("browser_session_account", "account_id"), Index("browser_session_expiry", "expires_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    address: Mapped[str] = mapped_column(String(ADDRESS_LIMIT), default="")
    browser: Mapped[str] = mapped_column(String(BROWSER_LIMIT), default="")


class Stored(NamedTuple):
    """All that one read tells of a session."""

    id: UUID
    created_at: datetime
    seen_at: datetime
    confirmed_at: datetime | None
    account: AccountRow | None = None
    values: Sequence[ValueRow] = ()
    messages: Sequence[MessageRow] = ()

    @property
    def is_due(self) -> bool:
        """Whether it should be prolonged. A stranger's is not: signing in gives that browser a new token anyway."""
        return self.account is not None and (self.seen_at < now() - RENEWAL or is_ahead(self.seen_at))

    @property
    def is_confirmed(self) -> bool:
        """Whether its visitor has just shown to be the account's owner; a guest's browser is all there is to show."""
        is_guest = self.account is not None and self.account.is_guest
        moment = self.confirmed_at
        return is_guest or (moment is not None and moment > now() - CONFIRMED and not is_ahead(moment))


OWN = 4  # the columns of Stored that are the session's own
_live = BrowserSession.expires_at > bindparam("moment")
_found = (
    select(*(getattr(BrowserSession, name) for name in Stored._fields[:OWN]), *ACCOUNT_COLUMNS)
    .add_columns(*(getattr(SessionEntry, name) for name in ("key", "value", "version")))
    .add_columns(*(getattr(SessionEntry, name) for name in MessageRow._fields))
    .outerjoin(Account, (Account.id == BrowserSession.account_id) & is_open)
    .outerjoin(SessionEntry, SessionEntry.session_id == BrowserSession.id)
    .where(BrowserSession.token_hash == bindparam("token_hash"), _live)
    .order_by(SessionEntry.id)
)
SEEN = tuple(getattr(BrowserSession, name) for name in ("id", "address", "browser", "created_at", "seen_at"))
_sessions = (
    select(*SEEN)
    .where(BrowserSession.account_id == bindparam("account_id"), _live)
    .order_by(BrowserSession.seen_at.desc(), BrowserSession.id.desc())
)
_oldest = (
    select(BrowserSession.id)
    .where(BrowserSession.account_id == bindparam("account_id"))
    .order_by(BrowserSession.seen_at.desc(), BrowserSession.id.desc())
    .offset(SESSIONS)
)
_end_oldest = delete(BrowserSession).where(BrowserSession.id.in_(_oldest.limit(SESSIONS)))
ENDS = [0, *accumulate((OWN, len(ACCOUNT_COLUMNS), len(ValueRow._fields), len(MessageRow._fields)))]
_by_token = select(BrowserSession.id).where(BrowserSession.token_hash == bindparam("token_hash"))
_add = on_each_engine(lambda add: add(BrowserSession).on_conflict_do_nothing().returning(BrowserSession.id))


def find_session(token_hash: bytes, *, in_line: bool = False) -> Stored | None:
    """The session of a token, by one statement; None once it has expired. in_line: others in line change it first."""
    if in_line:  # SQLite's writers always wait for each other; PostgreSQL's do so here, beside those who add messages
        connection().execute(_by_token.with_for_update(key_share=True), {"token_hash": token_hash})
    rows = connection().execute(_found, {"token_hash": token_hash, "moment": now()}).all()
    if not rows:
        return None
    own, account, value, message = (slice(*ends) for ends in pairwise(ENDS))
    values = [ValueRow(*row[value]) for row in rows if row.key]
    messages = [MessageRow(*row[message]) for row in rows if row[message.start] and not row.key]
    known = AccountRow(*rows[0][account]) if rows[0][account.start] else None
    stored: tuple[Any, ...] = (*rows[0][own], known, values, messages)
    return Stored(*stored)


def add_session(token_hash: bytes) -> UUID:
    """The row of a browser that had none; of several requests at once one makes it."""
    expired = BrowserSession.token_hash == token_hash, ~_live
    connection().execute(delete(BrowserSession).where(*expired), {"moment": now()})
    values = {"token_hash": token_hash, "expires_at": now() + VISIT}
    return connection().execute(_add(), values).scalar() or connection().execute(_by_token, values).scalar_one()


def sign_in(id: UUID, token_hash: bytes, account: AccountRow, **seen: str) -> Stored:
    """Make the session the account's, under a new token: whoever knew the old one is left outside.

    Of more than SESSIONS of one account the one that was used least lately ends.

    seen: the visitor's `address` and `browser`.
    """
    moment = now()
    values = {"token_hash": token_hash, "account_id": account.id, "created_at": moment, "confirmed_at": moment}
    _change(id, values | _visit(account, moment) | seen)
    connection().execute(_end_oldest, {"account_id": account.id})
    return Stored(id, moment, moment, moment, account)


def prolong(stored: Stored, **seen: str) -> None:
    """Take note of a visit, and wait as long for the next as for any."""
    if stored.account:
        _change(stored.id, _visit(stored.account, stored.created_at) | seen)


def confirm(id: UUID) -> None:
    """Take note that the visitor has just shown to be the account's owner."""
    _change(id, {"confirmed_at": now()})


def _visit(account: AccountRow, begun: datetime) -> dict[str, Any]:
    idle, absolute = (GUEST_IDLE, GUEST_ABSOLUTE) if account.is_guest else (IDLE, ABSOLUTE)
    return {"seen_at": now(), "expires_at": min(now() + idle, begun + absolute)}


def _change(id: UUID, values: dict[str, Any]) -> None:
    changed = update(BrowserSession).where(BrowserSession.id == id).values(values)
    if connection().execute(changed.returning(BrowserSession.id)).one_or_none() is None:
        raise Conflict  # it was ended meanwhile


def end_session(id: UUID) -> None:
    connection().execute(delete(BrowserSession).where(BrowserSession.id == id))


def end_sessions(account: AccountRow, *, but: UUID | None = None) -> int:
    """Log out everywhere, `but` in one browser; returns how many browsers that were."""
    ended = delete(BrowserSession).where(BrowserSession.account_id == account.id, BrowserSession.id != but)
    return len(connection().execute(ended.returning(BrowserSession.id)).all())


def end_session_of(account: AccountRow, id: UUID) -> str:
    """Log out in one of the account's browsers; returns which browser said it was. Raises Missing."""
    own = BrowserSession.account_id == account.id, BrowserSession.id == id, _live
    ended = delete(BrowserSession).where(*own).returning(BrowserSession.browser)
    browser = connection().execute(ended, {"moment": now()}).scalar_one_or_none()
    if browser is None:
        raise Missing
    return browser


def sessions_of(account: AccountRow) -> Sequence[Row[*tuple[Any, ...]]]:
    """Where the account is logged in: SEEN of each browser, the latest first."""
    return connection().execute(_sessions, {"account_id": account.id, "moment": now()}).all()


def prune_sessions() -> int:
    """Delete some of the sessions that have expired; returns how many."""
    return delete_some(BrowserSession, BrowserSession.expires_at <= now(), most=50)  # each with all that waits in it
