"""What happened to a list since a client last looked: by the number that each change got, and what is left of to-dos
that are gone for good."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer, bindparam, delete, or_, select, union_all
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UTCDateTime, connection, now
from webapp.models.account import Account, AccountRow
from webapp.models.todo import COLUMNS, Todo, TodoRow

SINCE_AGE = timedelta(days=30)  # how long a client may wait before it asks again
TOMBSTONE_AGE = SINCE_AGE + timedelta(days=2)  # more than any client that is still answered has waited


class Tombstone(Base):
    """Written by a trigger, when a to-do goes for good and its account stays."""

    __tablename__ = "tombstone"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    todo_id: Mapped[UUID]
    deleted_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Since(NamedTuple):
    """How far a client has followed: to the change `sequence`; of what went before `began` it never knew."""

    sequence: int
    began: int


class News(NamedTuple):
    """changes: the id of each to-do that changed, and the to-do, or None where it is deleted."""

    changes: Sequence[tuple[UUID, TodoRow | None]]
    since: Since
    more: bool


_owner = bindparam("account_id", type_=Account.id.type)
_sequence, _began = bindparam("sequence", type_=BigInteger), bindparam("began", type_=BigInteger)
_numbers = (
    union_all(
        select(Todo.id.label("about"), Todo.sequence).where(
            Todo.account_id == _owner,
            Todo.sequence > _sequence,
            or_(Todo.deleted_at.is_(None), Todo.sequence > _began),
        ),
        select(Tombstone.todo_id, Tombstone.sequence).where(
            Tombstone.account_id == _owner, Tombstone.sequence > _sequence, Tombstone.sequence > _began
        ),
    )
    .order_by("sequence")
    .limit(bindparam("most", type_=Integer))
    .subquery()
)
# One statement: two would look at two moments, and what is committed between them could be missed for good.
_changed = (
    select(_numbers.c.about, _numbers.c.sequence, *COLUMNS)
    .outerjoin(Todo, (Todo.id == _numbers.c.about) & (Todo.account_id == _owner))
    .order_by(_numbers.c.sequence)
)
_head = select(Account.sequence).where(Account.id == _owner)


def news_of(account: AccountRow, since: Since | None, limit: int) -> News | None:
    """What changed in the list since then, in the order of the changes; without `since`, all that is there now.

    None if more has happened than the list knows of: a backup was restored.
    """
    if since is None:
        since = Since(0, _head_of(account))
    asked = {"account_id": account.id, **since._asdict(), "most": limit + 1}
    found = connection().execute(_changed, asked).all()
    if not found and max(since) > _head_of(account):
        return None
    some = found[:limit]
    changes = [(row.about, None if row.id is None or row.deleted_at else row) for row in some]
    return News(changes, since._replace(sequence=some[-1].sequence) if some else since, len(found) > limit)


def _head_of(account: AccountRow) -> int:
    """The number of the list's latest change."""
    return connection().execute(_head, {"account_id": account.id}).scalar_one()


def prune_tombstones() -> int:
    """Delete what every client that is still answered knows; returns how many tombstones."""
    old = delete(Tombstone).where(Tombstone.deleted_at <= now() - TOMBSTONE_AGE).returning(Tombstone.sequence)
    return len(connection().execute(old).all())
