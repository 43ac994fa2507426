"""What programs see in more than one room: a to-do, and which operation of a batch failed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from webapp.models.todo import TodoRow
from webapp.requests import program_url


class TodoJSON(TypedDict):
    """`order` is the place in the list, lowest first; `version` grows with each change."""

    id: UUID
    title: str
    completed: bool
    order: int
    url: str
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    version: int


class FailedJSON(TypedDict):
    """The first operation that could not be carried out, by its place in the batch, and its problem."""

    operation: int
    problem: Any


def todo_json(todo: TodoRow) -> TodoJSON:
    return todos_json([todo])[0]


def todos_json(todos: Sequence[TodoRow]) -> list[TodoJSON]:
    addresses = program_url("todos.index").rstrip("/")  # a url_for in each row would take half of the time
    return [
        {
            "id": todo.id,
            "title": todo.title,
            "completed": todo.completed_at is not None,
            "order": todo.position,
            "url": f"{addresses}/{todo.id}",
            "created_at": todo.created_at,
            "updated_at": todo.updated_at,
            "completed_at": todo.completed_at,
            "version": todo.version,
        }
        for todo in todos
    ]
