"""The order of a list: moving a to-do writes one row, however long the list is."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Select, bindparam, case, select, tuple_, update

from webapp.db import connection, now, wrote
from webapp.models.accounts.account import AccountRow
from webapp.models.todos.todo import (
    COLUMNS,
    LIST_ORDER,
    POSITION_LIMIT,
    Todo,
    TodoRow,
    conditions,
    find_todo,
    in_order,
    is_on,
    is_shown,
    owned,
)
from webapp.models.todos.write import GAP, Edits, write_todos

MOVES = ("up", "down", "top", "bottom")
NEIGHBOURHOODS = (50, 500, 2500)  # to-dos on each side that are moved apart: more where so many share one position
BEYOND, NO_ID = 2**62, UUID(int=0)  # a place after all others; its negative, one before them

_place = tuple_(Todo.position, Todo.id)
_here = tuple_(bindparam("position", type_=BigInteger), bindparam("id", type_=Todo.id.type))


class Crowded(Exception):
    """Thousands of to-dos share one position, as only programs can give it: there is none between them."""


def _nearest(show: str, step: int, *, inbox: bool) -> Select[Any]:
    return (
        select(*COLUMNS)
        .where(owned, is_on(inbox=inbox), conditions[show], _place < _here if step < 0 else _place > _here)
        .order_by(*in_order(*LIST_ORDER, backwards=step < 0))
        .limit(bindparam("most", type_=Integer))
    )


_neighbours = {
    (show, step, inbox): _nearest(show, step, inbox=inbox)
    for show in conditions
    for step in (-1, 1)
    for inbox in (True, False)
}


def move_todo(account: AccountRow, todo: TodoRow, to: str, show: str = "all", position: int | None = None) -> Edits:
    """Move to the top or the bottom of its list, or past its neighbour among those shown, up or down.

    position: whence; a to-do that stands elsewhere by now was moved already, and stays.
    """
    step = -1 if to in ("up", "top") else 1
    past = _neighbour(account, todo, step, show)
    if position not in (None, todo.position) or not is_shown(todo, show) or past is None:
        return Edits()
    if to in ("top", "bottom"):
        past = _near(account, todo.list_id, -step, (BEYOND * step, NO_ID), 1)[0]
    free = _between(past, _neighbour(account, past, step), step)
    for size in NEIGHBOURHOODS:
        if free is None:
            past = _move_apart(account, past, size)
            free = _between(past, _neighbour(account, past, step), step)
            todo = find_todo(account, todo.id)  # it may be among those that were moved
    if free is None:
        raise Crowded
    return write_todos(account, [(todo, {"position": free})])


def _neighbour(account: AccountRow, todo: TodoRow, step: int, show: str = "all") -> TodoRow | None:
    return next(iter(_near(account, todo.list_id, step, (todo.position, todo.id), 1, show)), None)


def _near(
    account: AccountRow, list_id: UUID | None, step: int, here: tuple[int, UUID], most: int, show: str = "all"
) -> Sequence[TodoRow]:
    """The first to-dos of a list that stand before (step -1) or after a place."""
    asked = {"owner_id": account.id, "on_list": list_id, "position": here[0], "id": here[1], "most": most}
    return connection().execute(_neighbours[show, step, list_id is None], asked).all()


def _between(past: TodoRow, beyond: TodoRow | None, step: int) -> int | None:
    """A position between two neighbours, or beyond the last of them; None if there is none."""
    end = beyond.position if beyond else past.position + 2 * step * GAP
    if abs(end - past.position) > 1 and abs(end) <= POSITION_LIMIT:
        return int(past.position + end) // 2
    return None


def _move_apart(account: AccountRow, todo: TodoRow, size: int) -> TodoRow:
    """Leave gaps between the positions of a to-do and its neighbours, by one statement; their order stays."""
    here = todo.position, todo.id
    before, after = (_near(account, todo.list_id, step, here, size + 1) for step in (-1, 1))
    near = [*reversed(before[:size]), todo, *after[:size]]
    room = GAP * (len(near) + 1)
    if len(before) > size:  # what stays, on either side
        first = before[size].position
        last = after[size].position if len(after) > size else min(POSITION_LIMIT, first + room)
    else:
        last = after[size].position if len(after) > size else room // 2
        first = max(-POSITION_LIMIT, last - room)
    gap = (last - first) // (len(near) + 1)
    if gap > 1:
        places = {each.id: first + gap * number for number, each in enumerate(near, 1)}
        apart: dict[str, Any] = {"position": case(places, value=Todo.id), "version": Todo.version + 1}
        moved = update(Todo).where(owned, Todo.id.in_(list(places))).values(apart | {"updated_at": now()})
        connection().execute(moved, {"owner_id": account.id})
        wrote(len(places))
    return find_todo(account, todo.id)
