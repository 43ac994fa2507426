"""The API's index."""

from typing import TypedDict


class IndexJSON(TypedDict):
    """Where a program begins."""

    todos: str
    changes: str
    batch: str
    trash: str
    openapi: str
    documentation: str
