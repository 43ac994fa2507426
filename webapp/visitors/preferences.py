"""How somebody wants to see Recado: language and theme, kept in the session, guessed until they choose."""

from flask import Flask, has_request_context, request, session
from flask_babel import Babel

from webapp.config import LANGUAGES, THEMES


def init_app(app: Flask) -> None:
    Babel(app, locale_selector=language)
    app.context_processor(lambda: {"language": language(), "theme": theme(), "languages": LANGUAGES})


def language() -> str:
    """The language that was chosen, else the browser's first that we speak; at the command line, the first of all."""
    if not has_request_context():
        return next(iter(LANGUAGES))
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(list(LANGUAGES)) or next(iter(LANGUAGES))


def theme() -> str:
    chosen = session.get("theme")
    return str(chosen) if chosen in THEMES else THEMES[0]


def choose(**preferences: str) -> None:
    """Keep a `language` or a `theme` for as long as the session lasts."""
    session.update(preferences)
