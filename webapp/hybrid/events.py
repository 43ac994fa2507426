"""Events that bear on security, for whoever runs Recado: one JSON object a line, without secrets."""

import logging
from typing import Any

from flask import g, request

from webapp.hybrid.negotiation import client

log = logging.getLogger("recado.security")


def note(event: str, **facts: Any) -> None:
    """Log what was refused, at once: it stays refused whatever becomes of the request."""
    log.warning(event, extra={"facts": _where() | facts})


def note_done(event: str, **facts: Any) -> None:
    """Log what was done, once it is committed."""
    g.setdefault("events", []).append((event, _where() | facts))


def log_done() -> None:
    """Log what the request has done, after its commit."""
    for event, facts in g.pop("events", []):
        log.info(event, extra={"facts": facts})


def _where() -> dict[str, Any]:
    account = g.get("account")
    return {
        "address": request.remote_addr,
        "method": request.method,
        "path": request.path.replace((request.view_args or {}).get("token") or "\0", "…"),  # a link's is a secret
        "client": client().value,
        "account": str(account.id) if account else None,
    }
