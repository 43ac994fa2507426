"""Lists underneath: each has its own order, counts and pages; what is on none is in the Inbox."""

from collections.abc import Iterator

import pytest
from flask import Flask

from webapp.db import Missing, now
from webapp.models.accounts.account import AccountRow, add_account
from webapp.models.todos.filters import SORTS, TodoFilter, page_of
from webapp.models.todos.list import ListRow, add_list, find_list, lists_of
from webapp.models.todos.positions import move_todo
from webapp.models.todos.todo import TodoRow, count_todos, find_todo, todos_of
from webapp.models.todos.write import add_todo, add_todos, change_todo


@pytest.fixture
def account(any_app: Flask) -> Iterator[AccountRow]:
    with any_app.extensions["database"].transaction(write=True):
        yield add_account("Ana")


@pytest.fixture
def home(account: AccountRow) -> ListRow:
    """A list with three to-dos, beside an Inbox with two."""
    home = add_list(account, "Home", 1)
    add_todos(account, ["In 1", "In 2"])
    add_todos(account, ["Home 1", "Home 2", "Home 3"], home.id)
    return home


def titles(account: AccountRow, home: ListRow | None, show: str = "all") -> list[str]:
    wish = TodoFilter(show, None, None, SORTS[0], list_id=home.id if home else None)
    found: list[str] = []
    after = None
    while True:
        rows, after = page_of(account, wish, 2, after)
        found += [row.title for row in rows]
        if after is None:
            return found


def named(account: AccountRow, title: str) -> TodoRow:
    [id] = [todo.id for todo in todos_of(account) if todo.title == title]
    return find_todo(account, id)


def test_a_list_and_the_inbox_are_read_page_by_page_each_for_itself(account: AccountRow, home: ListRow) -> None:
    assert titles(account, None) == ["In 1", "In 2"]
    assert titles(account, home) == ["Home 1", "Home 2", "Home 3"]
    change_todo(account, named(account, "Home 2"), completed_at=now())
    assert titles(account, home, "active") == ["Home 1", "Home 3"]
    assert titles(account, home, "completed") == ["Home 2"]
    assert titles(account, None, "completed") == []
    assert tuple(count_todos(account)) == (2, 0)
    assert tuple(count_todos(account, home.id)) == (2, 1)


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("up", ["Home 2", "Home 1", "Home 3"]),
        ("down", ["Home 1", "Home 3", "Home 2"]),
        ("top", ["Home 2", "Home 1", "Home 3"]),
        ("bottom", ["Home 1", "Home 3", "Home 2"]),
    ],
)
def test_a_todo_moves_among_those_of_its_own_list(
    account: AccountRow, home: ListRow, to: str, expected: list[str]
) -> None:
    assert len(move_todo(account, named(account, "Home 2"), to)) == 1
    assert titles(account, home) == expected
    assert titles(account, None) == ["In 1", "In 2"]


def test_a_new_one_comes_last_on_its_list(account: AccountRow, home: ListRow) -> None:
    add_todo(account, "In 3")
    add_todo(account, "Home 4", list_id=home.id)
    assert titles(account, None)[-1] == "In 3"
    assert titles(account, home)[-1] == "Home 4"


def test_moving_to_another_list_is_an_edit(account: AccountRow, home: ListRow) -> None:
    edits = change_todo(account, named(account, "In 1"), list_id=home.id)
    assert (len(edits), titles(account, None)) == (1, ["In 2"])
    assert sorted(titles(account, home)) == ["Home 1", "Home 2", "Home 3", "In 1"]


def test_lists_are_their_owners(account: AccountRow, home: ListRow) -> None:
    bob = add_account("Bob")
    assert [each.name for each in lists_of(account)] == ["Home"]
    assert find_list(account, home.id) == home
    assert lists_of(bob) == []
    with pytest.raises(Missing):
        find_list(bob, home.id)
    assert titles(bob, home) == []
