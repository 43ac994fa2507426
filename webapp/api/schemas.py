"""What programs meet at every address: the index, and an answer that says what went wrong (RFC 9457)."""

from typing import NotRequired, TypedDict

from webapp.schemas import FailedJSON


class IndexJSON(TypedDict):
    """Where a program begins."""

    todos: str
    changes: str
    batch: str
    trash: str
    openapi: str
    documentation: str


class ErrorJSON(TypedDict):
    """One bad value: in the body, by a JSON pointer, or in the query."""

    detail: str
    pointer: NotRequired[str]
    parameter: NotRequired[str]


class ProblemJSON(TypedDict):
    """What went wrong."""

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[ErrorJSON]]
    failed: NotRequired[FailedJSON]
    request_id: NotRequired[str]
