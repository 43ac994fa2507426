"""A deleted to-do as programs see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from webapp.models.todos.todo import TRASH_AGE, TodoRow


class TrashedJSON(TypedDict):
    """After `kept_until` it is gone for good."""

    id: UUID
    title: str
    version: int
    deleted_at: datetime
    kept_until: datetime


def trash_json(todos: Sequence[TodoRow]) -> list[TrashedJSON]:
    return [
        {
            "id": todo.id,
            "title": todo.title,
            "version": todo.version,
            "deleted_at": todo.deleted_at,
            "kept_until": todo.deleted_at + TRASH_AGE,
        }
        for todo in todos
    ]
