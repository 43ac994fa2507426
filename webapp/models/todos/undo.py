"""Undo: a change is taken back, as far as nobody has changed the same things since."""

import json
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select, update

from webapp.db import Missing, connection, now
from webapp.models.accounts.account import AccountRow
from webapp.models.todos.bulk import find_todos
from webapp.models.todos.todo import hold_list
from webapp.models.todos.undo_entry import UNDO_AGE, UndoEntry, undoing
from webapp.models.todos.write import Edits, write_todos

_found = select(UndoEntry).where(
    UndoEntry.account_id == bindparam("account_id"),
    UndoEntry.id == bindparam("id"),
    UndoEntry.created_at > bindparam("since"),
)


class Undone(NamedTuple):
    """What undoing changed, whether that can be undone in turn, and whether it had been done before."""

    edits: Edits
    again: bool
    before: bool


def undo_change(account: AccountRow, id: UUID) -> Undone:
    """Take a change back, as far as nobody has changed the same things since; a second time changes nothing.

    Raises Missing for a change that is unknown or too old.
    """
    asked = {"account_id": account.id, "id": id, "since": now() - UNDO_AGE}
    hold_list(account)  # before the entry: whoever changes to-dos first, and then undoes, waits the other way round
    entry = connection().execute(_found, asked).one_or_none()
    if entry is None:
        raise Missing
    if entry.undone_at:
        return Undone(Edits(), again=False, before=True)
    columns = json.loads(entry.columns)
    todos = sorted(find_todos(account, [UUID(id) for id in columns]), key=lambda todo: (todo.position, todo.id))
    undone = write_todos(account, [(todo, undoing(todo, columns[str(todo.id)])) for todo in todos], undoes=id)
    connection().execute(update(UndoEntry).where(UndoEntry.id == id).values(undone_at=now()))
    return Undone(undone, again=entry.undoes is None, before=False)
