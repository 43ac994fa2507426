"""The order of a list: moving a to-do to a place of its own."""

from collections.abc import Sequence
from uuid import UUID

from webapp.models.account import AccountRow
from webapp.models.todo import Changes, TodoRow, change_todo, end_of, todos_of

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
    if to in ("top", "bottom"):
        return [(todo, change_todo(todo, position=end_of(account, -1 if to == "top" else 1)))]
    order.remove(todo.id)
    order.insert(order.index(shown[past]) + (to == "down"), todo.id)
    return _reorder(listed, order)


def _reorder(listed: Sequence[TodoRow], order: Sequence[UUID]) -> Changes:
    """Give out the positions in use anew, in this order; equal ones (a program may set them) are moved apart."""
    todos = {todo.id: todo for todo in listed}
    position = min(todo.position for todo in listed) - 1
    changes = []
    for id, old in zip(order, listed, strict=True):
        position = max(old.position, position + 1)
        if todos[id].position != position:
            changes.append((todos[id], change_todo(todos[id], position=position)))
    return changes
