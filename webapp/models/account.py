"""An account: whose to-dos they are. A guest's has a name and nothing else."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint, String, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import Base, UTCDateTime, connection, now

NAME_LIMIT = 60  # characters


class AccountRow(NamedTuple):
    id: UUID
    name: str
    created_at: datetime


class Account(Base):
    __tablename__ = "account"
    __table_args__ = (CheckConstraint(f"length(name) BETWEEN 1 AND {NAME_LIMIT}", name="account_name_length"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


COLUMNS = tuple(getattr(Account, name) for name in AccountRow._fields)
_add = insert(Account).returning(*COLUMNS)
_by_name = select(*COLUMNS).where(Account.name == bindparam("name")).order_by(Account.id)


def add_account(name: str) -> AccountRow:
    return AccountRow(*connection().execute(_add, {"name": name}).one())


def accounts_named(name: str) -> Sequence[AccountRow]:
    """All accounts of this name: guests need not share out names among them."""
    return [AccountRow(*row) for row in connection().execute(_by_name, {"name": name})]


def rename_account(account: AccountRow, name: str) -> None:
    connection().execute(update(Account).where(Account.id == account.id).values(name=name))


def forget_account(account: AccountRow) -> None:
    """Delete the account with its to-dos and tokens, for good."""
    connection().execute(delete(Account).where(Account.id == account.id))
