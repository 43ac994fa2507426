"""What happened to a list since a client last looked: by the number that each change got, and what is left of to-dos
that are gone for good."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer, bindparam, or_, select, union_all
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UTCDateTime, connection, now
from webapp.models.accounts.account import Account, AccountRow
from webapp.models.pruning import delete_some
from webapp.models.todos.epoch import EpochEnd
from webapp.models.todos.todo import COLUMNS, Todo, TodoRow

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
    """How far a client has followed: to the change `sequence`; of what went before `began` it never knew.

    epoch: in which the list had changed last by then; None if it never had.
    """

    sequence: int
    began: int
    epoch: str | None = None


class News(NamedTuple):
    """changes: the id of each to-do that changed, and the to-do, or None where it is deleted."""

    changes: Sequence[tuple[UUID, TodoRow | None]]
    since: Since
    more: bool


_owner = bindparam("account_id", type_=Account.id.type)
_sequence, _began = bindparam("sequence", type_=BigInteger), bindparam("began", type_=BigInteger)
_most = bindparam("most", type_=Integer)
_numbers_of = (
    select(Todo.id.label("about"), Todo.sequence).where(
        Todo.account_id == _owner,
        Todo.sequence > _sequence,
        or_(Todo.deleted_at.is_(None), Todo.sequence > _began),
    ),
    select(Tombstone.todo_id, Tombstone.sequence).where(
        Tombstone.account_id == _owner, Tombstone.sequence > _sequence, Tombstone.sequence > _began
    ),
)
# The first of each are enough: else PostgreSQL would sort all that is there.
_first = (select(each.order_by("sequence").limit(_most).subquery()) for each in _numbers_of)
_numbers = union_all(*_first).order_by("sequence").limit(_most).subquery()
# One statement: two would look at two moments, and what is committed between them could be missed for good.
_epoch = select(Account.epoch).where(Account.id == _owner).scalar_subquery()
_changed = (
    select(_numbers.c.about, _numbers.c.sequence, _epoch.label("epoch"), *COLUMNS)
    .outerjoin(Todo, (Todo.id == _numbers.c.about) & (Todo.account_id == _owner))
    .order_by(_numbers.c.sequence)
)
_ended = select(EpochEnd.sequence).where(EpochEnd.account_id == _owner, EpochEnd.epoch == bindparam("epoch"))
_head = select(Account.sequence, Account.epoch, _ended.scalar_subquery().label("ended")).where(Account.id == _owner)


def news_of(account: AccountRow, since: Since | None, limit: int) -> News | None:
    """What changed in the list since then, in the order of the changes; without `since`, all that is there now.

    None if the client was told something that has not happened here: a backup was restored.
    """
    asked: dict[str, Any] = {"account_id": account.id, "epoch": since.epoch if since else None}
    head = connection().execute(_head, asked).one()
    if since and not _is_known(since, head):
        return None
    since = since or Since(0, head.sequence, head.epoch)
    asked |= {"sequence": since.sequence, "began": since.began, "most": limit + 1}
    found = connection().execute(_changed, asked).all()
    some = found[:limit]
    changes = [(row.about, None if row.id is None or row.deleted_at else row) for row in some]
    told = since._replace(sequence=some[-1].sequence, epoch=some[-1].epoch) if some else since
    return News(changes, told, len(found) > limit)


def _is_known(since: Since, head: Any) -> bool:
    """Whether the numbers of a cursor were given in an epoch of this database, and not after its end."""
    reached = head.sequence if since.epoch == head.epoch else head.ended
    return max(since.sequence, since.began) <= (reached or 0)


def prune_epochs() -> int:
    """Delete some of the ends of epochs that no client can speak of any more; returns how many."""
    return delete_some(EpochEnd, EpochEnd.ended_at <= now() - TOMBSTONE_AGE)


def prune_tombstones() -> int:
    """Delete some of what every client that is still answered knows; returns how many tombstones."""
    return delete_some(Tombstone, Tombstone.deleted_at <= now() - TOMBSTONE_AGE)
