"""One transaction a request: its answer is kept with all that it did, or nothing is."""

from contextlib import ExitStack
from datetime import datetime

from flask import current_app, request

from webapp.db import Database, Transaction, now
from webapp.http.client import is_unsafe
from webapp.http.exchange import exchange

BEGUN = "recado.begun"  # in the environment: when a request began to arrive, if the server knows it


def database() -> Database:
    return current_app.extensions["database"]  # type: ignore[no-any-return]


def begin() -> None:
    """Begin this request's transaction; one that only reads lets others write meanwhile."""
    _open(write=is_unsafe())


def transaction() -> Transaction:
    """The request's transaction."""
    under_way = exchange().transaction
    assert under_way, "the response layer begins it"
    return under_way


def give_up() -> None:
    """Undo what the request did and let others write: what is read from now on, for the answer, is what is committed.

    An operation of a batch leaves that to the batch.
    """
    if exchange().opened and transaction().writes:
        end()
        _open(write=False)


def _open(*, write: bool) -> None:
    exchange().opened = opened = ExitStack()
    exchange().transaction = opened.enter_context(database().transaction(write=write))


def begun() -> datetime:
    """When this request came, however long it has waited since, and however often it has run."""
    moment: datetime = request.environ.setdefault(BEGUN, now())
    return moment


def end() -> bool:
    """Give the connection back; False for a request within a request, which does not end the one around it."""
    opened, exchange().opened = exchange().opened, None
    if opened:
        opened.close()
    return opened is not None
