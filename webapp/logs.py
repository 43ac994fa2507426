"""Logs: one JSON object a line, so that nothing that somebody sent can look like a line of its own; and no secrets."""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)  # of the request that is under way


def _anyhow(text: str) -> str:
    """A pattern for a text in an address, whose letters may be percent-encoded."""
    return "".join(f"(?:{re.escape(letter)}|%{ord(letter):02x})" for letter in text)


# What stands in an address and opens a list or an account: by its place, in whatever case, and by its look anywhere.
PLACES = "|".join(_anyhow(place) for place in ("/compat/todo-backend/", "/reset/", "invite="))
PLACE = re.compile(rf"({PLACES})(?:(?!%2f)[^/\s\"\\&?])+", re.IGNORECASE)
TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])[\w-]{43,}")


class MaskedRecord(logging.LogRecord):
    """A line of any log, without secrets: whoever writes it, and however it is formatted."""

    def getMessage(self) -> str:  # noqa: N802 - logging's own name
        return masked(super().getMessage())


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
        # Masked before it is JSON: its escapes may end where a secret begins.
        line = {name: masked(value) if isinstance(value, str) else value for name, value in line.items()}
        # In ASCII: Unicode has line breaks and control characters of its own.
        return json.dumps(line, default=str)


def masked(text: str) -> str:
    """Text without the secrets of addresses in it."""
    return TOKEN.sub("…", PLACE.sub(r"\1…", text))


def mask_logs() -> None:
    """Keep the secrets of addresses out of every log of this process, also of the server's own."""
    logging.setLogRecordFactory(MaskedRecord)


def write_logs() -> None:
    """Write what this process logs to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JSONLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
