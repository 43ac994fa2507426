"""A Todo-Backend address: a secret in a URL, which opens a list to whoever knows it. Only its hash is stored."""

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, bindparam, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UTCDateTime, connection, now
from webapp.models.accounts.account import COLUMNS as ACCOUNT_COLUMNS
from webapp.models.accounts.account import Account, AccountRow, is_open
from webapp.models.accounts.token import TOKEN_BYTES, hash_of


class TodoBackend(Base):
    """The address of an account's list; an account without a row has none."""

    __tablename__ = "todo_backend"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


_owner = (
    select(*ACCOUNT_COLUMNS)
    .join(TodoBackend, TodoBackend.account_id == Account.id)
    .where(TodoBackend.secret_hash == bindparam("secret_hash"), is_open)
)
_made = select(TodoBackend.created_at).where(TodoBackend.account_id == bindparam("account_id"))


def make_address(account: AccountRow) -> str:
    """Make the account's address anew and return its secret; an earlier one works no more."""
    revoke_address(account)
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    connection().execute(insert(TodoBackend), {"account_id": account.id, "secret_hash": hash_of(secret)})
    return secret


def revoke_address(account: AccountRow) -> None:
    connection().execute(delete(TodoBackend).where(TodoBackend.account_id == account.id))


def address_made(account: AccountRow) -> datetime | None:
    """When the account's address was made, or None if it has none."""
    return connection().execute(_made, {"account_id": account.id}).scalar_one_or_none()


def find_address_owner(secret: str) -> AccountRow | None:
    row = connection().execute(_owner, {"secret_hash": hash_of(secret)}).one_or_none()
    return AccountRow(*row) if row else None
