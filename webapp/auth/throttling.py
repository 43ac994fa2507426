"""Passwords and codes: checked outside of the request's transaction, and each try is counted before it is made.

Tries are counted for the account and for the address they come from, but in a browser that has logged in to the account
before for that browser alone: its owner gets in while somebody else is guessing.
"""

import secrets
from collections.abc import Callable
from typing import TypeVar

from flask import Response
from itsdangerous import BadSignature

from webapp.crypto import digest, signer
from webapp.http.client import cookie, network
from webapp.http.events import log_event
from webapp.http.exchange import exchange
from webapp.http.transactions import database, transaction
from webapp.models.accounts.login import has_login
from webapp.models.accounts.throttle import count_try, forgive
from webapp.security.too_many_requests import TooSoon
from webapp.sessions.messages import set_cookie

Found = TypeVar("Found")
KNOWN = "-known"  # in the name of the cookie of a browser that has logged in


def outside_transaction(work: Callable[[], Found]) -> Found:
    """Do what takes long, while others may write. Nothing may have been written before by this request."""
    assert exchange().claim is None, "what was written would be lost"
    transaction().close()
    return work()


def check_throttled(user_name: str, check: Callable[[], Found], *, code: bool = False) -> Found:
    """Check a password or a code of whoever logs in by this (normal) name: `check` returns something false if wrong.

    The name is logged if it is one: what nobody logs in by may be a password, typed a field too early.
    code: counted apart from passwords, or who knows the password could guess codes for ever, forgiven each time.
    Raises TooSoon, without checking, after too many failures.
    """

    def counted() -> Found:
        known = _known_browser(user_name)
        name = known or digest("name", user_name)
        own = [digest("code", name.hex()) if code else name]
        tried = own if known else [*own, digest("address", network())]
        with database().transaction(write=True) as counting:
            wait, user = count_try(tried), user_name if has_login(user_name) else None
            if not wait:
                counting.commit()
        if wait:
            log_event("throttled", user=user, seconds=wait)
            raise TooSoon(wait)
        with database().transaction(write=False):
            found = check()
        if not found:
            log_event("code_refused" if code else "login_failed", user=user)
            return found
        with database().transaction(write=True) as counting:
            forgive(tried, own)
            counting.commit()
        return found

    return outside_transaction(counted)


def know_browser(user_name: str) -> None:
    """Let this browser be known as one that has logged in by this name."""
    exchange().known_browser = f"{digest('user', user_name).hex()}.{secrets.token_urlsafe(16)}"


def set_known_browser(response: Response) -> Response:
    if response.status_code < 400 and (known := exchange().known_browser):
        set_cookie(response, KNOWN, signer("browser").sign(known).decode())
    return response


def _known_browser(user_name: str) -> bytes | None:
    try:
        known = signer("browser").unsign(cookie(KNOWN)).decode()
    except (BadSignature, UnicodeDecodeError):
        return None
    return digest("browser", known) if known.startswith(f"{digest('user', user_name).hex()}.") else None
