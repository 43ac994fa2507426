"""The order of a list: moving a to-do to a place of its own."""

from collections.abc import Sequence

from webapp.models.account import AccountRow
from webapp.models.todo import POSITION_LIMIT, Changes, TodoRow, change_todo, end_of, todos_of

MOVES = ("up", "down", "top", "bottom")


def move_todo(account: AccountRow, todo: TodoRow, to: str, show: str = "all", position: int | None = None) -> Changes:
    """Move to the top or the bottom, or past its neighbour among those shown, up or down; returns what changed.

    position: whence; a to-do that stands elsewhere by now was moved already, and stays.
    """
    listed = todos_of(account)
    order = [other.id for other in listed]
    shown = [other.id for other in (listed if show == "all" else todos_of(account, show))]
    if todo.id not in shown or position not in (None, todo.position):
        return []
    here = shown.index(todo.id)
    past = {"up": here - 1, "down": here + 1, "top": 0, "bottom": len(shown) - 1}[to]
    if past == here or not 0 <= past < len(shown):
        return []
    if to in ("top", "bottom") and abs(end := end_of(account, -1 if to == "top" else 1)) < POSITION_LIMIT:
        return [(todo, change_todo(todo, position=end))]
    order.remove(todo.id)
    order.insert(order.index(shown[past]) + (to in ("down", "bottom")), todo.id)
    places = dict(zip(order, _places(listed), strict=True))
    shift = int(places[todo.id] == todo.position)  # it has moved, so it must not seem to stand where it stood
    moved = [other for other in listed if places[other.id] + shift != other.position]
    return [(other, change_todo(other, position=places[other.id] + shift)) for other in moved]


def _places(listed: Sequence[TodoRow]) -> list[int]:
    """The positions that are in use, in their order; equal ones (a program may set them) are moved apart.

    Where that would lead beyond the last position there is, all are numbered anew.
    """
    places = [listed[0].position]
    for todo in listed[1:]:
        places.append(max(todo.position, places[-1] + 1))
    return places if places[-1] < POSITION_LIMIT else list(range(1, len(listed) + 1))
