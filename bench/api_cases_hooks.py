"""What schemathesis cannot know: an Idempotency-Key belongs to one request, and a cursor is what we gave."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import schemathesis
from schemathesis import GenerationMode

SETTINGS = Path(__file__).with_name("api_cases.toml")
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
