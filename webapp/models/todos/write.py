"""The one way in which to-dos are written: their version and moment, and the entry by which it is undone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Update, bindparam, case, func, insert, select, update
from sqlalchemy.sql.dml import ReturningInsert

from webapp.db import Conflict, UTCDateTime, connection, now, wrote
from webapp.models.accounts.account import AccountRow
from webapp.models.todos.todo import (
    COLUMNS,
    EDITABLE,
    LIST_ORDER,
    POSITION_LIMIT,
    Todo,
    TodoRow,
    in_order,
    is_on,
    is_there,
    owned,
)
from webapp.models.todos.undo_entry import Pair, keep_undo_entry

AT_ONCE = 1000  # rows that one statement writes
GAP = 2**16  # between the positions of neighbours: to-dos are moved into it, each by writing one row

Values = Mapping[str, Any]  # by the names of columns


@dataclass(frozen=True)
class Edits:
    """What was written: each to-do as it was and as it is; and the id by which that is undone, if anything was."""

    pairs: Sequence[Pair] = field(default=())
    undo_id: UUID | None = None

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def todos(self) -> list[TodoRow]:
        return [after for _before, after in self.pairs]

    def latest(self, todo: TodoRow) -> TodoRow:
        """A to-do as it is now, be it among those that were written or not."""
        return next((after for after in self.todos if after.id == todo.id), todo)


def _ends(*, inbox: bool, backwards: bool) -> Select[Any]:
    first = in_order(*LIST_ORDER, backwards=backwards)
    return select(Todo.position).where(owned, is_on(inbox=inbox), is_there).order_by(*first).limit(1)


_firsts, _lasts = ({inbox: _ends(inbox=inbox, backwards=back) for inbox in (True, False)} for back in (False, True))
_insert = insert(Todo).returning(*COLUMNS)


@cache
def _append(*, inbox: bool) -> ReturningInsert[Any]:
    last = func.coalesce(_lasts[inbox].scalar_subquery(), 0)
    end = case((last <= POSITION_LIMIT - GAP, last + GAP), else_=POSITION_LIMIT)  # there it is last by its id
    return insert(Todo).values(position=end).returning(*COLUMNS)


def add_todo(account: AccountRow, title: str, **given: Any) -> Edits:
    """Add a to-do with these columns; at the end of its list, where no `position` is given."""
    values = {"account_id": account.id, "title": title, **given}
    if "position" not in given:
        list_id = given.get("list_id")
        end = _append(inbox=list_id is None)
        added = connection().execute(end, values | {"owner_id": account.id, "on_list": list_id}).one()
    else:
        added = connection().execute(_insert, values).one()
    return _written(account, [(None, added)])


def add_todos(account: AccountRow, titles: Sequence[str], list_id: UUID | None = None) -> Edits:
    """Add to-dos at the end of a list, in this order, by one statement however many there are."""
    end = end_of(account, list_id, 1)
    positions = [min(end + number * GAP, POSITION_LIMIT) for number in range(len(titles))]
    values = [
        {"account_id": account.id, "list_id": list_id, "title": title, "position": position}
        for title, position in zip(titles, positions, strict=True)
    ]
    added = sorted(connection().execute(_insert, values).all(), key=lambda todo: (todo.position, todo.id))
    return _written(account, [(None, todo) for todo in added])


def end_of(account: AccountRow, list_id: UUID | None, step: int) -> int:
    """The position before the first to-do of a list (step -1) or after the last (step 1), as far as there is one."""
    asked = {"owner_id": account.id, "on_list": list_id}
    end = connection().execute((_firsts if step < 0 else _lasts)[list_id is None], asked).scalar()
    return max(-POSITION_LIMIT, min((end or 0) + step * GAP, POSITION_LIMIT))


def change_todo(account: AccountRow, todo: TodoRow, **given: Any) -> Edits:
    """Write these columns; a to-do that was deleted comes back. Raises Conflict if somebody wrote it meanwhile."""
    return write_todos(account, [(todo, {"deleted_at": None} | given)])


def write_todos(account: AccountRow, wishes: Iterable[tuple[TodoRow, Values]], undoes: UUID | None = None) -> Edits:
    """Write what differs, and nothing where nothing does: by few statements however many to-dos there are.

    Raises Conflict if somebody wrote one of them meanwhile. undoes: the undo entry that this takes back.
    """
    alike: dict[tuple[str, ...], list[tuple[TodoRow, Values]]] = {}
    for todo, wish in wishes:
        changes = {name: value for name, value in wish.items() if _differs(name, getattr(todo, name), value)}
        if changes:
            alike.setdefault(tuple(changes), []).append((todo, changes))
    pairs: list[Pair] = []
    for names, changed in alike.items():
        for start in range(0, len(changed), AT_ONCE):
            pairs += _write(account, names, changed[start : start + AT_ONCE])
    return _written(account, pairs, undoes) if pairs else Edits()


def _differs(name: str, old: Any, new: Any) -> bool:
    """Of a moment, what counts is whether there is one: what was completed stays completed since then."""
    return (old is None) != (new is None) if isinstance(EDITABLE[name].type, UTCDateTime) else old != new


def _write(account: AccountRow, names: tuple[str, ...], changed: Sequence[tuple[TodoRow, Values]]) -> list[Pair]:
    first = changed[0][1]
    asked: dict[str, Any] = {"owner_id": account.id, "moment": now(), "ids": [todo.id for todo, _ in changed]}
    if len(changed) == 1:
        asked["seen"] = changed[0][0].version
    if all(wish == first for _, wish in changed):
        statement = _update(names, one=len(changed) == 1)
        asked |= {f"new_{name}": first[name] for name in names}
    else:
        each = {name: case({todo.id: wish[name] for todo, wish in changed}, value=Todo.id) for name in names}
        statement = _update((), one=False).values(each)
    written = {todo.id: todo for todo in connection().execute(statement, asked)}
    if len(written) < len(changed):
        raise Conflict
    return [(todo, written[todo.id]) for todo, _ in changed]


@cache
def _update(names: tuple[str, ...], *, one: bool) -> Update:
    """One to-do only in the version that was seen; who writes many has held the list since they were read."""
    chosen = [owned, Todo.id.in_(bindparam("ids", expanding=True, type_=Todo.id.type))]
    if one:
        chosen.append(Todo.version == bindparam("seen"))
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=EDITABLE[name].type) for name in names}
    values |= {"updated_at": bindparam("moment", type_=UTCDateTime()), "version": Todo.version + 1}
    return update(Todo).where(*chosen).values(values).returning(*COLUMNS)


def _written(account: AccountRow, pairs: Sequence[Pair], undoes: UUID | None = None) -> Edits:
    if len(pairs) > 1:
        wrote(len(pairs))
    return Edits(pairs, keep_undo_entry(account, pairs, undoes))
