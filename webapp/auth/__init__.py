"""Who you are: passwords, second factors, passkeys, and wrong tries that slow down."""

from flask import Flask

from webapp.auth.passkeys import NewPasskeyField, PasskeyField
from webapp.auth.passwords import NewPasswordField, check_password
from webapp.auth.second_factor import (
    CodeField,
    drop_ticket,
    give_ticket,
    held_ticket,
    is_recovery_code,
    keep_secret,
    login_by_ticket,
    new_recovery_codes,
    offer_secret,
    offered_secret,
)
from webapp.auth.throttling import check_throttled, know_browser, set_known_browser

__all__ = [
    "CodeField",
    "NewPasskeyField",
    "NewPasswordField",
    "PasskeyField",
    "check_password",
    "check_throttled",
    "drop_ticket",
    "give_ticket",
    "held_ticket",
    "init_app",
    "is_recovery_code",
    "keep_secret",
    "know_browser",
    "login_by_ticket",
    "new_recovery_codes",
    "offer_secret",
    "offered_secret",
]


def init_app(app: Flask) -> None:
    app.after_request(set_known_browser)
