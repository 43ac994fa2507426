"""Leaving: an account is shut at once and deleted later; and whoever leaves, somebody administers."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from webapp.db import connection, now
from webapp.models.accounts.account import Account, AccountRow
from webapp.models.accounts.administration import is_last_administrator
from webapp.models.accounts.todo_backend import TodoBackend
from webapp.models.accounts.token import Token
from webapp.models.pruning import STEP
from webapp.models.sessions.session import BrowserSession, end_sessions

LEAVING_AGE = timedelta(days=7)  # to change one's mind after deleting an account
LOST_AGE = timedelta(days=1)  # of a guest's account that no browser and no program can reach

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


def find_left() -> Sequence[UUID]:
    """Some accounts whose owners left, and some guests' whose browsers do not know them any more."""
    return connection().execute(select(Account.id).where(_is_left()).limit(STEP)).scalars().all()


def delete_account(id: UUID) -> int:
    """Delete one of those, with all that is its own; returns 0 if somebody has come back meanwhile."""
    return connection().execute(delete(Account).where(Account.id == id, _is_left())).rowcount


def appoint() -> int:
    """Let somebody administer; returns how many were made administrators.

    Of those who registered after the only one had left, the first administers from now on: not before, as whoever left
    may come back, and would find a stranger in charge.
    """
    appointed = connection().execute(_appoint).scalars().all()
    for user_name in appointed:
        logging.getLogger("recado.security").info("admin_made", extra={"facts": {"user": user_name}})
    return len(appointed)


def _is_left() -> ColumnElement[bool]:
    owners = (BrowserSession.account_id, Token.account_id, TodoBackend.account_id)
    lost = and_(Account.user_name.is_(None), *(~exists().where(owner == Account.id) for owner in owners))
    return or_(Account.leaving_at <= now() - LEAVING_AGE, lost & (Account.created_at < now() - LOST_AGE))


def _set(account: AccountRow, leaving_at: datetime | None) -> None:
    connection().execute(update(Account).where(Account.id == account.id).values(leaving_at=leaving_at))
