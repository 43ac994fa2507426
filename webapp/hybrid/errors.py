"""Every error once, in the asker's terms."""

from flask import Flask, Response, current_app, request, url_for
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, ProgrammingError
from werkzeug.exceptions import HTTPException, default_exceptions

from webapp.db import Missing
from webapp.engines import is_wait_in_vain
from webapp.http.client import current_page, is_unsafe
from webapp.http.events import log_event
from webapp.http.exchange import Client, client
from webapp.http.parameters import Unknown
from webapp.http.retries import is_collision
from webapp.hybrid.problems import problem
from webapp.hybrid.responses import answer_again, redirect
from webapp.i18n import gettext as _
from webapp.sessions.drafts import keep_draft
from webapp.sessions.identity import ConfirmationRequired, LoginRequired, ReadOnly
from webapp.sessions.submissions import AlreadyAnswered, KeyReused, answer_of_copy

KEPT = ("Accept", "Allow", "Retry-After")  # of the headers that an exception has
SOON = {"Retry-After": "5"}  # seconds


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Missing, lambda _: problem(404))
    app.register_error_handler(DatabaseError, _unavailable)
    app.register_error_handler(KeyReused, lambda _: problem(422, kind="key-reused"))
    app.register_error_handler(ReadOnly, _read_only)
    app.register_error_handler(Unknown, _unknown)
    app.register_error_handler(LoginRequired, _unidentified)
    app.register_error_handler(ConfirmationRequired, _unconfirmed)
    app.register_error_handler(AlreadyAnswered, answer_again)


def fail() -> Response:
    """Fail on purpose, to see how Recado looks when it does."""
    raise RuntimeError("This error was asked for.")


def _http(error: HTTPException) -> Response:
    """Any `abort()`, any routing error, and what a view let through (500, without a word about the cause)."""
    cause = getattr(error, "original_exception", None)
    if is_collision(cause):  # again and again
        return problem(409)
    if _is_failure(cause):  # at the commit, which comes after the view
        return _too_late(cause)
    response = error.get_response()
    status = response.status_code
    if error.response is not None:  # abort() with an answer
        return response  # type: ignore[return-value]
    if status == 403:
        log_event("forbidden", site=request.headers.get("Sec-Fetch-Site"), origin=request.headers.get("Origin"))
    said = error.description
    own_words = said if said != default_exceptions.get(status, HTTPException).description else None
    kept = {name: value for name, value in response.headers.items() if name in KEPT}
    return problem(status, own_words if status < 500 else None, headers=kept)


def _is_failure(error: BaseException | None) -> bool:
    """Whether the database failed, and not the statement: it is full, damaged, cannot be reached."""
    return isinstance(error, DatabaseError) and not isinstance(error, ProgrammingError | DataError | IntegrityError)


def _unavailable(error: DatabaseError) -> Response:
    if is_collision(error) or not _is_failure(error):
        raise error  # to run again, or our own mistake
    current_app.logger.error("The database failed.", exc_info=error)
    return _too_late(error)


def _too_late(error: BaseException | None) -> Response:
    if is_wait_in_vain(error):
        return problem(409, headers=SOON, kind="in-progress")
    return problem(503, headers=SOON)


def _read_only(_error: ReadOnly) -> Response:
    challenge = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}  # RFC 6750
    return problem(403, _("This token may only read."), headers=challenge)


def _unknown(error: Unknown) -> Response:
    said = _("There is no such parameter here.")
    return problem(422, said, errors=[{"detail": said, "parameter": name} for name in error.names])


def _unidentified(_error: LoginRequired) -> Response:
    """A page is asked who it is and brought back; a fragment keeps what was typed and offers a tab to say it in."""
    if client() is Client.TODO_BACKEND:  # a wrong one, and there is no other way to say who it is
        return problem(404)
    if client().is_program:
        challenge = 'Bearer error="invalid_token"' if request.authorization else "Bearer"
        return problem(401, _("Send a valid token: Authorization: Bearer …"), headers={"WWW-Authenticate": challenge})
    if answer := answer_of_copy():  # the old token, in a click too many
        return answer_again(AlreadyAnswered(answer))
    return _ask(_("Say who you are"), url_for("welcome.index", next=current_page()))


def _unconfirmed(_error: ConfirmationRequired) -> Response:
    return _ask(_("Confirm it’s you"), url_for("accounts.confirm", next=current_page()))


def _ask(said: str, place: str) -> Response:
    if client() is Client.FRAGMENT:
        return problem(401, link=(said, place))
    if is_unsafe():
        keep_draft()
    return redirect(place)
