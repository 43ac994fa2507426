"""What a verb found and what it left, kept for an hour, so that it can be undone."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, insert
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import Base, UTCDateTime, connection, now
from webapp.models.accounts.account import AccountRow
from webapp.models.pruning import delete_some
from webapp.models.todos.todo import EDITABLE, TodoRow

UNDO_AGE = timedelta(hours=1)
KEPT = 100  # entries of an account, the latest: a trigger deletes what was kept before them

Pair = tuple[TodoRow | None, TodoRow]  # a to-do as it was, none where it was not there, and as it is
Difference = dict[str, list[Any]]  # by the changed columns: what they held before and after, as JSON can say it


class UndoEntry(Base):
    """undoes: the entry whose change this one took back; taking that back, too, is the end of it."""

    __tablename__ = "change"
    __table_args__ = (Index("change_account", "account_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    columns: Mapped[str]  # JSON: a Difference by each to-do's id
    undoes: Mapped[UUID | None]
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


_keep = insert(UndoEntry)


def keep_undo_entry(account: AccountRow, pairs: Sequence[Pair], undoes: UUID | None) -> UUID:
    """Keep what changed; returns the id by which it is undone."""
    columns = {str(after.id): _difference(before, after) for before, after in pairs}
    id = uuid7()
    values = {"id": id, "account_id": account.id, "columns": json.dumps(columns), "undoes": undoes}
    connection().execute(_keep, values)
    return id


def undoing(todo: TodoRow, difference: Mapping[str, list[Any]]) -> dict[str, Any]:
    """The columns to write to take a change back, and what: those that still hold what it left there."""
    return {
        name: _loaded(name, before)
        for name, (before, after) in difference.items()
        if _plain(getattr(todo, name)) == after
    }


def prune_undo_entries() -> int:
    """Delete some of what can no longer be undone; returns how many entries."""
    return delete_some(UndoEntry, UndoEntry.created_at <= now() - UNDO_AGE)


def _difference(before: TodoRow | None, after: TodoRow) -> Difference:
    if before is None:  # as if it had come out of the trash: undoing it puts it there
        return {"deleted_at": [_plain(after.created_at), None]}
    held = {name: [_plain(getattr(before, name)), _plain(getattr(after, name))] for name in EDITABLE}
    return {name: values for name, values in held.items() if values[0] != values[1]}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value


def _loaded(name: str, plain: Any) -> Any:
    kind: Any = EDITABLE[name].type.python_type
    if plain is None or not issubclass(kind, date | UUID):
        return plain
    return kind(plain) if kind is UUID else kind.fromisoformat(plain)
