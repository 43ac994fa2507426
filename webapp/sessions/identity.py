"""Whose request this is: the session's for pages, the bearer token's or the secret address's for programs."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import ParamSpec, TypeVar
from uuid import UUID

from flask import current_app, request

from webapp.db import Busy
from webapp.http.client import is_unsafe
from webapp.http.events import log_event
from webapp.http.exchange import Client, client, exchange
from webapp.http.transactions import database
from webapp.models.accounts.account import AccountRow
from webapp.models.accounts.todo_backend import find_address_owner
from webapp.models.accounts.token import find_bearer, use_token
from webapp.sessions.messages import BOOKKEEPING_WAIT
from webapp.sessions.session import current_session

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
MARK = "asks_who_it_is"  # on a view


class LoginRequired(Exception):
    """Somebody has to say who they are first."""


class ReadOnly(Exception):
    """A token that may only read was to change something."""


class ConfirmationRequired(Exception):
    """Somebody has to show again that they are who they were when they logged in."""


def account_or_none() -> AccountRow | None:
    """The account of this request, or None for a stranger; read once."""
    known = exchange()
    if not known.is_identified:
        known.identify(_from_token() if client().is_program else current_session().account)
    return known.account


def current_account() -> AccountRow:
    """The account of this request; raises Unidentified for a stranger."""
    account = account_or_none()
    if account is None:
        raise LoginRequired
    return account


def login_required(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Ask who it is before the view looks at what is asked for: 401 comes before 404."""

    @wraps(view)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        current_account()
        return view(*args, **kwargs)

    return _marked(guarded)


def confirmation_required(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Ask for the password again before a view that changes who can log in, unless that was done minutes ago."""

    @wraps(view)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        current_account()
        if not is_confirmed():
            raise ConfirmationRequired
        return view(*args, **kwargs)

    return _marked(guarded)


def asks_who_it_is() -> bool:
    """Whether the view of this request is for those who are known, and keeps the text of anybody else."""
    return hasattr(current_app.view_functions.get(request.endpoint or ""), MARK)


def _marked(guarded: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    setattr(guarded, MARK, True)
    return guarded


def check_scope() -> None:
    """Raise ReadOnly when a token that may only read is to change something, whatever that is, be it there or not."""
    bearer = exchange().bearer if client() is Client.API and is_unsafe() and account_or_none() else None
    if bearer and not bearer.may_write:
        log_event("token_refused", token=str(bearer.id), reason="may only read")
        raise ReadOnly


def current_browser() -> UUID:
    """The id of this browser's session."""
    return current_session().row()


def is_confirmed() -> bool:
    """Whether the password was given minutes ago; for what nobody can be led back to."""
    return current_session().is_confirmed


def confirm() -> None:
    """Take note that whoever sits there is the account's owner."""
    current_session().confirm()


def log_in(account: AccountRow) -> None:
    """Know this browser again as the account's."""
    session, before = current_session(), current_session().account
    if before and not before.is_guest and before.id != account.id:
        session.end()  # nobody finds the messages and texts of whoever was logged in here
    session.sign_in(account)
    exchange().identify(account)


def log_out() -> None:
    """End this browser's session: it is nobody's from now on, in requests under way, too."""
    current_session().end()
    exchange().identify(None)
    exchange().forgotten = True  # the browser is told, too


def shown_token() -> str | None:
    """What a program shows to be let in: the secret in its address, or its bearer token."""
    given = request.authorization
    bearer = given.token if given and given.type == "bearer" else None
    return exchange().secret or bearer or None


def _from_token() -> AccountRow | None:
    token = shown_token()
    if token is None:
        return None
    if client() is Client.TODO_BACKEND:
        return find_address_owner(token)
    bearer = find_bearer(token)
    if bearer is None:
        log_event("token_refused", reason="unknown or expired")
        return None
    if bearer.is_due:
        with suppress(Busy), database().writing(wait=BOOKKEEPING_WAIT):
            use_token(bearer.id)
    exchange().bearer = bearer
    return bearer.account
