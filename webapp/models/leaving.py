"""Leaving: an account is shut at once and deleted later; and whoever leaves, somebody administers."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import aliased

from webapp.db import connection, now
from webapp.models.account import Account, AccountRow
from webapp.models.administration import is_last_administrator
from webapp.models.session import end_sessions

LEAVING_AGE = timedelta(days=7)  # to change one's mind after deleting an account

_logins = select(func.count()).where(Account.user_name.is_not(None))
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


def leave(account: AccountRow) -> bool:
    """Delete the account unless somebody logs in to it within LEAVING_AGE; until then it is shut, for programs, too.

    Returns False, and does nothing, if it `is_needed`.
    """
    if is_needed(account):
        return False
    _set(account, now())
    end_sessions(account)
    return True


def is_needed(account: AccountRow) -> bool:
    """Whether nobody else administers, though others have accounts."""
    return is_last_administrator(account) and connection().execute(_logins).scalar_one() > 1


def stay(account: AccountRow) -> None:
    _set(account, None)


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


def _set(account: AccountRow, leaving_at: datetime | None) -> None:
    connection().execute(update(Account).where(Account.id == account.id).values(leaving_at=leaving_at))
