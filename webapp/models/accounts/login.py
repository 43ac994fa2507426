"""Logging in: what an account is known by, its password, and whether an administrator has shut it."""

import unicodedata
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, exists, select, update

from webapp.db import FIRST_LOCK, Conflict, connection, now, wait_in_line
from webapp.models.accounts.account import COLUMNS, Account, AccountRow, add_account
from webapp.models.accounts.password import verify_password


class Login(NamedTuple):
    """What has to be known to let somebody in; never shown."""

    account: AccountRow
    password_hash: str
    disabled_at: datetime | None
    leaving_at: datetime | None
    totp_secret: str | None
    totp_step: int


_login = select(*COLUMNS, *(getattr(Account, name) for name in Login._fields[1:]))
_by_user_name = _login.where(Account.user_name == bindparam("user_name"))
_has_login = select(exists().where(Account.user_name == bindparam("user_name")))
_by_id = _login.where(Account.id == bindparam("id"), Account.user_name.is_not(None))


def normal(user_name: str) -> str:
    """The one form of a user name, however it is typed (Unicode's NFKC_Casefold, and one space between words)."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", user_name).casefold())
    return " ".join("".join(letter for letter in folded if unicodedata.category(letter) != "Cf").split())


def find_login(user_name: str) -> Login | None:
    return _read(_by_user_name, {"user_name": normal(user_name)})


def has_login(user_name: str) -> bool:
    """Whether anybody logs in by this (normal) name."""
    return connection().execute(_has_login, {"user_name": user_name}).scalar_one()


def login_of(account: AccountRow) -> Login | None:
    """None for a guest."""
    return find_login_by_id(account.id)


def find_login_by_id(id: UUID) -> Login | None:
    return _read(_by_id, {"id": id})


def check_login(user_name: str, password: str) -> Login | None:
    """What lets somebody in, if the password is right. Slow, and as slow for a name that nobody has."""
    login = find_login(user_name)
    return login if verify_password(password, login.password_hash if login else None) else None


def register_account(guest: AccountRow | None, name: str, password_hash: str) -> AccountRow | None:
    """Make an account that somebody can log in to, of a guest's if there is one; None if the user name is taken.

    The first of all administers, and of two at the same moment, one is the first.
    """
    user_name = normal(name)
    wait_in_line(FIRST_LOCK)
    if has_login(user_name):
        return None
    anybody = connection().execute(select(exists().where(Account.user_name.is_not(None)))).scalar_one()
    account = guest or add_account(name)
    values = {"name": name, "user_name": user_name, "password_hash": password_hash, "is_admin": not anybody}
    mine = Account.id == account.id, Account.user_name.is_(None)
    row = connection().execute(update(Account).where(*mine).values(values).returning(*COLUMNS)).one_or_none()
    if row is None:
        raise Conflict  # the guest left, or registered, while the password was hashed
    return AccountRow(*row)


def set_password(account: AccountRow, password_hash: str) -> None:
    _set(account, password_hash=password_hash)


def disable_account(account: AccountRow) -> None:
    _set(account, disabled_at=now())


def enable_account(account: AccountRow) -> None:
    _set(account, disabled_at=None)


def _read(statement: Any, values: dict[str, Any]) -> Login | None:
    row = connection().execute(statement, values).one_or_none()
    width = len(COLUMNS)
    return Login(AccountRow(*row[:width]), *row[width:]) if row else None


def _set(account: AccountRow, **values: Any) -> None:
    connection().execute(update(Account).where(Account.id == account.id).values(values))
