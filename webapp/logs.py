"""Logs: one JSON object a line, so that nothing that somebody sent can look like a line of its own; and no secrets."""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)  # of the request that is under way
# What stands in an address and opens a list or an account: by its place, in whatever case, and by its look anywhere.
PLACE = re.compile(r"(/compat/todo-backend/|/reset/|invite=)[^/\s\"\\&]+", re.IGNORECASE)
TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])[\w-]{43,}")


class JSONLines(logging.Formatter):
    """time (UTC, RFC 3339), level, logger, the request's id, message, the `facts` of an event, an exception."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": moment, "level": record.levelname.lower(), "logger": record.name}
        if id := request_id.get():
            line["request"] = id
        line |= {"message": record.getMessage()} | getattr(record, "facts", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        # In ASCII: Unicode has line breaks and control characters of its own.
        return masked(json.dumps(line, default=str))


def masked(text: str) -> str:
    """Text without the secrets of addresses in it."""
    return TOKEN.sub("…", PLACE.sub(r"\1…", text))


def write_logs() -> None:
    """Write what this process logs to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JSONLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
