"""The ground: migrations, transactions and what a fault leaves behind, on both engines."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from webapp.config import ConfigurationError
from webapp.db import Conflict, Database, Missing, connection, now
from webapp.models import Base
from webapp.models.accounts.account import accounts_named, add_account, forget_guest
from webapp.models.accounts.token import add_token, find_bearer, tokens_of
from webapp.models.todos.todo import find_todo, todos_of
from webapp.models.todos.write import add_todo, change_todo


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.upgrade()
    yield database
    database.engine.dispose()


def test_the_migrations_make_the_tables_that_the_models_declare(database: Database) -> None:
    with database.transaction(write=False):
        context = MigrationContext.configure(connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_eight_starts_at_once_migrate_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: Database(url).upgrade(), range(8)))
    database = Database(url)
    with database.transaction(write=False):
        assert connection().scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_a_database_newer_than_the_code_is_refused(database: Database) -> None:
    with database.transaction(write=True) as transaction:
        current = connection().scalar(text("SELECT version_num FROM alembic_version"))
        connection().execute(text("UPDATE alembic_version SET version_num = '9999'"))
        transaction.commit()
    try:
        with pytest.raises(ConfigurationError, match="newer than this version"):
            database.upgrade()
    finally:
        with database.transaction(write=True) as transaction:
            connection().execute(text("UPDATE alembic_version SET version_num = :current"), {"current": current})
            transaction.commit()


def test_a_file_that_is_no_database_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database " * 100)
    with pytest.raises(ConfigurationError, match=r"cannot be used: file is not a database\.$"):
        Database(f"sqlite:///{tmp_path / 'notes.txt'}").upgrade()


def test_an_unreachable_server_is_told_without_its_password() -> None:
    with pytest.raises(ConfigurationError, match="cannot be used") as error:
        Database("postgresql+psycopg://ana:secret@127.0.0.1:1/recado").upgrade()
    assert "secret" not in str(error.value)


def test_what_is_not_committed_never_was(database: Database) -> None:
    with database.transaction(write=True):
        ana = add_account("Ana")
    with database.transaction(write=False):
        assert accounts_named(ana.name) == []


def test_sqlite_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    with database.transaction(write=False):
        pragmas = {
            name: connection().scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_writers_wait_for_each_other(database: Database) -> None:
    with database.transaction(write=True) as transaction:
        ana = add_account("Ana")
        transaction.commit()

    def add(number: int) -> None:
        with database.transaction(write=True) as transaction:
            add_todo(ana, f"To-do {number}")
            transaction.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    with database.transaction(write=False):
        assert len(todos_of(ana)) == 40


def test_a_change_of_what_changed_meanwhile_is_a_conflict(database: Database) -> None:
    with database.transaction(write=True):
        ana = add_account("Ana")
        todo = add_todo(ana, "Buy milk").todos[0]
        change_todo(ana, todo, title="Buy bread")
        with pytest.raises(Conflict):
            change_todo(ana, todo, title="Buy eggs")


def test_each_real_change_makes_a_new_version(database: Database) -> None:
    with database.transaction(write=True):
        ana = add_account("Ana")
        todo = add_todo(ana, "Buy milk").todos[0]
        assert not change_todo(ana, todo, title="Buy milk", completed_at=None)
        assert change_todo(ana, todo, completed_at=now()).todos[0].version == 2


def test_a_to_do_is_found_by_its_owner_alone(database: Database) -> None:
    with database.transaction(write=True):
        ana, bob = add_account("Ana"), add_account("Bob")
        todo = add_todo(ana, "Buy milk").todos[0]
        assert find_todo(ana, todo.id).title == "Buy milk"
        with pytest.raises(Missing):
            find_todo(bob, todo.id)


def test_forgetting_an_account_takes_all_that_is_its_own_and_nothing_else(database: Database) -> None:
    with database.transaction(write=True):
        ana, bob = add_account("Ana"), add_account("Bob")
        add_todo(ana, "Buy milk")
        add_todo(bob, "Sleep")
        token = add_token(ana)
        forget_guest(ana)
        assert find_bearer(token) is None
        assert list(todos_of(ana)) == []
        assert [todo.title for todo in todos_of(bob)] == ["Sleep"]


def test_a_token_is_stored_as_a_hash_only(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    with database.transaction(write=True) as transaction:
        ana = add_account("Ana")
        token = add_token(ana)
        assert (found := find_bearer(token))
        assert found.account == ana
        assert len(tokens_of(ana)) == 1
        transaction.commit()
    dump = "\n".join(sqlite3.connect(path).iterdump())
    assert token not in dump
    assert token.removeprefix("recado_") not in dump
