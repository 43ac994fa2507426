"""A request that collided with another runs again, from the beginning: nothing of its first attempt is left."""

from collections.abc import Callable

from flask import Flask, Response, current_app, g
from flask_babel import refresh
from sqlalchemy.exc import DBAPIError, IntegrityError

from webapp.db import Conflict
from webapp.http.client import is_unsafe
from webapp.http.events import name_request
from webapp.http.flask_internals import start_over
from webapp.http.transactions import end

ATTEMPTS = 20  # of one request; from the second on it waits in line with the others of its browser
AGAIN = ("40001", "40P01")  # PostgreSQL's serialization_failure and deadlock_detected


def until_settled(answer: Callable[[], Response]) -> Response:
    """Answer the request, as often as it collides with others."""
    name_request()
    for _ in range(ATTEMPTS - 1):
        try:
            return answer()
        except (Conflict, DBAPIError) as error:
            if not is_collision(error):
                raise
            _start_over(current_app)
    return answer()


def is_collision(error: BaseException | None) -> bool:
    """Whether a request failed only because another was faster."""
    return isinstance(error, Conflict | IntegrityError) or _state(error) in AGAIN


def _state(error: BaseException | None) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def _start_over(app: Flask) -> None:
    end()
    for name in list(g):
        g.pop(name)
    refresh()
    start_over(app).in_line = is_unsafe()
