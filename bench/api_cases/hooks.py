"""What schemathesis cannot know: an Idempotency-Key belongs to one request, a cursor is what we gave,
and a text's longest is that of what is left when the spaces around it are taken off."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import schemathesis
from schemathesis import GenerationMode

from webapp.models.todos.todo import TITLE_LIMIT

SETTINGS = Path(__file__).with_name("settings.toml")
CURSORS = {"cursor", "since"}
KEY, LIMIT = "Idempotency-Key", 255


@schemathesis.hook
def before_call(_context: Any, case: Any, _sent: Any) -> None:
    key = (case.headers or {}).get(KEY)
    if isinstance(key, str) and 0 < len(key) <= LIMIT:  # whatever else stays as wrong as it was made
        case.headers[KEY] = f"{key}{uuid4().hex}"[-LIMIT:]
    if case.meta and case.meta.generation.mode is GenerationMode.POSITIVE:
        for cursor in CURSORS & {*(case.query or {})}:
            del case.query[cursor]


@schemathesis.hook
def filter_case(_context: Any, case: Any) -> bool:
    texts = [*_values(case.body), *_values(case.query)]
    return not any(isinstance(text, str) and len(text) > TITLE_LIMIT >= len(text.strip()) for text in texts)


def _values(part: Any) -> list[Any]:
    return list(part.values()) if isinstance(part, dict) else []
