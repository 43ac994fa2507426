"""Whoever asks: who it is, and what is remembered of them from one request to the next."""

from flask import Flask

from webapp.visitors import keys, preferences
from webapp.visitors.idempotency import KEPT_HEADERS, KEY_LIMIT
from webapp.visitors.identity import (
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
from webapp.visitors.interface import DatabaseSessions
from webapp.visitors.preferences import choose, language, theme

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
    keys.init_app(app)
    preferences.init_app(app)
