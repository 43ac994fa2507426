"""All that is kept of somebody, to take along: everything but what would let anybody in."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, select

from webapp.db import Missing, connection
from webapp.models.accounts.account import Account, AccountRow
from webapp.models.accounts.passkey import Passkey
from webapp.models.accounts.token import Token
from webapp.models.sessions.session import BrowserSession
from webapp.models.todos.todo import COLUMNS, Todo

AT_ONCE = 1000  # rows in memory
_id: BindParameter[UUID] = bindparam("account_id")


def _of(table: Any, *names: str) -> Any:
    return select(*(getattr(table, name) for name in names)).where(table.account_id == _id).order_by(table.id)


_account = select(
    *(getattr(Account, name) for name in ("name", "user_name", "created_at", "is_admin")),
    Account.totp_secret.is_not(None).label("second_factor"),
).where(Account.id == _id)
_tokens = _of(Token, "name", "may_write", "created_at", "expires_at", "used_at")
_passkeys = _of(Passkey, "name", "created_at", "used_at")
_sessions = _of(BrowserSession, "address", "browser", "created_at", "seen_at", "expires_at")
# A to-do's columns by the names that programs know them by; also of those in the trash, in the order of their latest
# changes: no other index has all of them.
NAMES = {"position": "order", "list_id": "list"}
_named = [column.label(NAMES.get(column.name, column.name)) for column in COLUMNS]
_next = (
    select(*_named, Todo.sequence)
    .where(Todo.account_id == _id, Todo.sequence > bindparam("sequence"))
    .order_by(Todo.sequence)
    .limit(AT_ONCE)
)


def export_of(account: AccountRow) -> dict[str, Any]:
    """What there is, to be read in one snapshot: the to-dos are an iterator, for there may be many.

    Raises Missing if the account is deleted by now.
    """
    found = _rows(_account, account)
    if not found:
        raise Missing
    return {
        "account": found[0],
        "tokens": _rows(_tokens, account),
        "passkeys": _rows(_passkeys, account),
        "sessions": _rows(_sessions, account),
        "todos": _todos(account),
    }


def _todos(account: AccountRow) -> Iterator[dict[str, Any]]:
    last = 0
    while rows := _rows(_next, account, sequence=last):
        last = rows[-1]["sequence"]
        for row in rows:
            del row["sequence"]
            yield row


def _rows(statement: Any, account: AccountRow, **values: Any) -> list[dict[str, Any]]:
    found = connection().execute(statement, {"account_id": account.id, **values})
    names = list(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]
