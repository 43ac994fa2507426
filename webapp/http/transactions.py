"""One transaction a request: its answer is kept with all that it did, or nothing is."""

from contextlib import ExitStack
from datetime import datetime

from flask import current_app, g, request

from webapp.db import Database, now
from webapp.http.client import is_unsafe

BEGUN = "recado.begun"  # in the environment: when a request began to arrive, if the server knows it


def database() -> Database:
    return current_app.extensions["database"]  # type: ignore[no-any-return]


def begin() -> None:
    """Begin this request's transaction; one that only reads lets others write meanwhile."""
    g.opened = ExitStack()
    g.transaction = g.opened.enter_context(database().transaction(write=is_unsafe()))


def give_up() -> None:
    """Undo what the request did and let others write: what is read from now on, for the answer, is what is committed.

    An operation of a batch leaves that to the batch.
    """
    if "opened" in g and g.transaction.writes:
        g.pop("opened").close()
        g.opened = ExitStack()
        g.transaction = g.opened.enter_context(database().transaction(write=False))


def begun() -> datetime:
    """When this request came, however long it has waited since, and however often it has run."""
    moment: datetime = request.environ.setdefault(BEGUN, now())
    return moment


def end() -> bool:
    """Give the connection back; False for a request within a request, which does not end the one around it."""
    opened = g.pop("opened", None)
    if opened:
        opened.close()
    return opened is not None
