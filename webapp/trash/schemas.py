"""A deleted to-do as programs see it."""

from collections.abc import Sequence
from typing import TypedDict

from webapp.models.todo import TRASH_AGE, TodoRow


class TrashedJSON(TypedDict):
    """Times are RFC 3339 in UTC; after `kept_until` it is gone for good."""

    id: str
    title: str
    deleted_at: str
    kept_until: str


def trash_json(todos: Sequence[TodoRow]) -> list[TrashedJSON]:
    return [_trashed(todo) for todo in todos]


def _trashed(todo: TodoRow) -> TrashedJSON:
    times = [moment.isoformat(timespec="microseconds") for moment in (todo.deleted_at, todo.deleted_at + TRASH_AGE)]
    deleted_at, kept_until = (time.replace("+00:00", "Z") for time in times)
    return {"id": str(todo.id), "title": todo.title, "deleted_at": deleted_at, "kept_until": kept_until}
