"""Whoever asks: who it is, and what is remembered of them from one request to the next."""

from flask import Flask

from webapp.sessions import preferences
from webapp.sessions.identity import (
    account_or_none,
    confirm,
    confirmation_required,
    current_account,
    current_browser,
    is_confirmed,
    log_in,
    log_out,
    login_required,
)
from webapp.sessions.interface import DatabaseSessions
from webapp.sessions.preferences import choose, language, theme
from webapp.sessions.submissions import KEPT_HEADERS, KEY_LIMIT

__all__ = [
    "KEPT_HEADERS",
    "KEY_LIMIT",
    "account_or_none",
    "choose",
    "confirm",
    "confirmation_required",
    "current_account",
    "current_browser",
    "init_app",
    "is_confirmed",
    "language",
    "log_in",
    "log_out",
    "login_required",
    "theme",
]


def init_app(app: Flask) -> None:
    app.session_interface = DatabaseSessions()
    preferences.init_app(app)
