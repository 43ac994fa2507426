"""A database of an earlier version opens, and everything in it is there."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import insert, select

from tests.support import postgresql
from webapp.db import Database, connection, now
from webapp.models.accounts.account import Account, AccountRow
from webapp.models.accounts.token import Token, find_bearer, hash_of
from webapp.models.sessions.session import BrowserSession, find_session
from webapp.models.todos.sync import news_of
from webapp.models.todos.todo import Todo, count_todos
from webapp.models.todos.trash import count_trash
from webapp.models.todos.undo import undo_change
from webapp.models.todos.undo_entry import UndoEntry
from webapp.models.todos.write import add_todos
from webapp.upgrade import MIGRATIONS

SECRET = "recado_" + "x" * 43


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_what_the_version_of_20_november_wrote_is_there(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if engine == "sqlite":
        upgrade_from_0005(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    else:
        with postgresql.database(request.getfixturevalue("postgresql_url"), f"old_{uuid4().hex}") as url:
            upgrade_from_0005(url)


def upgrade_from_0005(url: str) -> None:
    database = Database(url)
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(MIGRATIONS))
    with database.transaction(write=True) as transaction:
        settings.attributes["connection"] = connection()
        command.upgrade(settings, "0005")
        guest, entry = write()
        transaction.commit()
    database.upgrade()
    with database.transaction(write=True):
        known = find_session(hash_of(SECRET))
        assert known
        assert known.account
        account = known.account
        assert (account.id, account.name, account.is_guest, account.todo_count) == (guest, "Ana", True, 4)
        assert tuple(count_todos(account)) == (2, 1)
        assert count_trash(account) == 1
        bearer = find_bearer(SECRET)
        assert bearer
        assert bearer.account == account
        undone = undo_change(account, entry)
        assert [todo.title for todo in undone.edits.todos] == ["Completed"]
        assert tuple(count_todos(account)) == (3, 0)
        told = news_of(account, None, 10)
        assert told
        assert told.since.sequence == 9  # 4 as they were added, 4 as they got positions with gaps, 1 as it was reopened
        add_todos(account, ["One more"])
        assert read(guest).todo_count == 5
    database.engine.dispose()


def read(id: UUID) -> AccountRow:
    columns = (getattr(Account, name) for name in AccountRow._fields)
    return AccountRow(*connection().execute(select(*columns).where(Account.id == id)).one())


def write() -> tuple[UUID, UUID]:
    """A guest with a list, an undo entry, a session and a token, as that version kept them."""
    guest, entry = uuid4(), uuid4()
    run = connection().execute
    run(insert(Account).values(id=guest, name="Ana"))
    moment = now() - timedelta(minutes=5)
    for position, (title, completed, deleted) in enumerate(
        [("First", None, None), ("Second", None, None), ("Completed", moment, None), ("Deleted", None, moment)]
    ):
        values = {"id": uuid4(), "account_id": guest, "title": title, "position": position}
        run(insert(Todo).values(values | {"completed_at": completed, "deleted_at": deleted}))
        if completed:
            columns = {str(values["id"]): {"completed_at": [None, moment.isoformat()]}}
            run(insert(UndoEntry).values(id=entry, account_id=guest, columns=json.dumps(columns)))
    run(insert(Token).values(account_id=guest, token_hash=hash_of(SECRET), name="phone", may_write=True))
    session = {"account_id": guest, "token_hash": hash_of(SECRET), "expires_at": now() + timedelta(days=1)}
    run(insert(BrowserSession).values(session))
    return guest, entry
