"""Lists: what to-dos stand on. The Inbox is not a row; what is on no list is in it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, bindparam, column, insert, select
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import Base, Missing, UTCDateTime, connection, now, only
from webapp.models.accounts.account import AccountRow

NAME_LIMIT = 100  # characters


class List(Base):
    """archived_at: it is hidden with its to-dos, and kept. deleted_at: it is in the trash with them."""

    __tablename__ = "list"
    __table_args__ = (
        CheckConstraint(f"length(name) BETWEEN 1 AND {NAME_LIMIT}", name="list_name_length"),
        Index("list_order", "account_id", "position", "id", **only(column("deleted_at").is_(None))),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    position: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)


class ListRow(NamedTuple):
    id: UUID
    name: str
    position: int
    archived_at: datetime | None
    version: int


_columns = tuple(getattr(List, name) for name in ListRow._fields)
_owned = List.account_id == bindparam("owner_id"), List.deleted_at.is_(None)
_all = select(*_columns).where(*_owned).order_by(List.position, List.id)
_one = select(*_columns).where(*_owned, List.id == bindparam("id"))
_add = insert(List).returning(*_columns)


def add_list(account: AccountRow, name: str, position: int) -> ListRow:
    values: dict[str, Any] = {"account_id": account.id, "name": name, "position": position}
    return ListRow(*connection().execute(_add, values).one())


def lists_of(account: AccountRow) -> Sequence[ListRow]:
    """The lists of an account, in its order; without those in the trash."""
    return [ListRow(*row) for row in connection().execute(_all, {"owner_id": account.id})]


def find_list(account: AccountRow, id: UUID) -> ListRow:
    """The list of this account; raises Missing."""
    row = connection().execute(_one, {"owner_id": account.id, "id": id}).one_or_none()
    if row is None:
        raise Missing
    return ListRow(*row)
