"""Logging in: what an account is known by, its password, and the doors that shut."""

import logging
import unicodedata
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, func, select, update
from sqlalchemy.orm import aliased

from webapp.db import FIRST_LOCK, connection, now, wait_in_line
from webapp.models.account import COLUMNS, Account, AccountRow, add_account, is_open
from webapp.models.password import verify_password
from webapp.models.session import end_sessions

LEAVING_AGE = timedelta(days=7)  # to change one's mind after deleting an account


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
_administrators = select(Account.id).where(Account.is_admin, is_open).order_by(Account.id)
_other = aliased(Account)
_oldest = (
    select(_other.id)
    .where(_other.user_name.is_not(None), _other.disabled_at.is_(None), _other.leaving_at.is_(None))
    .order_by(_other.id)
    .limit(1)
)
_appoint = (
    update(Account)
    .where(Account.id == _oldest.scalar_subquery(), ~exists().where(_other.is_admin))
    .values(is_admin=True)
    .returning(Account.user_name)
)
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
    return AccountRow(*connection().execute(update(Account).where(*mine).values(values).returning(*COLUMNS)).one())


def set_password(account: AccountRow, password_hash: str) -> None:
    _set(account, password_hash=password_hash)


def disable_account(account: AccountRow) -> None:
    _set(account, disabled_at=now())


def enable_account(account: AccountRow) -> None:
    _set(account, disabled_at=None)


def leave(account: AccountRow) -> bool:
    """Delete the account unless somebody logs in to it within LEAVING_AGE; until then it is shut, for programs, too.

    Returns False, and does nothing, if it `is_needed`.
    """
    connection().execute(_administrators.with_for_update())  # if the last two leave at once, one of them is needed
    if is_needed(account):
        return False
    _set(account, leaving_at=now())
    end_sessions(account)
    return True


def is_needed(account: AccountRow) -> bool:
    """Whether nobody else administers, though others have accounts."""
    return connection().execute(_administrators).scalars().all() == [account.id] and count_logins() > 1


def stay(account: AccountRow) -> None:
    _set(account, leaving_at=None)


def prune_accounts() -> int:
    """Delete the accounts whose owners left; returns how many.

    Of those who registered after the only one had left, the first administers from now on: not before, as whoever left
    may come back, and would find a stranger in charge.
    """
    left = delete(Account).where(Account.leaving_at <= now() - LEAVING_AGE).returning(Account.id)
    count = len(connection().execute(left).all())
    for user_name in connection().execute(_appoint).scalars():
        logging.getLogger("recado.security").info("admin_made", extra={"facts": {"user": user_name}})
    return count


def count_logins() -> int:
    """How many accounts somebody can log in to."""
    return connection().execute(select(func.count()).where(Account.user_name.is_not(None))).scalar_one()


def _read(statement: Any, values: dict[str, Any]) -> Login | None:
    row = connection().execute(statement, values).one_or_none()
    width = len(COLUMNS)
    return Login(AccountRow(*row[:width]), *row[width:]) if row else None


def _set(account: AccountRow, **values: Any) -> None:
    connection().execute(update(Account).where(Account.id == account.id).values(values))
