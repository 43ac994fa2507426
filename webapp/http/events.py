"""What is logged of a request, without secrets: its id on each line, and the events that bear on security."""

import logging
import re
from typing import Any

from flask import request
from uuid6 import uuid7

from webapp.http.exchange import client, exchange
from webapp.logs import masked, request_id

log = logging.getLogger("recado.security")
REQUEST_ID = "X-Request-Id"
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


def name_request() -> None:
    """Give the request the id that its sender chose, else a new one, by which it is found in the logs."""
    given = request.headers.get(REQUEST_ID, "")
    request_id.set(given if GIVEN_ID.fullmatch(given) else str(uuid7()))


def log_event(event: str, **facts: Any) -> None:
    """Log what was refused, at once: it stays refused whatever becomes of the request."""
    log.warning(event, extra={"facts": _where() | facts})


def log_event_after_commit(event: str, **facts: Any) -> None:
    """Log what was done, once it is committed."""
    exchange().events.append((event, _where() | facts))


def log_done() -> None:
    """Log what the request has done, after its commit."""
    for event, facts in exchange().events:
        log.info(event, extra={"facts": facts})
    exchange().events.clear()


def _where() -> dict[str, Any]:
    account = exchange().account
    return {
        "address": request.remote_addr,
        "method": request.method,
        "path": masked(request.path),
        "client": client().value,
        "account": str(account.id) if account else None,
    }
