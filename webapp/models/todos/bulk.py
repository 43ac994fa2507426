"""Many to-dos at once, by few statements however many they are."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select, update

from webapp.db import connection, now
from webapp.models.accounts.account import AccountRow
from webapp.models.todos.todo import COLUMNS, POSITION_LIMIT, Todo, TodoRow, hold_list, owned, todos_of
from webapp.models.todos.write import AT_ONCE, GAP, Edits, end_of, write_todos

BULK_LIMIT = 5000  # to-dos that one request writes: others wait for as long


def complete_todos(account: AccountRow, *, completed: bool) -> Edits:
    """Complete or reopen all."""
    shown = "active" if completed else "completed"
    return write_shown(account, shown, {"completed_at": now() if completed else None})


def write_shown(account: AccountRow, show: str, changes: dict[str, Any]) -> Edits:
    """Write the same columns of the first BULK_LIMIT to-dos that are shown."""
    hold_list(account)
    return write_todos(account, [(todo, changes) for todo in todos_of(account, show, BULK_LIMIT)])


def find_todos(account: AccountRow, ids: Sequence[UUID]) -> list[TodoRow]:
    """Those of the to-dos that are there, in the trash or not; whoever is to write them has the list held."""
    found: list[TodoRow] = []
    for start in range(0, len(ids), AT_ONCE):
        some = select(*COLUMNS).where(owned, Todo.id.in_(ids[start : start + AT_ONCE]))
        found += connection().execute(some, {"owner_id": account.id}).all()
    return found


def bring_along(guest: AccountRow, account: AccountRow) -> Edits:
    """Give what is on a guest's list, and in the trash, to an account: after its own; returns what came to the list."""
    hold_list(account)
    hold_list(guest)  # whoever adds to it just now is waited for, and whoever comes later finds nobody
    came = [todo.id for todo in todos_of(guest)]
    shift = end_of(account, None, 1) - end_of(guest, None, -1) - GAP
    place = case((Todo.position < POSITION_LIMIT - shift, Todo.position + shift), else_=POSITION_LIMIT)
    moved = {"account_id": account.id, "position": place}
    # By way of the trash, so that undoing it leaves there what came.
    trashed = moved | {"deleted_at": func.coalesce(Todo.deleted_at, now())}
    connection().execute(update(Todo).where(owned).values(trashed), {"owner_id": guest.id})
    return write_todos(account, [(todo, {"deleted_at": None}) for todo in find_todos(account, came)])
