"""What an administrator sees of people, and does with their accounts; never what is on their lists."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update

from webapp.db import Missing, connection, is_writing
from webapp.models.accounts.account import COLUMNS, Account, AccountRow, is_open
from webapp.models.accounts.login import disable_account, normal
from webapp.models.accounts.one_time_link import end_links
from webapp.models.accounts.totp import turn_off
from webapp.models.sessions.session import BrowserSession, end_sessions


class Person(NamedTuple):
    """Somebody with an account. seen_at: to within an hour; None for who is logged in nowhere."""

    account: AccountRow
    disabled_at: datetime | None
    leaving_at: datetime | None
    has_second_factor: bool
    seen_at: datetime | None


_seen_at = select(func.max(BrowserSession.seen_at)).where(BrowserSession.account_id == Account.id).scalar_subquery()
_people = (
    select(*COLUMNS, Account.disabled_at, Account.leaving_at, Account.totp_secret.is_not(None), _seen_at)
    .where(Account.user_name.is_not(None))
    .order_by(Account.user_name)
)
_by_id = _people.where(Account.id == bindparam("id"))
_by_user_name = _people.where(Account.user_name == bindparam("user_name"))
_guests = select(func.count()).where(Account.user_name.is_(None))
_administrators = select(Account.id).where(Account.is_admin, is_open).order_by(Account.id)


def people() -> Sequence[Person]:
    return [_person(row) for row in connection().execute(_people)]


def find_person(*, id: UUID | None = None, user_name: str = "") -> Person:
    """By one of the two; raises Missing, also for a guest."""
    if id:
        row = connection().execute(_by_id, {"id": id}).one_or_none()
    else:
        row = connection().execute(_by_user_name, {"user_name": normal(user_name)}).one_or_none()
    if row is None:
        raise Missing
    return _person(row)


def count_guests() -> int:
    return connection().execute(_guests).scalar_one()


def is_last_administrator(account: AccountRow) -> bool:
    """Whether nobody would administer without this one; of two who try to stop at once, the second waits for this."""
    found = _administrators.with_for_update() if is_writing() else _administrators
    return connection().execute(found).scalars().all() == [account.id]


def set_administrator(account: AccountRow, *, is_admin: bool) -> None:
    connection().execute(update(Account).where(Account.id == account.id).values(is_admin=is_admin))


def shut_account(account: AccountRow) -> None:
    """Keep everybody out of the account at once; what is in it stays."""
    disable_account(account)
    end_sessions(account)
    end_links(account)


def remove_second_factor(account: AccountRow) -> bool:
    """Let whoever has lost the app and the recovery codes in by the password; false if that is enough already.

    Sessions end: what was lost may be logged in, too, and an owner who asked for nothing notices.
    """
    if not turn_off(account):
        return False
    end_sessions(account)
    return True


def _person(row: Any) -> Person:
    width = len(COLUMNS)
    return Person(AccountRow(*row[:width]), *row[width:])


def end_all_sessions(*, guests: bool = False) -> int:
    """Log everybody out who can log in again; `guests` cannot, so theirs end only if that is asked for."""
    ended = delete(BrowserSession).returning(BrowserSession.id)
    if not guests:
        members = select(Account.id).where(Account.user_name.is_not(None))
        ended = ended.where(BrowserSession.account_id.in_(members))
    return len(connection().execute(ended).all())
