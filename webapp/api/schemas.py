"""What programs meet at every address: the index, and an answer that says what went wrong (RFC 9457)."""

from typing import NotRequired, TypedDict


class IndexJSON(TypedDict):
    """Where a program begins."""

    todos: str
    openapi: str


class ErrorJSON(TypedDict):
    """One bad value, and a JSON pointer to it."""

    detail: str
    pointer: str


class ProblemJSON(TypedDict):
    """What went wrong."""

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[ErrorJSON]]
