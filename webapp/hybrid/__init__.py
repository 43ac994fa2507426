"""The hall: every request comes in and every answer goes out through here.

Rooms say what happened with these few words, and never ask who is listening.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial

from flask import Flask, Response, g

from webapp.db import Database
from webapp.hybrid import errors, flashes, keys, preferences
from webapp.hybrid.attempts import until_settled
from webapp.hybrid.bodies import check_text
from webapp.hybrid.buttons import PRESS, follow_button
from webapp.hybrid.downloads import download
from webapp.hybrid.errors import fail
from webapp.hybrid.events import log_done, note, note_done
from webapp.hybrid.flashes import append_alerts, with_lines
from webapp.hybrid.headers import add_headers, check_version
from webapp.hybrid.idempotency import KEPT_HEADERS, KEY_LIMIT, claim_call, keep
from webapp.hybrid.identity import (
    check_scope,
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
from webapp.hybrid.interface import DatabaseSessions
from webapp.hybrid.kinds import KINDS
from webapp.hybrid.negotiation import Client, client, current_page, is_unsafe, local_path, secret_in_address
from webapp.hybrid.nested import carry_out
from webapp.hybrid.origin import check_host, check_origin, program_url, public_origin
from webapp.hybrid.preferences import choose, language, theme
from webapp.hybrid.problems import Part, problem
from webapp.hybrid.representations import redirect, render, translate
from webapp.hybrid.sessions import current_session
from webapp.hybrid.undo import offer_undo
from webapp.logs import request_id

__all__ = [
    "KEPT_HEADERS",
    "KEY_LIMIT",
    "KINDS",
    "Part",
    "carry_out",
    "check_version",
    "choose",
    "confirm",
    "confirmation_required",
    "current_account",
    "current_browser",
    "current_page",
    "download",
    "fail",
    "forget",
    "init_app",
    "is_confirmed",
    "known_account",
    "language",
    "local_path",
    "login_required",
    "note",
    "note_done",
    "offer_undo",
    "problem",
    "program_url",
    "public_origin",
    "redirect",
    "remember",
    "render",
    "secret_in_address",
    "theme",
    "until_settled",
    "with_lines",
]

Guards = Sequence[Callable[[], Response | None]]


def init_app(app: Flask, database: Database, *, guards: Guards = ()) -> None:
    """Put the hall around the app: what each request passes on its way in and on its way out.

    guards: what else it has to pass before anything is done; one that answers ends it.
    """
    app.session_interface = DatabaseSessions()
    keys.init_app(app)
    errors.init_app(app)
    flashes.init_app(app)
    preferences.init_app(app)
    app.add_url_rule("/press", PRESS, methods=["POST"])
    app.add_template_global(current_page)
    app.before_request(partial(come_in, database, guards))
    app.after_request(go_out)
    app.teardown_request(close)


def come_in(database: Database, guards: Guards) -> Response | None:
    """Begin the request's transaction, and check what can be checked before it is known what is wished."""
    g.opened = ExitStack()
    g.transaction = g.opened.enter_context(database.transaction(write=is_unsafe()))
    check_host()
    check_text()
    check_origin()
    follow_button()
    for guard in guards:
        if answer := guard():
            return answer
    check_scope()
    claim_call()
    return None


def go_out(response: Response) -> Response:
    """Give the outcome to whoever asked in their own terms; keep it below 400, and undo everything otherwise."""
    response = translate(response)
    append_alerts(response)
    if response.status_code < 400:
        if client() is not Client.API:
            current_session().save()
        keep(response)
        g.transaction.commit()
        log_done()
    else:
        g.transaction.rollback()
    add_headers(response)
    return response


def close(_error: BaseException | None) -> None:
    if opened := g.pop("opened", None):  # a request within a request has none, and does not end the one around it
        opened.close()
        request_id.set(None)
