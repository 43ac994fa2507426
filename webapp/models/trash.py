"""The trash: deleted to-dos, which can be brought back for a while."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, bindparam, delete, select, tuple_

from webapp.db import connection, now
from webapp.models.account import AccountRow
from webapp.models.bulk import write_all
from webapp.models.listing import Key, cut, place
from webapp.models.todo import COLUMNS, TRASH_AGE, Changes, Todo, TodoRow, hold_list, write_todo

_trashed = (
    select(*COLUMNS)
    .where(Todo.account_id == bindparam("account_id"), Todo.deleted_at > bindparam("since"))
    .order_by(Todo.deleted_at.desc(), Todo.id.desc())
)
_page = _trashed.limit(bindparam("most", type_=Integer))
_last = tuple_(bindparam("key", type_=Todo.deleted_at.type), bindparam("id", type_=Todo.id.type))
_next_page = _page.where(tuple_(Todo.deleted_at, Todo.id) < _last)


def trash_of(account: AccountRow) -> Sequence[TodoRow]:
    """What can be brought back, the latest first."""
    return connection().execute(_trashed, {"account_id": account.id, "since": now() - TRASH_AGE}).all()


def trash_page_of(account: AccountRow, limit: int, after: Key | None) -> tuple[Sequence[TodoRow], Key | None]:
    """At most `limit` of them that stand after a key; and the key of the last one, if more follow it."""
    asked = {"account_id": account.id, "since": now() - TRASH_AGE, "most": limit + 1}
    if after:
        asked |= place(after, is_moment=True)
    return cut(connection().execute(_next_page if after else _page, asked).all(), limit, "deleted_at")


def delete_todo(todo: TodoRow) -> TodoRow:
    """Put the to-do into the trash, whence `restore_todo` brings it back to its place."""
    return write_todo(todo, {} if todo.deleted_at else {"deleted_at": now()})


def clear_completed(account: AccountRow) -> Changes:
    """Put all completed ones into the trash; returns what changed."""
    return write_all(account, "completed", {"deleted_at": now()})


def clear_all(account: AccountRow) -> Changes:
    """Put all of them into the trash; returns what changed."""
    return write_all(account, "all", {"deleted_at": now()})


def restore_todo(todo: TodoRow) -> TodoRow:
    return write_todo(todo, {"deleted_at": None} if todo.deleted_at else {})


def destroy_todo(account: AccountRow, todo: TodoRow) -> None:
    """Delete a to-do of the trash for good."""
    mine = Todo.account_id == account.id, Todo.id == todo.id, Todo.deleted_at.is_not(None)
    connection().execute(delete(Todo).where(*mine))


def empty_trash(account: AccountRow, until: datetime) -> int:
    """Delete for good all that came into the trash until then; returns how many to-dos."""
    hold_list(account)
    mine = Todo.account_id == account.id, Todo.deleted_at <= until
    return len(connection().execute(delete(Todo).where(*mine).returning(Todo.id)).all())


def prune_trash() -> int:
    """Delete for good what nobody has brought back in time; returns how many to-dos."""
    old = delete(Todo).where(Todo.deleted_at <= now() - TRASH_AGE).returning(Todo.id)
    return len(connection().execute(old).all())
