"""People with accounts: made on the pages or, for the tests that are about something else, without them."""

from datetime import timedelta
from functools import cache
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from tests.support.clients import Fragment, Page, TextPage
from tests.support.devices import Phone
from webapp.db import connection, now
from webapp.models.accounts import totp
from webapp.models.accounts.account import Account, AccountRow
from webapp.models.accounts.administration import find_person, set_administrator
from webapp.models.accounts.login import register_account
from webapp.models.accounts.one_time_link import AGES, INVITE, RESET, Link, add_link
from webapp.models.accounts.passkey import Credential, add_passkey
from webapp.models.accounts.password import hash_password
from webapp.models.sessions.session import CONFIRMED, BrowserSession

PASSWORD = "seven small boats at noon"
BROWSERS = [Page, TextPage, Fragment]


@cache
def hashed() -> str:
    return hash_password(PASSWORD)


def make_account(app: Flask, user_name: str, *, is_admin: bool = False) -> AccountRow:
    """The first one of an app administers in any case."""
    with app.extensions["database"].transaction(write=True) as transaction:
        account = register_account(None, user_name, hashed())
        assert account is not None
        if is_admin:
            set_administrator(account, is_admin=True)
        transaction.commit()
    return account


def make_link(app: Flask, purpose: str, account: AccountRow | None = None) -> str:
    """The token of a new link."""
    with app.extensions["database"].transaction(write=True) as transaction:
        token = add_link(purpose, by=None, account=account)
        transaction.commit()
    return token


def register(visitor: Page, user_name: str = "ana", password: str = PASSWORD) -> None:
    visitor.go("/register")
    visitor.press("Make my account", user_name=user_name, password=password)


def give_doors(app: Flask, user_name: str, *, passkeys: int = 1) -> None:
    """Let an account have a second factor and passkeys, though nobody has a device for them."""
    with app.extensions["database"].transaction(write=True) as transaction:
        account = find_person(user_name=user_name).account
        totp.turn_on(account, "sealed", 0)
        for number in range(passkeys):
            add_passkey(account, f"Key {number}", Credential(account.id.bytes + bytes([number]), b"", 0))
        transaction.commit()


def log_in(visitor: Page, user_name: str = "ana", password: str = PASSWORD) -> None:
    visitor.go("/login")
    visitor.press("Log in", user_name=user_name, password=password)


def turn_on(visitor: Page) -> tuple[Phone, list[str]]:
    """Turn the second factor on; returns the app and the recovery codes."""
    visitor.go("/settings/second-factor")
    phone = Phone(visitor)
    visitor.press("Turn on", code=phone.code())
    return phone, recovery_codes(visitor)


def recovery_codes(visitor: Page) -> list[str]:
    return visitor.shown_once()


def user_names(app: Flask) -> list[str]:
    with app.extensions["database"].transaction(write=False):
        names = select(Account.user_name).where(Account.user_name.is_not(None)).order_by(Account.user_name)
        return [str(name) for name in connection().execute(names).scalars()]


def age_links(app: Flask, age: timedelta) -> None:
    """Let the links that have just been made, and not used, be of this age."""
    for purpose in (INVITE, RESET):
        unused = Link.purpose == purpose, Link.expires_at > now()
        _shift(app, update(Link).where(*unused).values(expires_at=now() + AGES[purpose] - age))


def end_confirmations(app: Flask) -> None:
    """Let the last password of anybody have been given too long ago."""
    _shift(app, update(BrowserSession).values(confirmed_at=now() - CONFIRMED))


def copy_of(visitor: Page) -> Page:
    """The same browser once more: a form that it sends twice at once."""
    twin = type(visitor)(visitor.app)
    for name in ("recado", "recado-visit"):
        if cookie := visitor.http.get_cookie(name):
            twin.http.set_cookie(name, cookie.value)
    twin.page, twin.url = visitor.page, visitor.url
    return twin


def _shift(app: Flask, statement: Any) -> None:
    with app.extensions["database"].transaction(write=True) as transaction:
        connection().execute(statement)
        transaction.commit()
