"""JSON that several blueprints answer with: a to-do, and what went wrong."""

from collections.abc import Sequence
from datetime import datetime
from typing import NotRequired, TypedDict
from uuid import UUID

from webapp.http import program_url
from webapp.models.todos.todo import TodoRow


class TodoJSON(TypedDict):
    """`list` is null in the Inbox; `order` is the place in it, lowest first; `version` grows with each change."""

    id: UUID
    title: str
    notes: str | None
    list: UUID | None
    completed: bool
    order: int
    url: str
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    version: int


class ErrorJSON(TypedDict):
    """One bad value: in the body, by a JSON pointer, or in the query."""

    detail: str
    pointer: NotRequired[str]
    parameter: NotRequired[str]


class FailedJSON(TypedDict):
    """The first operation that could not be carried out, by its place in the batch, and its problem."""

    operation: int
    problem: "ProblemJSON"


class ProblemJSON(TypedDict):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[ErrorJSON]]
    failed: NotRequired[FailedJSON]
    request_id: NotRequired[str]


def todo_json(todo: TodoRow) -> TodoJSON:
    return todos_json([todo])[0]


def todos_json(todos: Sequence[TodoRow]) -> list[TodoJSON]:
    addresses = program_url("todos.index").rstrip("/")  # a url_for in each row would take half of the time
    return [
        {
            "id": todo.id,
            "title": todo.title,
            "notes": todo.notes,
            "list": todo.list_id,
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
