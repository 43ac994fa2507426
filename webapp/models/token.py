"""A bearer token: lets a program act on one account's list. Only its hash is stored."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Row, String, bindparam, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import Base, Missing, UTCDateTime, connection, now
from webapp.models.account import COLUMNS as ACCOUNT_COLUMNS
from webapp.models.account import Account, AccountRow, is_open

PREFIX = "recado_"  # lets people and secret scanners tell what a leaked string is
TOKEN_BYTES = 32  # of randomness
NAME_LIMIT = 60  # characters


class Token(Base):
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


_owner = (
    select(*ACCOUNT_COLUMNS)
    .join(Token, Token.account_id == Account.id)
    .where(Token.token_hash == bindparam("token_hash"), is_open)
)
_tokens = select(Token.id, Token.created_at).where(Token.account_id == bindparam("account_id")).order_by(Token.id)


def add_token(account: AccountRow) -> str:
    """Make a token and return it; nobody can read it from the database later."""
    token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    connection().execute(insert(Token), {"account_id": account.id, "token_hash": hash_of(token)})
    return token


def find_token_owner(token: str) -> AccountRow | None:
    row = connection().execute(_owner, {"token_hash": hash_of(token)}).one_or_none()
    return AccountRow(*row) if row else None


def tokens_of(account: AccountRow) -> Sequence[Row[UUID, datetime]]:
    return connection().execute(_tokens, {"account_id": account.id}).all()


def delete_token(account: AccountRow, id: UUID) -> None:
    owned = Token.id == id, Token.account_id == account.id
    if connection().execute(delete(Token).where(*owned).returning(Token.id)).one_or_none() is None:
        raise Missing


def hash_of(token: str) -> bytes:
    # A token is 256 random bits: a plain hash cannot be guessed back, so no slow password hash is needed.
    return hashlib.sha256(token.encode()).digest()
