"""A list as programs ask for it: a part of it, in an order of their choice, page by page."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, bindparam, collate, func, literal, select, tuple_

from webapp.db import connection
from webapp.models.accounts.account import AccountRow
from webapp.models.todos.todo import COLUMNS, Todo, TodoRow, conditions

PAGE = 100  # to-dos, where nobody says how many
PAGE_LIMIT = 500
KEYS = ("position", "created_at", "updated_at", "title")
ORDERS = tuple(sign + key for key in KEYS for sign in ("", "-"))  # "-": the highest, latest or last first

WILD = re.compile(r"[\\%_]")  # what LIKE reads as more than itself

Key = tuple[str | int, str]  # where a to-do stands in an order, as JSON can say it; equal ones stand by their ids


class TodoFilter(NamedTuple):
    """Which to-dos to list: those of `show`, changed at `updated_since` or later, with `text` in the title; and how."""

    show: str
    updated_since: datetime | None
    text: str | None
    order: str


def page_of(
    account: AccountRow, wish: TodoFilter, limit: int, after: Key | None
) -> tuple[Sequence[TodoRow], Key | None]:
    """At most `limit` to-dos that stand after a key; and the key of the last one, if more follow it."""
    asked = {"account_id": account.id, "most": limit + 1, "updated_since": wish.updated_since}
    if wish.text is not None:
        asked["text"] = WILD.sub(r"\\\g<0>", wish.text)
    if after:
        asked |= place(after, is_moment=wish.order.endswith("_at"))
    engine = connection().dialect.name
    built = _page(engine, wish.show, wish.order, bool(wish.updated_since), wish.text is not None, bool(after))
    return cut(connection().execute(built, asked).all(), limit, wish.order.removeprefix("-"))


def place(after: Key, *, is_moment: bool) -> dict[str, Any]:
    """A key as the parameters `key` and `id` of a statement."""
    key, id = after
    return {"key": datetime.fromisoformat(str(key)) if is_moment else key, "id": UUID(id)}


def cut(found: Sequence[TodoRow], limit: int, by: str) -> tuple[Sequence[TodoRow], Key | None]:
    """Of one more than `limit` to-dos in the order of a column, the page; and its last one's key, if more follow it."""
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    key = getattr(last, by)
    return found[:limit], (key.isoformat() if isinstance(key, datetime) else key, str(last.id))


@cache
def _page(engine: str, show: str, order: str, by_age: bool, by_text: bool, follows: bool) -> Select[Any]:
    name, backwards = order.removeprefix("-"), order.startswith("-")
    key: ColumnElement[Any] = Todo.__table__.c[name]
    if name == "title" and engine == "postgresql":
        key = collate(key, "C")  # by code points, as SQLite does, whatever the server's language
    found = select(*COLUMNS).where(Todo.account_id == bindparam("account_id"), conditions[show])
    if by_age:
        found = found.where(Todo.updated_at >= bindparam("updated_since", type_=Todo.updated_at.type))
    if by_text:
        text = _folded(engine, bindparam("text", type_=Todo.title.type))
        found = found.where(
            _folded(engine, Todo.__table__.c.title).like(literal("%") + text + literal("%"), escape="\\")
        )
    if follows:  # never OFFSET: it counts through what it leaves out, and repeats or skips when others write
        here = tuple_(key, Todo.id)
        last = tuple_(bindparam("key", type_=key.type), bindparam("id", type_=Todo.id.type))
        found = found.where(here < last if backwards else here > last)
    ends = (key.desc(), Todo.id.desc()) if backwards else (key, Todo.id)
    return found.order_by(*ends).limit(bindparam("most", type_=Integer))


def _folded(engine: str, text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Text without its case. In capitals: a small sigma depends on what stands beside it, a capital never does."""
    return func.upper(collate(text, "und-x-icu") if engine == "postgresql" else text)  # whatever the server's language
