"""A list as programs ask for it: a part of it, in an order of their choice, page by page."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, bindparam, collate, func, literal, select, tuple_, union_all

from webapp.db import connection
from webapp.models.accounts.account import AccountRow
from webapp.models.todos.todo import (
    COLUMNS,
    LIST_ORDER,
    ORDERS,
    Todo,
    TodoRow,
    conditions,
    in_order,
    is_on,
    owned,
)

PAGE = 100  # to-dos, where nobody says how many
PAGE_LIMIT = 500
SORTS = tuple(sign + name for name in ORDERS for sign in ("", "-"))  # "-": the highest, latest or last first
SCAN = 1000  # to-dos that are looked through for one page, where no index finds them
ANY_LIST = UUID(int=0)

WILD = re.compile(r"[\\%_]")  # what LIKE reads as more than itself

_since = bindparam("updated_since", type_=Todo.updated_at.type)

Key = tuple[str | int, str]  # where a to-do stands in an order, as JSON can say it; equal ones stand by their ids


class TodoFilter(NamedTuple):
    """Which to-dos to list: those of `show`, changed at `updated_since` or later, with `text` in the title; and how.

    list_id: those on one list, or in the Inbox (None), in its own order alone.
    """

    show: str
    updated_since: datetime | None
    text: str | None
    order: str
    list_id: UUID | None = ANY_LIST


def page_of(
    account: AccountRow, wish: TodoFilter, limit: int, after: Key | None
) -> tuple[Sequence[TodoRow], Key | None]:
    """At most `limit` to-dos that stand after a key; and the key of the last one, if more may follow it.

    What no index finds is looked for among SCAN to-dos: then there may be fewer, or none, and a key all the same.
    """
    asked: dict[str, Any] = {"owner_id": account.id, "most": limit + 1, "updated_since": wish.updated_since}
    if wish.text is not None:
        asked["text"] = WILD.sub(r"\\\g<0>", wish.text)
    if wish.list_id:
        asked["on_list"] = wish.list_id
    if after:
        asked |= place(after, is_moment=wish.order.endswith("_at"))
    by = _By(
        connection().dialect.name,
        wish.show,
        wish.order,
        "any" if wish.list_id == ANY_LIST else "one" if wish.list_id else "inbox",
        bool(wish.updated_since),
        wish.text is not None,
        bool(after),
    )
    found, last = cut(connection().execute(_page(by), asked).all(), limit, by.name)
    if last is None and by.is_looked_through and (scanned := connection().execute(_last_scanned(by), asked).first()):
        last = _key(scanned.key, scanned.id)
    return found, last


def place(after: Key, *, is_moment: bool) -> dict[str, Any]:
    """A key as the parameters `key` and `id` of a statement."""
    key, id = after
    return {"key": datetime.fromisoformat(str(key)) if is_moment else key, "id": UUID(id)}


def cut(found: Sequence[TodoRow], limit: int, by: str) -> tuple[Sequence[TodoRow], Key | None]:
    """Of one more than `limit` to-dos in the order of a column, the page; and its last one's key, if more follow it."""
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], _key(getattr(last, by), last.id)


def _key(value: Any, id: UUID) -> Key:
    return value.isoformat() if isinstance(value, datetime) else value, str(id)


class _By(NamedTuple):
    """What a statement depends on; it is built once for each."""

    engine: str
    show: str
    order: str
    lists: str
    by_age: bool
    by_text: bool
    follows: bool

    @property
    def name(self) -> str:
        return self.order.removeprefix("-")

    @property
    def is_backwards(self) -> bool:
        return self.order.startswith("-")

    @property
    def is_aged_by_index(self) -> bool:
        """Whether those changed since then are all that the order's index reads."""
        return self.by_age and self.name == "updated_at"

    @property
    def is_looked_through(self) -> bool:
        return self.by_text or (self.by_age and not self.is_aged_by_index)


@cache
def _page(by: _By) -> Select[Any]:
    most = bindparam("most", type_=Integer)
    if not by.is_looked_through:
        return _in_order_of(by, most)
    near = _in_order_of(by, SCAN).subquery()
    found = select(*(near.c[column.name] for column in COLUMNS))
    if by.by_age:
        found = found.where(near.c.updated_at >= _since)
    if by.by_text:
        text = _folded(by.engine, bindparam("text", type_=Todo.title.type))
        found = found.where(_folded(by.engine, near.c.title).like(literal("%") + text + literal("%"), escape="\\"))
    return found.order_by(*_ends(by, near.c.key, near.c.id)).limit(most)


@cache
def _last_scanned(by: _By) -> Select[Any]:
    """The last of the to-dos that were looked through, if there may be more."""
    near = _in_order_of(by, SCAN).subquery()
    return select(near.c.key, near.c.id).order_by(*_ends(by, near.c.key, near.c.id)).offset(SCAN - 1).limit(1)


def _in_order_of(by: _By, most: Any) -> Select[Any]:
    """The to-dos that follow in the order, as indexes have them: where there are two, the first of each are merged."""
    key: ColumnElement[Any] = Todo.__table__.c[by.name]
    if by.name == "title" and by.engine == "postgresql":
        key = collate(key, "C")  # by code points, as SQLite does, whatever the server's language
    columns = (*COLUMNS, key.label("key"))

    def some(show: str) -> Select[Any]:
        found = select(*columns).where(owned, conditions[show])
        if by.lists != "any":
            found = found.where(is_on(inbox=by.lists == "inbox"))
        if by.is_aged_by_index:
            found = found.where(Todo.updated_at >= _since)
        if by.follows:  # never OFFSET: it counts through what it leaves out, and repeats or skips when others write
            here = tuple_(key, Todo.__table__.c.id)
            last = tuple_(bindparam("key", type_=key.type), bindparam("id", type_=Todo.id.type))
            found = found.where(here < last if by.is_backwards else here > last)
        keys = LIST_ORDER if by.lists != "any" else (key,)
        return found.order_by(*in_order(*keys, backwards=by.is_backwards)).limit(most)

    if by.lists != "any" or by.show != "all":
        return some(by.show)
    both = union_all(*(select(some(show).subquery()) for show in ("active", "completed"))).subquery()
    return select(both).order_by(*_ends(by, both.c.key, both.c.id)).limit(most)


def _ends(by: _By, *keys: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [key.desc() if by.is_backwards else key for key in keys]


def _folded(engine: str, text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Text without its case. In capitals: a small sigma depends on what stands beside it, a capital never does."""
    return func.upper(collate(text, "und-x-icu") if engine == "postgresql" else text)  # whatever the server's language
