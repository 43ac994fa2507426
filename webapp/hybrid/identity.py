"""Whose request this is: the session's at the HTML door, the bearer token's at the API door."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import g, request

from webapp.hybrid.negotiation import Client, client
from webapp.hybrid.sessions import current_session
from webapp.models.account import AccountRow
from webapp.models.token import find_token_owner

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class Unidentified(Exception):
    """Somebody has to say who they are first."""


class Unconfirmed(Exception):
    """Somebody has to show again that they are who they were when they logged in."""


def known_account() -> AccountRow | None:
    """The account of this request, or None for a stranger; read once."""
    if "account" not in g:
        g.account = _from_token() if client() is Client.API else current_session().account
    return g.account  # type: ignore[no-any-return]


def current_account() -> AccountRow:
    """The account of this request; raises Unidentified for a stranger."""
    account = known_account()
    if account is None:
        raise Unidentified
    return account


def login_required(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Ask who it is before the view looks at what is asked for: 401 comes before 404."""

    @wraps(view)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        current_account()
        return view(*args, **kwargs)

    return guarded


def confirmation_required(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Ask for the password again before a view that opens or closes doors, unless that was done minutes ago."""

    @wraps(view)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        current_account()
        if not current_session().is_confirmed:
            raise Unconfirmed
        return view(*args, **kwargs)

    return guarded


def confirm() -> None:
    """Take note that whoever sits there is the account's owner."""
    current_session().confirm()


def remember(account: AccountRow) -> None:
    """Know this browser again as the account's."""
    session, before = current_session(), current_session().account
    if before and not before.is_guest and before.id != account.id:
        session.end()  # nobody finds the messages and texts of whoever was logged in here
    session.sign_in(account)
    g.account = account


def forget() -> None:
    """End this browser's session: it is nobody's from now on, in requests under way, too."""
    current_session().end()
    g.account = None


def _from_token() -> AccountRow | None:
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        return None
    return find_token_owner(given.token)
