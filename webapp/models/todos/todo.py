"""A to-do: one line of somebody's list, in the order they put it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    bindparam,
    case,
    column,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import Base, Conflict, Missing, UTCDateTime, connection, is_writing, now, only
from webapp.models.accounts.account import Account, AccountRow, hold_account

TITLE_LIMIT = 500  # characters, after trimming
WHOLE = 2**31 - 1  # to-dos: all of a list
LINES_LIMIT = 200  # to-dos added by one paste
POSITION_LIMIT = 2**53 - 1  # the largest whole number that every JSON reader keeps exact
SHOWS = ("all", "active", "completed")
TRASH_AGE = timedelta(days=30)  # how long a deleted to-do can be brought back

TodoRow = Row[*tuple[Any, ...]]  # COLUMNS, by their names
Edits = Sequence[tuple[TodoRow, TodoRow]]  # each to-do as it was and as it is


def _as_created(row: Any) -> Any:
    """A moment that is the same as when it was made: two looks at the clock would differ."""
    return row.get_current_parameters()["created_at"]


class Todo(Base):
    """sequence: the number of its latest change in its account, given by triggers: no statement can forget it."""

    __tablename__ = "todo"
    __table_args__ = (
        CheckConstraint(f"length(title) BETWEEN 1 AND {TITLE_LIMIT}", name="todo_title_length"),
        Index("todo_list", "account_id", "position", "id"),
        Index("todo_sequence", "account_id", "sequence"),
        Index("todo_updated", "account_id", "updated_at", "id"),
        Index("todo_trash", "deleted_at", **only(column("deleted_at").is_not(None))),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(TITLE_LIMIT))
    position: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=_as_created)
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")


COLUMNS = tuple(column for column in Todo.__table__.c if column.name not in ("account_id", "sequence"))

# Statements are built once: building one costs more than running it.
_mine = Todo.account_id == bindparam("account_id")
_there = Todo.deleted_at.is_(None)
conditions = {
    "all": _there,
    "active": _there & Todo.completed_at.is_(None),
    "completed": _there & Todo.completed_at.is_not(None),
}
_listed = {
    show: select(*COLUMNS)
    .where(_mine, condition)
    .order_by(Todo.position, Todo.id)
    .limit(bindparam("most", type_=Integer))
    for show, condition in conditions.items()
}
_found = select(*COLUMNS).where(_mine, Todo.id == bindparam("id"))
# Whoever changes a to-do holds their account first, as the triggers do for its number: nobody waits in a circle.
_found_held = _found.join(Account).with_for_update(of=Account, key_share=True)
_counted = select(
    func.count().label("all"),
    func.count(Todo.completed_at).label("completed"),
    (func.count() - func.count(Todo.completed_at)).label("active"),
).where(_mine, _there)
_ends = select(func.min(Todo.position), func.max(Todo.position)).where(_mine, _there)
insert_todo = insert(Todo).returning(*COLUMNS)
_last = func.coalesce(func.max(Todo.position), 0)
_next = (
    select(case((_last < POSITION_LIMIT, _last + 1), else_=POSITION_LIMIT))  # there it is last by its id
    .where(Todo.account_id == bindparam("owner_id"), _there)
    .scalar_subquery()
)
_append = insert(Todo).values(position=_next).returning(*COLUMNS)


def todos_of(account: AccountRow, show: str = "all", most: int = WHOLE) -> Sequence[TodoRow]:
    return connection().execute(_listed[show], {"account_id": account.id, "most": most}).all()


def hold_list(account: AccountRow) -> None:
    """Let nobody else change the list until this is committed."""
    hold_account(account)


def count_todos(account: AccountRow) -> Row[int, int, int]:
    """How many to-dos there are: `all`, `active` and `completed`."""
    return connection().execute(_counted, {"account_id": account.id}).one()


def find_todo(account: AccountRow, id: UUID, *, deleted: bool = False) -> TodoRow:
    """The to-do of this account; raises Missing, also for one in the trash unless `deleted` asks for those too."""
    found = _found_held if is_writing() else _found
    todo = connection().execute(found, {"account_id": account.id, "id": id}).one_or_none()
    if todo is None or (todo.deleted_at and (not deleted or todo.deleted_at < now() - TRASH_AGE)):
        raise Missing
    return todo


def is_shown(todo: TodoRow, show: str) -> bool:
    """Whether the to-do belongs to the list of `show`; says of one row what the conditions above say of many."""
    return not todo.deleted_at and (show == "all" or bool(todo.completed_at) == (show == "completed"))


def add_todo(account: AccountRow, title: str, *, completed: bool = False, position: int | None = None) -> TodoRow:
    """Add a to-do at the end of the list, or at a position."""
    values = {"account_id": account.id, "title": title, "completed_at": now() if completed else None}
    if position is None:
        return connection().execute(_append, values | {"owner_id": account.id}).one()
    return connection().execute(insert_todo, values | {"position": position}).one()


def change_todo(
    todo: TodoRow, *, title: str | None = None, completed: bool | None = None, position: int | None = None
) -> TodoRow:
    """Change what is given; only columns that really differ are written, and nothing is when none does.

    A to-do that was deleted comes back.
    """
    wished = {"title": title, "position": position}
    changes: dict[str, Any] = {
        name: value for name, value in wished.items() if value not in (None, getattr(todo, name))
    }
    if completed is not None and completed != bool(todo.completed_at):
        changes["completed_at"] = now() if completed else None
    if todo.deleted_at:
        changes["deleted_at"] = None
    return write_todo(todo, changes)


def end_of(account: AccountRow, step: int) -> int:
    """The position just before the first to-do (step -1) or just after the last (step 1), as far as there is one."""
    first, last = connection().execute(_ends, {"account_id": account.id}).one()
    return max(-POSITION_LIMIT, min(((first if step < 0 else last) or 0) + step, POSITION_LIMIT))


def write_todo(todo: TodoRow, changes: dict[str, Any]) -> TodoRow:
    """Write the changed columns if nobody else wrote meanwhile; raises Conflict otherwise."""
    if not changes:
        return todo
    changes |= {"updated_at": now(), "version": todo.version + 1}
    unchanged = Todo.id == todo.id, Todo.version == todo.version
    written = connection().execute(update(Todo).where(*unchanged).values(changes).returning(*COLUMNS)).one_or_none()
    if written is None:
        raise Conflict
    return written
