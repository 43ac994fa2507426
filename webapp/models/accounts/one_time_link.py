"""A link that works once: an invitation to register, or the way to a new password."""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, LargeBinary, String, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import Base, UTCDateTime, connection, now
from webapp.models.accounts.account import COLUMNS, Account, AccountRow
from webapp.models.accounts.token import TOKEN_BYTES, hash_of
from webapp.models.pruning import delete_some

INVITE, RESET = "invite", "reset"
AGES = {INVITE: timedelta(days=7), RESET: timedelta(days=1)}  # after which a link works no more
KEPT = timedelta(days=1)  # after that, for a form that is sent twice


class Link(Base):
    """account_id: whose password it resets; an invitation has none yet. by_id: who made it."""

    __tablename__ = "link"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    purpose: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class LinkRow(NamedTuple):
    """account: whose password it resets."""

    id: UUID
    account: AccountRow | None
    expires_at: datetime

    @property
    def works(self) -> bool:
        """Whether it was neither used nor forgotten for too long."""
        return self.expires_at > now()


_found = (
    select(Link.id, Link.expires_at, *COLUMNS)
    .outerjoin(Account, Account.id == Link.account_id)
    .where(Link.token_hash == bindparam("token_hash"), Link.purpose == bindparam("purpose"))
)


def add_link(purpose: str, *, by: AccountRow | None, account: AccountRow | None = None) -> str:
    """Make a link and return its token; nobody can read it from the database later. by: None for the command line."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {"token_hash": hash_of(token), "purpose": purpose, "expires_at": now() + AGES[purpose]}
    values |= {"account_id": account and account.id, "by_id": by and by.id}
    connection().execute(insert(Link), values)
    return token


def find_link(purpose: str, token: str) -> LinkRow | None:
    """Also one that works no more, for a while: whoever has just used it may be sending its form a second time."""
    row = connection().execute(_found, {"token_hash": hash_of(token), "purpose": purpose}).one_or_none()
    if row is None:
        return None
    id, expires_at, *owner = row
    return LinkRow(id, AccountRow(*owner) if owner[0] else None, expires_at)


def take_link(link: LinkRow) -> bool:
    """Use a link up; whether it worked until now.

    Its end must be as it was found: moments alone, of two who look at their clocks at once, would let both in.
    """
    return link.works and _end((Link.id == link.id) & (Link.expires_at == link.expires_at)) == 1


def end_links(account: AccountRow) -> None:
    """Let no link work any more that leads to this account, or that it made."""
    _end((Link.account_id == account.id) | (Link.by_id == account.id))


def prune_links() -> int:
    """Delete some of the links that work no more; returns how many."""
    return delete_some(Link, Link.expires_at < now() - KEPT)


def _end(which: ColumnElement[bool]) -> int:
    ended = update(Link).where(which, Link.expires_at > now()).values(expires_at=now()).returning(Link.id)
    return len(connection().execute(ended).all())
