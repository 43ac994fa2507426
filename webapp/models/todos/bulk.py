"""Many to-dos at once: by as few statements as one, however many there are."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, literal, select, tuple_, update

from webapp.db import connection, now, wrote
from webapp.models.accounts.account import AccountRow
from webapp.models.todos.todo import (
    COLUMNS,
    POSITION_LIMIT,
    Edits,
    Todo,
    TodoRow,
    conditions,
    end_of,
    hold_list,
    insert_todo,
    todos_of,
)

BULK_LIMIT = 5000  # to-dos that one request writes: others wait for as long
AT_ONCE = 1000  # parameters of one statement; engines take some ten thousand


def add_todos(account: AccountRow, titles: Sequence[str]) -> Sequence[TodoRow]:
    """Add to-dos at the end of the list, in this order, by one statement however many there are."""
    end = end_of(account, 1)
    places = [min(end + number, POSITION_LIMIT) for number in range(len(titles))]
    values = [
        {"account_id": account.id, "title": title, "position": place}
        for title, place in zip(titles, places, strict=True)
    ]
    wrote(len(values))
    return sorted(connection().execute(insert_todo, values).all(), key=lambda todo: (todo.position, todo.id))


def complete_todos(account: AccountRow, *, completed: bool) -> Edits:
    """Complete or reopen all; returns what changed."""
    shown = "active" if completed else "completed"
    return write_all(account, shown, {"completed_at": now() if completed else None})


def find_todos(account: AccountRow, ids: Sequence[UUID]) -> list[TodoRow]:
    """Those of the to-dos that are there, in the trash or not; whoever is to write them has the list held."""
    found: list[TodoRow] = []
    for some in _batches(ids):
        mine = select(*COLUMNS).where(Todo.account_id == account.id, Todo.id.in_(some))
        found += connection().execute(mine).all()
    return found


def write_todos(todos: Sequence[TodoRow], changes: dict[str, Any]) -> Edits:
    """Write the same columns of to-dos that `find_todos` found."""
    changes |= {"updated_at": now(), "version": Todo.version + 1}
    written: dict[UUID, TodoRow] = {}
    for some in _batches([todo.id for todo in todos]):
        chosen = update(Todo).where(Todo.id.in_(some)).values(changes).returning(*COLUMNS)
        written |= {todo.id: todo for todo in connection().execute(chosen)}
    wrote(len(written))
    return [(todo, written[todo.id]) for todo in todos]


def bring_along(guest: AccountRow, account: AccountRow) -> Edits:
    """Give what is on a guest's list, and in the trash, to an account: after its own; returns what came to the list."""
    hold_list(account)
    hold_list(guest)  # whoever adds to it just now is waited for, and whoever comes later finds nobody
    came = [todo.id for todo in todos_of(guest)]
    shift = end_of(account, 1) - end_of(guest, -1) - 1
    all_of_it = update(Todo).where(Todo.account_id == guest.id)
    place = case((Todo.position < POSITION_LIMIT - shift, Todo.position + shift), else_=POSITION_LIMIT)
    moved = {"account_id": account.id, "position": place}
    # By way of the trash, so that undoing it leaves there what came.
    connection().execute(all_of_it.values(moved | {"deleted_at": func.coalesce(Todo.deleted_at, now())}))
    return write_todos(find_todos(account, came), {"deleted_at": None})


def write_all(account: AccountRow, show: str, changes: dict[str, Any]) -> Edits:
    """Write the same columns of the first BULK_LIMIT to-dos that are shown, by one statement."""
    hold_list(account)
    before = todos_of(account, show, BULK_LIMIT)
    if not before:
        return []
    changes |= {"updated_at": now(), "version": Todo.version + 1}
    last = tuple_(literal(before[-1].position), literal(before[-1].id, Todo.id.type))
    chosen = Todo.account_id == account.id, conditions[show], tuple_(Todo.position, Todo.id) <= last
    after = connection().execute(update(Todo).where(*chosen).values(changes).returning(*COLUMNS)).all()
    written = {todo.id: todo for todo in after}
    wrote(len(written))
    return [(todo, written[todo.id]) for todo in before if todo.id in written]


def _batches(ids: Sequence[UUID]) -> list[Sequence[UUID]]:
    return [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
