"""An account: whose to-dos they are. A guest's has a name and nothing else."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, String, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import Base, Conflict, UTCDateTime, connection, now

NAME_LIMIT = 60  # characters


class AccountRow(NamedTuple):
    id: UUID
    name: str
    created_at: datetime
    user_name: str | None
    is_admin: bool
    todo_count: int

    @property
    def is_guest(self) -> bool:
        """Whether nobody can log in to it: the list is reached from this one browser alone."""
        return self.user_name is None


class Account(Base):
    """user_name: what somebody logs in with, in the form that `login.normal` gives it; a guest has none.

    disabled_at: by an administrator. leaving_at: since when its owner wants it deleted. Either keeps everybody out.
    sequence: the number of the list's latest change; todo_count: its to-dos, in the trash or not; epoch: when
    the list was changed last (webapp/models/todos/epoch.py). Triggers keep all three.
    totp_secret: sealed; who can read the database alone cannot make codes of it. totp_step: of the last code used.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(f"length(name) BETWEEN 1 AND {NAME_LIMIT}", name="account_name_length"),
        Index("account_user_name", "user_name", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    user_name: Mapped[str | None] = mapped_column(String(NAME_LIMIT))
    password_hash: Mapped[str | None]
    is_admin: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    leaving_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    totp_secret: Mapped[str | None]
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)
    sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    todo_count: Mapped[int] = mapped_column(server_default="0")
    epoch: Mapped[str | None] = mapped_column(String(16))


COLUMNS = tuple(getattr(Account, name) for name in AccountRow._fields)
is_open = Account.disabled_at.is_(None) & Account.leaving_at.is_(None)
_add = insert(Account).returning(*COLUMNS)
_hold = select(Account.id).where(Account.id == bindparam("id")).with_for_update(key_share=True)
_by_name = select(*COLUMNS).where(Account.name == bindparam("name")).order_by(Account.id)


def add_account(name: str) -> AccountRow:
    return AccountRow(*connection().execute(_add, {"name": name}).one())


def accounts_named(name: str) -> Sequence[AccountRow]:
    """All accounts of this name: guests need not share out names among them."""
    return [AccountRow(*row) for row in connection().execute(_by_name, {"name": name})]


def hold_account(account: AccountRow) -> None:
    """Let nobody else who holds the account go on until this is committed."""
    connection().execute(_hold, {"id": account.id})


def rename_account(account: AccountRow, name: str) -> None:
    connection().execute(update(Account).where(Account.id == account.id).values(name=name))


def forget_guest(guest: AccountRow) -> None:
    """Delete a guest's account with all that is its own; raises Conflict if it is nobody's, or somebody's, by now."""
    mine = Account.id == guest.id, Account.user_name.is_(None)
    if connection().execute(delete(Account).where(*mine).returning(Account.id)).one_or_none() is None:
        raise Conflict
