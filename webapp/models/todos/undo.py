"""A change that can be undone for an hour: what its verb found and what it left."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, Index, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import Base, Missing, UTCDateTime, connection, now
from webapp.models.accounts.account import AccountRow
from webapp.models.pruning import delete_some
from webapp.models.todos.bulk import find_todos, write_todos
from webapp.models.todos.todo import Edits, TodoRow, hold_list

UNDO_AGE = timedelta(hours=1)
KEPT = 100  # changes of an account that can be undone, the latest
PLAIN, MOMENTS = ("title", "position"), ("completed_at", "deleted_at")


class UndoEntry(Base):
    """undoes: the change that this one took back; taking that back, too, is the end of it."""

    __tablename__ = "change"
    __table_args__ = (Index("change_account", "account_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    columns: Mapped[str]  # JSON: by each to-do's id, its changed columns: what they held before and after
    undoes: Mapped[UUID | None]
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


_found = select(UndoEntry).where(
    UndoEntry.account_id == bindparam("account_id"),
    UndoEntry.id == bindparam("id"),
    UndoEntry.created_at > bindparam("since"),
)

_mine = UndoEntry.account_id == bindparam("account_id")
_older = select(UndoEntry.id).where(_mine).order_by(UndoEntry.id.desc()).offset(KEPT - 1).limit(1).scalar_subquery()
_forget_old = delete(UndoEntry).where(_mine, UndoEntry.id <= _older)


def keep_undo_entry(account: AccountRow, changes: Edits, undoes: UUID | None = None) -> UUID:
    """Keep what changed, so that it can be undone, in place of what was changed KEPT times before; returns its id."""
    connection().execute(_forget_old, {"account_id": account.id})
    columns = {str(before.id): _difference(before, after) for before, after in changes}
    values = {"account_id": account.id, "columns": json.dumps(columns), "undoes": undoes}
    return connection().execute(insert(UndoEntry).returning(UndoEntry.id), values).scalar_one()


class Undone(NamedTuple):
    """What undoing changed, whether that can be undone in turn, and whether it had been done before."""

    changes: Edits
    again: bool
    before: bool


def undo_change(account: AccountRow, id: UUID) -> Undone:
    """Take a change back, as far as nobody has changed the same things since; a second time changes nothing.

    Raises Missing for a change that is unknown or too old.
    """
    asked = {"account_id": account.id, "id": id, "since": now() - UNDO_AGE}
    hold_list(account)  # before the change: whoever changes to-dos first, and then undoes, waits the other way round
    change = connection().execute(_found, asked).one_or_none()
    if change is None:
        raise Missing
    if change.undone_at:
        return Undone([], again=False, before=True)
    columns = json.loads(change.columns)
    alike: dict[tuple[tuple[str, Any], ...], list[TodoRow]] = {}
    for todo in find_todos(account, [UUID(id) for id in columns]):
        alike.setdefault(tuple(_undoing(todo, columns[str(todo.id)])), []).append(todo)
    undone = [pair for undoing, todos in alike.items() if undoing for pair in write_todos(todos, dict(undoing))]
    undone.sort(key=lambda pair: (pair[1].position, pair[1].id))  # as the list has them
    connection().execute(update(UndoEntry).where(UndoEntry.id == id).values(undone_at=now()))
    return Undone(undone, again=change.undoes is None, before=False)


def prune_undo_entries() -> int:
    """Delete some of what can no longer be undone; returns how many changes."""
    return delete_some(UndoEntry, UndoEntry.created_at <= now() - UNDO_AGE)


def _difference(before: TodoRow, after: TodoRow) -> dict[str, list[Any]]:
    plain = {name: [getattr(before, name), getattr(after, name)] for name in PLAIN}
    moments = {name: [_text(getattr(before, name)), _text(getattr(after, name))] for name in MOMENTS}
    return {name: values for name, values in (plain | moments).items() if values[0] != values[1]}


def _undoing(todo: TodoRow, columns: Mapping[str, list[Any]]) -> Iterator[tuple[str, Any]]:
    """The columns to write, and what: those that hold what the change left there."""
    for name, (before, after) in columns.items():
        moment = name in MOMENTS
        if (_text(getattr(todo, name)) if moment else getattr(todo, name)) == after:
            yield name, datetime.fromisoformat(before) if moment and before else before


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
