"""Whoever comes too soon is told how long to wait, in their own terms."""

from typing import Any

from flask import Flask, Response

from webapp.hybrid import problem
from webapp.i18n import lazy_gettext, ngettext


class TooSoon(Exception):
    """There were too many wrong tries; the next may be made in so many `seconds`."""

    said: Any = lazy_gettext("There were too many wrong tries. %(wait)s")

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


def init_app(app: Flask) -> None:
    app.register_error_handler(TooSoon, _too_soon)


def _too_soon(error: TooSoon) -> Response:
    seconds = error.seconds
    wait = ngettext("Wait %(num)s second, then try again.", "Wait %(num)s seconds, then try again.", seconds)
    return problem(429, error.said % {"wait": wait}, headers={"Retry-After": str(seconds)})
