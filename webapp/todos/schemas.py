"""A to-do as programs see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from flask import url_for

from webapp.hybrid import public_origin
from webapp.models.todo import TodoRow


class TodoJSON(TypedDict):
    """Times are RFC 3339 in UTC; `order` is the place in the list, lowest first; `version` grows with each change."""

    id: str
    title: str
    completed: bool
    order: int
    url: str
    created_at: str
    updated_at: str
    completed_at: str | None
    version: int


def todo_json(todo: TodoRow) -> TodoJSON:
    return todos_json([todo])[0]


def todos_json(todos: Sequence[TodoRow]) -> list[TodoJSON]:
    addresses = public_origin() + url_for("api.todos.index")  # a url_for in each row would take half of the time
    return [_todo_json(todo, f"{addresses}/{todo.id}") for todo in todos]


def _todo_json(todo: TodoRow, url: str) -> TodoJSON:
    return {
        "id": str(todo.id),
        "title": todo.title,
        "completed": todo.completed_at is not None,
        "order": todo.position,
        "url": url,
        "created_at": _time(todo.created_at),
        "updated_at": _time(todo.updated_at),
        "completed_at": _time(todo.completed_at) if todo.completed_at else None,
        "version": todo.version,
    }


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
