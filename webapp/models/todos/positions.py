"""The order of a list: moving a to-do to a place of its own, by a few rows however long the list is."""

from sqlalchemy import bindparam, func, select, tuple_, update

from webapp.db import connection, now, wrote
from webapp.models.accounts.account import AccountRow
from webapp.models.todos.todo import (
    COLUMNS,
    POSITION_LIMIT,
    Edits,
    Todo,
    TodoRow,
    change_todo,
    conditions,
    end_of,
    find_todo,
    is_shown,
)

MOVES = ("up", "down", "top", "bottom")
GAP = 2**16  # between the positions of neighbours that were moved apart

_mine = Todo.account_id == bindparam("owner_id")  # in an UPDATE, names of columns are taken
_place = tuple_(Todo.position, Todo.id)
_here = tuple_(bindparam("position"), bindparam("id", type_=Todo.id.type))
_neighbours = {
    (show, step): select(*COLUMNS)
    .where(_mine, condition, _place < _here if step < 0 else _place > _here)
    .order_by(*((Todo.position.desc(), Todo.id.desc()) if step < 0 else (Todo.position, Todo.id)))
    .limit(1)
    for show, condition in conditions.items()
    for step in (-1, 1)
}
_numbered = (
    select(Todo.id, (func.row_number().over(order_by=(Todo.position, Todo.id)) * GAP).label("place"))
    .where(_mine, conditions["all"])
    .subquery()
)


def move_todo(account: AccountRow, todo: TodoRow, to: str, show: str = "all", position: int | None = None) -> Edits:
    """Move to the top or the bottom, or past its neighbour among those shown, up or down; returns what changed.

    position: whence; a to-do that stands elsewhere by now was moved already, and stays.
    """
    step = -1 if to in ("up", "top") else 1
    past = _neighbour(account, todo, step, show)
    if position not in (None, todo.position) or not is_shown(todo, show) or past is None:
        return []
    if to in ("top", "bottom"):
        end = end_of(account, step)
        if abs(end) < POSITION_LIMIT:
            return [(todo, change_todo(todo, position=end))]
    else:
        beyond = _neighbour(account, past, step)
        end = beyond.position if beyond else past.position + 2 * step
        if abs(end - past.position) > 1 and abs(end) <= POSITION_LIMIT:
            return [(todo, change_todo(todo, position=(past.position + end) // 2))]
        direct = _neighbour(account, todo, step)
        if direct and direct.id == past.id and past.position != todo.position:
            changed = change_todo(past, position=todo.position), change_todo(todo, position=past.position)
            return [(past, changed[0]), (todo, changed[1])]
    _move_apart(account)
    return move_todo(account, find_todo(account, todo.id), to, show)


def _neighbour(account: AccountRow, todo: TodoRow, step: int, show: str = "all") -> TodoRow | None:
    here = {"owner_id": account.id, "position": todo.position, "id": todo.id}
    return connection().execute(_neighbours[show, step], here).one_or_none()


def _move_apart(account: AccountRow) -> None:
    """Leave gaps between all positions, by one statement: the order stays, and the next moves write one row each."""
    apart = {"position": _numbered.c.place, "version": Todo.version + 1, "updated_at": now()}
    moved = update(Todo).where(_mine, Todo.id == _numbered.c.id).values(apart)
    wrote(connection().execute(moved, {"owner_id": account.id}).rowcount)
