"""A bearer token: lets a program act on one account's list. Only its hash is stored."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Row, String, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import SKEW, Base, Missing, UTCDateTime, connection, is_ahead, now
from webapp.models.accounts.account import COLUMNS as ACCOUNT_COLUMNS
from webapp.models.accounts.account import Account, AccountRow, hold_account, is_open
from webapp.models.pruning import delete_some

PREFIX = "recado_"  # lets people and secret scanners tell what a leaked string is
TOKEN_BYTES = 32  # of randomness
NAME_LIMIT = 60  # characters
COUNT_LIMIT = 50  # tokens of an account, with those that have expired but are listed
LIVES = (7, 30, 90, 365)  # days that a token may be made for; or for good
USED = timedelta(hours=1)  # how exactly it is known when a token was last used
KEPT = timedelta(days=30)  # for how long an expired one is listed: its owner may wonder why a program stopped


class Token(Base):
    """may_write: whether it may change anything. used_at: to within USED."""

    __tablename__ = "token"
    __table_args__ = (Index("token_account", "account_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    name: Mapped[str] = mapped_column(String(NAME_LIMIT), default="")
    may_write: Mapped[bool] = mapped_column(default=True)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Bearer(NamedTuple):
    """What a good token tells of who brings it."""

    id: UUID
    may_write: bool
    used_at: datetime | None
    account: AccountRow

    @property
    def is_due(self) -> bool:
        """Whether its use should be taken note of."""
        return self.used_at is None or self.used_at < now() - USED or is_ahead(self.used_at)


OWN = (Token.id, Token.may_write, Token.used_at)
_lasts = Token.expires_at.is_(None) | (Token.expires_at > bindparam("moment"))
_bearer = (
    select(*OWN, *ACCOUNT_COLUMNS)
    .join(Account, Account.id == Token.account_id)
    .where(Token.token_hash == bindparam("token_hash"), _lasts, is_open)
)
_shown = (Token.id, Token.name, Token.may_write, Token.created_at, Token.expires_at, Token.used_at)
_tokens = select(*_shown).where(Token.account_id == bindparam("account_id")).order_by(Token.id)


def may_add_token(account: AccountRow) -> bool:
    """Whether the account may have one more; of several who ask at once, one is told after the other."""
    hold_account(account)
    count = select(func.count()).where(Token.account_id == account.id)
    return connection().execute(count).scalar_one() < COUNT_LIMIT


def add_token(account: AccountRow, name: str = "", *, may_write: bool = True, days: int | None = None) -> str:
    """Make a token and return it; nobody can read it from the database later. days: after which it works no more."""
    token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    values = {"account_id": account.id, "token_hash": hash_of(token), "name": name, "may_write": may_write}
    expires_at = now() + timedelta(days=days) if days else None
    connection().execute(insert(Token), values | {"expires_at": expires_at})
    return token


def find_bearer(token: str) -> Bearer | None:
    """Who brings this token; None if it is no token, or no longer."""
    row = connection().execute(_bearer, {"token_hash": hash_of(token), "moment": now()}).one_or_none()
    if row is None:
        return None
    bearer: tuple[Any, ...] = (*row[: len(OWN)], AccountRow(*row[len(OWN) :]))
    return Bearer(*bearer)


def use_token(id: UUID) -> None:
    """Take note that a token is used now."""
    due = Token.used_at.is_(None) | (Token.used_at < now() - USED) | (Token.used_at > now() + SKEW)
    connection().execute(update(Token).where(Token.id == id, due).values(used_at=now()))


def tokens_of(account: AccountRow) -> Sequence[Row[*tuple[Any, ...]]]:
    return connection().execute(_tokens, {"account_id": account.id}).all()


def delete_token(account: AccountRow, id: UUID) -> str:
    """Let a token work no more; returns its name. Raises Missing."""
    owned = Token.id == id, Token.account_id == account.id
    name = connection().execute(delete(Token).where(*owned).returning(Token.name)).scalar_one_or_none()
    if name is None:
        raise Missing
    return name


def prune_tokens() -> int:
    """Delete some of the tokens that expired long ago; returns how many."""
    return delete_some(Token, Token.expires_at < now() - KEPT)


def hash_of(token: str) -> bytes:
    # A token is 256 random bits: a plain hash cannot be guessed back, so no slow password hash is needed.
    return hashlib.sha256(token.encode()).digest()
