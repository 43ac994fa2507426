"""What Recado needs of Flask's request context beyond its public face: here and nowhere else.

Flask 3.2 is going to make one context of two: pyproject.toml keeps it out until this file has been tried with it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app, request
from flask.globals import request_ctx
from werkzeug.routing import MapAdapter


def addresses() -> MapAdapter | None:
    """The map of our addresses for this request; None where it was sent to a host that is not ours."""
    return request_ctx.url_adapter


def forget_host() -> None:
    """Let pages have links though the request was sent to no host of ours."""
    request.host = ""
    request_ctx.url_adapter = current_app.url_map.bind("")


def start_over(app: Flask) -> Any:
    """Forget what a first attempt to answer the request has left; returns the session, opened anew."""
    request_ctx.flashes = None
    request_ctx._after_request_functions = []
    request_ctx._session = session = app.session_interface.open_session(app, request)
    return session


@contextmanager
def request_within(environ: dict[str, Any]) -> Iterator[Flask]:
    """A request within this one, with a `g` of its own: its end does not close what belongs to the one around it."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with app.app_context(), app.request_context(environ):
        yield app
