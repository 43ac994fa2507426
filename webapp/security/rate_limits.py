"""How often somebody may come: counted before anything is done, for each token and for each address without one.

Counting is that of `limits`, on which Flask-Limiter is built: in this process's memory, or in Redis for several.
"""

import logging
import time
from collections.abc import Callable
from math import ceil
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, request
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from webapp.config import MEMORY, OFF
from webapp.http.client import is_unsafe, network
from webapp.http.exchange import client, exchange
from webapp.http.transactions import database
from webapp.i18n import lazy_gettext
from webapp.models.accounts.token import hash_of
from webapp.security.memory_storage import Memory
from webapp.security.too_many_requests import TooSoon
from webapp.sessions.identity import account_or_none, shown_token
from webapp.sessions.session import current_session

# Sent from one address, mistakes included: a class, but no flood.
FORMS = {"accounts.register": parse("30/hour"), "welcome.name": parse("60/hour")}
STRANGERS = parse("120/minute")  # forms from one address by nobody who is known
ROWS = 50  # that a request writes at no more than its own cost
STORAGE_WAIT = 0.2  # seconds for Redis to answer
STORAGE_PAUSE = 10  # seconds in which a storage that failed is not asked again
COUNTED = "recado.counted"  # in the request's environ: one that runs again is counted once


class Count(NamedTuple):
    """What a request was counted by, and how much of that is left until it begins anew after so many seconds."""

    policy: str
    key: str
    limit: RateLimitItem
    left: int
    seconds: int


class TooMany(TooSoon):
    """There were too many requests."""

    said = lazy_gettext("There were too many requests. %(wait)s")


class Limits:
    """The counters of one app. A storage that does not answer keeps nobody out: its counts go on in memory."""

    def __init__(self, rate: str, storage: str) -> None:
        self.rate = parse(rate)
        self._memory = self._shared = FixedWindowRateLimiter(Memory())
        if storage != MEMORY:
            shared = storage_from_string(storage, wrap_exceptions=True, socket_timeout=STORAGE_WAIT)
            self._shared = FixedWindowRateLimiter(shared)
        self._memory_until = 0.0

    def is_spent(self, policy: str, key: str, rate: RateLimitItem | None = None) -> bool:
        return not self._ask(lambda counter: counter.test(rate or self.rate, policy, key))

    def charge(self, count: "Count", cost: int) -> None:
        """Count what was counted already as so much more."""
        self._ask(lambda counter: counter.hit(count.limit, count.policy, count.key, cost=cost))

    def count(self, limit: RateLimitItem, policy: str, key: str) -> None:
        """Count this request; raises TooMany if it is one too many."""
        allowed, window = self._ask(
            lambda counter: (counter.hit(limit, policy, key), counter.get_window_stats(limit, policy, key))
        )
        counted = Count(policy, key, limit, window.remaining, _seconds(window.reset_time, limit))
        request.environ[COUNTED] = counted
        if not allowed:
            raise TooMany(counted.seconds)

    def _ask(self, question: Callable[[FixedWindowRateLimiter], Any]) -> Any:
        if time.monotonic() >= self._memory_until:
            try:
                return question(self._shared)
            except StorageError as error:
                self._memory_until = time.monotonic() + STORAGE_PAUSE
                logging.getLogger(__name__).warning("The counts of requests cannot be reached.", exc_info=error)
        return question(self._memory)


def _seconds(end: float, limit: RateLimitItem) -> int:
    """Until a window ends; never longer than a window, though a clock may have jumped."""
    return min(max(1, ceil(end - time.time())), limit.get_expiry())


def init_app(app: Flask) -> None:
    rate = app.config["RATE_LIMIT"]
    app.extensions["recado_limits"] = None if rate == OFF else Limits(rate, app.config["RATE_LIMIT_STORAGE"])


def count_request() -> None:
    """Count what a program asks for and every form: for each token or session, or by the address of a stranger."""
    limits: Limits | None = current_app.extensions["recado_limits"]
    if limits is None or COUNTED in request.environ:
        return
    if client().is_program:
        _count(limits, "token", shown_token(), "address", limits.rate)
    elif is_unsafe():
        if limit := FORMS.get(request.endpoint or ""):
            limits.count(limit, str(request.endpoint), network())
        elif request.blueprint != "accounts":  # wrong passwords are counted elsewhere; and whoever knows theirs gets in
            _count(limits, "session", current_session().token, "stranger", STRANGERS)


def _count(limits: Limits, policy: str, token: str | None, policy_without: str, rate_without: RateLimitItem) -> None:
    key = hash_of(token).hex() if token else ""
    spent = token and limits.is_spent(policy, key)  # then there is no need to look into the database
    if spent or (token and _is_known(limits.is_spent(policy_without, network(), rate_without))):
        limits.count(limits.rate, policy, key)
    else:
        limits.count(rate_without, policy_without, network())


def charge_rows() -> None:
    """Count a request that wrote many rows as many requests."""
    count: Count | None = request.environ.get(COUNTED)
    if count and (wrote := exchange().transaction) and (more := wrote.rows // ROWS):
        current_app.extensions["recado_limits"].charge(count, more)


def set_rate_limit(response: Response) -> None:
    """Tell a program how much is left (draft-ietf-httpapi-ratelimit-headers-10)."""
    count: Count | None = request.environ.get(COUNTED)
    if count and client().is_program:
        limit = count.limit
        response.headers["RateLimit-Policy"] = f'"{count.policy}";q={limit.amount};w={limit.get_expiry()}'
        response.headers["RateLimit"] = f'"{count.policy}";r={count.left};t={count.seconds}'


def _is_known(suspicious: bool) -> bool:
    """Whether the token is somebody's; one that hardly is may not make this request the writer for whom others wait."""
    if not (suspicious and is_unsafe()):
        return account_or_none() is not None
    with database().transaction(write=False):
        return account_or_none() is not None
