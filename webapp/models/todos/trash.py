"""The trash: deleted to-dos, which can be brought back for a while."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, bindparam, delete, func, select, text, tuple_

from webapp.db import connection, now, wrote
from webapp.models.accounts.account import AccountRow
from webapp.models.pruning import delete_some
from webapp.models.todos.bulk import BULK_LIMIT, write_shown
from webapp.models.todos.filters import Key, cut, place
from webapp.models.todos.todo import COLUMNS, COUNTED, TRASH_AGE, Todo, TodoRow, hold_list, owned
from webapp.models.todos.write import Edits, write_todos

_in_trash = owned, Todo.deleted_at > bindparam("since")
_latest_first = Todo.deleted_at.desc(), Todo.id.desc()
_page = select(*COLUMNS).where(*_in_trash).order_by(*_latest_first).limit(bindparam("most", type_=Integer))
_some = select(text("1")).select_from(Todo).where(*_in_trash).order_by(*_latest_first).limit(COUNTED).subquery()
_counted = select(func.count()).select_from(_some)
_last = tuple_(bindparam("key", type_=Todo.deleted_at.type), bindparam("id", type_=Todo.id.type))
_next_page = _page.where(tuple_(Todo.deleted_at, Todo.id) < _last)


def count_trash(account: AccountRow) -> int:
    """How many to-dos can be brought back; from COUNTED on, they are not counted."""
    return connection().execute(_counted, {"owner_id": account.id, "since": now() - TRASH_AGE}).scalar_one()


def trash_page_of(account: AccountRow, limit: int, after: Key | None) -> tuple[Sequence[TodoRow], Key | None]:
    """At most `limit` of them that stand after a key; and the key of the last one, if more follow it."""
    asked = {"owner_id": account.id, "since": now() - TRASH_AGE, "most": limit + 1}
    if after:
        asked |= place(after, is_moment=True)
    return cut(connection().execute(_next_page if after else _page, asked).all(), limit, "deleted_at")


def delete_todo(account: AccountRow, todo: TodoRow) -> Edits:
    """Put the to-do into the trash, whence `restore_todo` brings it back to its place."""
    return write_todos(account, [(todo, {"deleted_at": now()})])


def restore_todo(account: AccountRow, todo: TodoRow) -> Edits:
    return write_todos(account, [(todo, {"deleted_at": None})])


def clear_completed(account: AccountRow) -> Edits:
    """Put all completed ones into the trash."""
    return write_shown(account, "completed", {"deleted_at": now()})


def clear_all(account: AccountRow) -> Edits:
    """Put all of them into the trash."""
    return write_shown(account, "all", {"deleted_at": now()})


def destroy_todo(account: AccountRow, todo: TodoRow) -> None:
    """Delete a to-do of the trash for good."""
    mine = owned, Todo.id == todo.id, Todo.deleted_at.is_not(None)
    connection().execute(delete(Todo).where(*mine), {"owner_id": account.id})


def empty_trash(account: AccountRow, until: datetime) -> int:
    """Delete for good what came into the trash until then, the first BULK_LIMIT; returns how many to-dos."""
    hold_list(account)
    first = select(Todo.id).where(owned, Todo.deleted_at <= until).order_by(Todo.deleted_at).limit(BULK_LIMIT)
    deleted = connection().execute(delete(Todo).where(owned, Todo.id.in_(first)), {"owner_id": account.id}).rowcount
    wrote(deleted)
    return deleted


def prune_trash() -> int:
    """Delete for good some of what nobody has brought back in time; returns how many to-dos."""
    return delete_some(Todo, Todo.deleted_at <= now() - TRASH_AGE)
