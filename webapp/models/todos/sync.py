"""What happened to a list since a client last looked: by the number that each change got, and what is left of to-dos
that are gone for good."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer, bindparam, exists, or_, select, union_all
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UTCDateTime, connection, now
from webapp.models.accounts.account import Account, AccountRow
from webapp.models.pruning import delete_some
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

    latest: when the list had changed last by then (ISO 8601), or None if it never had; cursors of old lack it.
    """

    sequence: int
    began: int
    latest: str | None = None


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
_latest = select(Account.changed_at).where(Account.id == _owner).scalar_subquery()
_changed = (
    select(_numbers.c.about, _numbers.c.sequence, _latest.label("latest"), *COLUMNS)
    .outerjoin(Todo, (Todo.id == _numbers.c.about) & (Todo.account_id == _owner))
    .order_by(_numbers.c.sequence)
)
# After a backup was restored, numbers are given anew: to changes that came later than all that the client heard of.
_again = exists().where(
    Todo.account_id == _owner,
    Todo.sequence <= _sequence,
    Todo.updated_at > bindparam("latest", type_=Todo.updated_at.type),
)
_head = select(Account.sequence, Account.changed_at, _again.label("again")).where(Account.id == _owner)


def news_of(account: AccountRow, since: Since | None, limit: int) -> News | None:
    """What changed in the list since then, in the order of the changes; without `since`, all that is there now.

    None if something else has happened by then than the client was told: a backup was restored.
    """
    latest = datetime.fromisoformat(since.latest) if since and since.latest else now()
    asked = {"account_id": account.id, "sequence": since.sequence if since else 0, "latest": latest}
    head = connection().execute(_head, asked).one()
    if since and (max(since.sequence, since.began) > head.sequence or head.again):
        return None
    since = since or Since(0, head.sequence)
    asked |= {"began": since.began, "most": limit + 1}
    found = connection().execute(_changed, asked).all()
    some = found[:limit]
    changes = [(row.about, None if row.id is None or row.deleted_at else row) for row in some]
    latest = some[-1].latest if some else head.changed_at
    told = Since(
        some[-1].sequence if some else since.sequence, since.began, latest.isoformat() if latest else since.latest
    )
    return News(changes, told, len(found) > limit)


def prune_tombstones() -> int:
    """Delete some of what every client that is still answered knows; returns how many tombstones."""
    return delete_some(Tombstone, Tombstone.deleted_at <= now() - TOMBSTONE_AGE)
