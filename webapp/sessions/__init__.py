"""Whoever asks: who it is, and what is remembered of them from one request to the next."""

from flask import Flask

from webapp.sessions import preferences
from webapp.sessions.identity import (
    confirm,
    confirmation_required,
    current_account,
    current_browser,
    forget,
    is_confirmed,
    known_account,
    login_required,
    remember,
)
from webapp.sessions.interface import DatabaseSessions
from webapp.sessions.preferences import choose, language, theme
from webapp.sessions.submissions import KEPT_HEADERS, KEY_LIMIT

__all__ = [
    "KEPT_HEADERS",
    "KEY_LIMIT",
    "choose",
    "confirm",
    "confirmation_required",
    "current_account",
    "current_browser",
    "forget",
    "init_app",
    "is_confirmed",
    "known_account",
    "language",
    "login_required",
    "remember",
    "theme",
]


def init_app(app: Flask) -> None:
    app.session_interface = DatabaseSessions()
    preferences.init_app(app)
