"""What schemathesis cannot know: an Idempotency-Key belongs to one request, so each made-up request gets its own."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import schemathesis

SETTINGS = Path(__file__).with_name("api_cases.toml")
KEY, LIMIT = "Idempotency-Key", 255


@schemathesis.hook
def before_call(_context: Any, case: Any, _sent: Any) -> None:
    key = (case.headers or {}).get(KEY)
    if isinstance(key, str) and 0 < len(key) <= LIMIT:  # whatever else stays as wrong as it was made
        case.headers[KEY] = f"{key}{uuid4().hex}"[-LIMIT:]
