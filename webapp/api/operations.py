"""The words in which the contract (webapp/contract/) says what no code says of a route."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.api.json_schema import Json, Text
from webapp.forms import Form, Query


@dataclass(frozen=True)
class Operation:
    """What no code says of a route: its purpose, the form it reads, the shape it answers, what it may refuse.

    name: by which generated clients call it. errors: beside those that every such request can meet. query: the form
    that reads it, or the schema of each parameter; `needs` names those that must be there. sends, example: a body, and
    the answer to it. undo: whether it can be undone. public: whether it needs no token.
    """

    name: str
    group: Text
    summary: Text
    answers: Any = None
    form: type[Form] | None = None
    status: int = 200
    errors: tuple[int, ...] = ()
    query: type[Query] | Mapping[str, Json] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    sends: Json | None = None
    example: Any = None
    undo: bool = False
    public: bool = False


@dataclass(frozen=True)
class Contract:
    """All operations by method and path ("GET /todos"), those routes that only HTML needs; a word on each name, and an
    example of each shape."""

    operations: Mapping[str, Operation]
    unlisted: frozenset[str]
    words: Mapping[str, Text]
    examples: Mapping[str, Json]
