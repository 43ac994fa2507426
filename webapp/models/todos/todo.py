"""A to-do: the table, which tells its columns once, and how to-dos are found and counted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import Base, Missing, UTCDateTime, connection, is_writing, now, only
from webapp.models.accounts.account import Account, AccountRow, hold_account

TITLE_LIMIT = 500  # characters, after trimming
NOTES_LIMIT = 20_000  # characters
WHOLE = 2**31 - 1  # to-dos: all of a list
LINES_LIMIT = 200  # to-dos added by one paste
POSITION_LIMIT = 2**53 - 1  # the largest whole number that every JSON reader keeps exact
COUNTED = 1000  # to-dos, at most: who has so many is told "more than 999"
SHOWS = ("all", "active", "completed")
ORDERS = ("position", "created_at", "updated_at", "title")  # what a program may order by
TRASH_AGE = timedelta(days=30)  # how long a deleted to-do can be brought back

TodoRow = Row[*tuple[Any, ...]]  # COLUMNS, by their names


def _as_created(row: Any) -> Any:
    """A moment that is the same as when it was made: two looks at the clock would differ."""
    return row.get_current_parameters()["created_at"]


class Todo(Base):
    """list_id: the list that it is on; none is the Inbox. notes: as they were typed.

    sequence: the number of its latest change in its account, given by triggers: no statement can forget it.
    """

    __tablename__ = "todo"
    __table_args__ = (CheckConstraint(f"length(title) BETWEEN 1 AND {TITLE_LIMIT}", name="todo_title_length"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    list_id: Mapped[UUID | None] = mapped_column(ForeignKey("list.id"))
    title: Mapped[str] = mapped_column(String(TITLE_LIMIT))
    notes: Mapped[str | None] = mapped_column(String(NOTES_LIMIT))
    position: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=_as_created)
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")


GIVEN = {"id", "account_id", "created_at", "updated_at", "version", "sequence"}  # the columns that we give
COLUMNS = tuple(each for each in Todo.__table__.c if each.name not in ("account_id", "sequence"))
# All others are written, undone, compared, exported and told to programs by code that goes through them.
EDITABLE = {each.name: each for each in COLUMNS if each.name not in GIVEN}

# What a request may read and write: every statement about to-dos has this condition.
owned = Todo.account_id == bindparam("owner_id")
is_there = Todo.deleted_at.is_(None)
conditions = {
    "all": is_there,
    "active": is_there & Todo.completed_at.is_(None),
    "completed": is_there & Todo.completed_at.is_not(None),
}


def _index(name: str, *columns: str, of: ColumnElement[bool] | None = None) -> None:
    """Give the table an index, of those to-dos alone that meet a condition."""
    Index(f"todo_{name}", *(Todo.__table__.c[each] for each in columns), **({} if of is None else only(of)))


_index("list", "account_id", "list_id", "position", "id", of=is_there)
# For each order in which a page is read, one of the active and one of the completed to-dos: no page reads a list.
for _state in ("active", "completed"):
    _index(f"{_state}_list", "account_id", "list_id", "position", "id", of=conditions[_state])
    for _name in ORDERS:
        _index(f"{_state}_{_name}", "account_id", _name, "id", of=conditions[_state])
_index("sequence", "account_id", "sequence")
_index("trash", "account_id", "deleted_at", "id", of=Todo.deleted_at.is_not(None))
_index("deleted", "deleted_at", of=Todo.deleted_at.is_not(None))
_index("of_list", "list_id", of=Todo.list_id.is_not(None))


def is_on(*, inbox: bool) -> ColumnElement[bool]:
    """The condition that a to-do is on the list `on_list`, or in the Inbox."""
    return Todo.list_id.is_(None) if inbox else Todo.list_id == bindparam("on_list", type_=Todo.id.type)


def in_order(*keys: ColumnElement[Any], backwards: bool = False) -> list[ColumnElement[Any]]:
    """By these, then by the id, so that the order is always the same one."""
    return [key.desc() if backwards else key for key in (*keys, Todo.__table__.c.id)]


# The list comes first though it is the same for all of them: so PostgreSQL, too, reads the Inbox by its index.
LIST_ORDER = (Todo.__table__.c.list_id, Todo.__table__.c.position)


# Statements are built once: building one costs more than running it.
_listed = {
    show: select(*COLUMNS)
    .where(owned, condition)
    .order_by(*in_order(*LIST_ORDER))
    .limit(bindparam("most", type_=Integer))
    for show, condition in conditions.items()
}
_found = select(*COLUMNS).where(owned, Todo.id == bindparam("id"))
# Whoever changes a to-do holds their account first, as the triggers do for its number: nobody waits in a circle.
_found_held = _found.join(Account).with_for_update(of=Account, key_share=True)


def _count(show: str, *, inbox: bool) -> Any:
    there = select(text("1")).select_from(Todo).where(owned, is_on(inbox=inbox), conditions[show])
    few = there.order_by(*in_order(*LIST_ORDER)).limit(COUNTED)  # by the index: else all lists may be read
    return select(func.count()).select_from(few.subquery()).scalar_subquery().label(show)


_counted = {inbox: select(_count("active", inbox=inbox), _count("completed", inbox=inbox)) for inbox in (True, False)}


class Counts(NamedTuple):
    """How many to-dos there are on a list; from COUNTED on, they are not counted."""

    active: int
    completed: int

    @property
    def all(self) -> int:
        return self.active + self.completed

    @property
    def is_active_capped(self) -> bool:
        return self.active >= COUNTED


def todos_of(account: AccountRow, show: str = "all", most: int = WHOLE) -> Sequence[TodoRow]:
    """The to-dos of all lists, one list after the other."""
    return connection().execute(_listed[show], {"owner_id": account.id, "most": most}).all()


def hold_list(account: AccountRow) -> None:
    """Let nobody else change the list until this is committed."""
    hold_account(account)


def count_todos(account: AccountRow, list_id: UUID | None = None) -> Counts:
    asked = {"owner_id": account.id, "on_list": list_id}
    return Counts(*connection().execute(_counted[list_id is None], asked).one())


def find_todo(account: AccountRow, id: UUID, *, deleted: bool = False) -> TodoRow:
    """The to-do of this account; raises Missing, also for one in the trash unless `deleted` asks for those too."""
    found = _found_held if is_writing() else _found
    todo = connection().execute(found, {"owner_id": account.id, "id": id}).one_or_none()
    if todo is None or (todo.deleted_at and (not deleted or todo.deleted_at < now() - TRASH_AGE)):
        raise Missing
    return todo


def is_shown(todo: TodoRow, show: str) -> bool:
    """Whether the to-do belongs to the list of `show`; says of one row what the conditions above say of many."""
    return not todo.deleted_at and (show == "all" or bool(todo.completed_at) == (show == "completed"))
