"""Who is let in, by what proof, how often, and from which sites; and what browsers may do with an answer."""

from flask import Flask, Response

from webapp.doors import limits, waits
from webapp.doors.cors import let_others_read, preflight
from webapp.doors.guesses import guess, know_browser, set_known_browser
from webapp.doors.headers import set_security_headers
from webapp.doors.limits import charge_rows, count_request, set_rate_limit
from webapp.doors.passkeys import NewPasskeyField, PasskeyField
from webapp.doors.passwords import NewPasswordField, check_password
from webapp.doors.second_factor import (
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

__all__ = [
    "GUARDS",
    "CodeField",
    "NewPasskeyField",
    "NewPasswordField",
    "PasskeyField",
    "check_password",
    "drop_ticket",
    "give_ticket",
    "guess",
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

GUARDS = (preflight, count_request)  # what a request has to pass in the hall


def init_app(app: Flask) -> None:
    """Before the hall is put around the app: what is told here comes on top of its answers."""
    limits.init_app(app)
    waits.init_app(app)

    @app.after_request
    def tell(response: Response) -> Response:
        charge_rows()
        set_security_headers(response)
        set_known_browser(response)
        set_rate_limit(response)
        let_others_read(response)
        return response
