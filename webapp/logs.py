"""Logs: one JSON object a line, so that nothing that somebody sent can look like a line of its own."""

import json
import logging
from datetime import UTC, datetime


class JSONLines(logging.Formatter):
    """time (UTC, RFC 3339), level, logger, message, and the `facts` of an event; an exception with its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": moment, "level": record.levelname.lower(), "logger": record.name}
        line |= {"message": record.getMessage()} | getattr(record, "facts", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)  # in ASCII: Unicode has line breaks and control characters of its own


def write_logs() -> None:
    """Write what this process logs to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JSONLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
