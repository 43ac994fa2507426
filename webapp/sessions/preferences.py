"""How somebody wants to see Recado: language and theme, kept in cookies of the browser, guessed until they choose.

Cookies rather than session values: they outlive logging out, and a stranger who chooses leaves no row in the database.
"""

from flask import Flask, Response, after_this_request, has_request_context, request
from flask_babel import Babel

from webapp import i18n
from webapp.config import LANGUAGES, THEMES
from webapp.http.client import cookie
from webapp.http.exchange import client
from webapp.sessions.messages import set_cookie

CHOICES = {"language": tuple(LANGUAGES), "theme": THEMES}


def init_app(app: Flask) -> None:
    Babel(app, locale_selector=language)
    i18n.init_app(app)
    app.context_processor(lambda: {"language": language(), "theme": theme(), "languages": LANGUAGES})


def language() -> str:
    """The language that was chosen, else the browser's first that we speak; at the command line, the first of all."""
    if not has_request_context():
        return next(iter(LANGUAGES))
    known = _chosen("language") or request.accept_languages.best_match(list(LANGUAGES))
    return known or next(iter(LANGUAGES))


def theme() -> str:
    return _chosen("theme") or THEMES[0]


def choose(**preferences: str) -> None:
    """Keep a `language` or a `theme` in this browser."""

    @after_this_request
    def set_cookies(response: Response) -> Response:
        for name, value in preferences.items():
            set_cookie(response, f"-{name}", value)
        return response


def _chosen(name: str) -> str | None:
    if client().is_program:
        return None
    value = cookie(f"-{name}")
    return value if value in CHOICES[name] else None
