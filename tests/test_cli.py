"""The commands of `flask --app wsgi`, and what the server does of them by itself."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.conftest import running
from tests.support.clients import Page, Program
from tests.support.people import register
from webapp.db import connection, now
from webapp.models import housekeeping
from webapp.models.sessions.session import BrowserSession, add_session
from webapp.models.sessions.submission import Submission
from webapp.models.todos.todo import Todo
from webapp.models.todos.undo_entry import UndoEntry


def test_a_token_is_made_for_a_new_account(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["token", "create", "Ana"])
    assert result.exit_code == 0
    program = Program(app)
    program.token = result.output.strip()
    assert program.call("POST", "/todos", {"title": "Buy milk"})["title"] == "Buy milk"


def test_a_token_is_made_for_the_account_of_that_name(app: Flask) -> None:
    ana = Page(app)
    ana.enter("Ana")
    ana.add("Buy milk")
    program = Program(app)
    program.token = app.test_cli_runner().invoke(args=["token", "create", "Ana"]).output.strip()
    assert program.titles() == ["Buy milk"]


def test_of_two_of_the_same_name_none_is_guessed_at(app: Flask) -> None:
    for _ in range(2):
        Page(app).enter("Ana")
    result = app.test_cli_runner().invoke(args=["token", "create", "Ana"])
    assert result.exit_code == 1
    assert "2 accounts have this name" in result.output


def test_a_name_that_the_page_refuses_is_refused_here_too(app: Flask) -> None:
    for name in ("", "  ", "x" * 61, "a\tb"):
        result = app.test_cli_runner().invoke(args=["token", "create", name])
        assert result.exit_code == 1
        assert result.output.startswith("Error: ")


def test_what_has_expired_is_deleted_by_hand(app: Flask) -> None:
    ana = Page(app)
    ana.enter()
    ana.add("Buy milk")
    ana.delete("Buy milk")
    long_ago = now() - timedelta(days=400)
    with app.extensions["database"].transaction(write=True) as transaction:
        connection().execute(update(BrowserSession).values(expires_at=long_ago))
        connection().execute(update(Submission).values(created_at=long_ago))
        connection().execute(update(UndoEntry).values(created_at=long_ago))
        connection().execute(update(Todo).values(deleted_at=long_ago))
        transaction.commit()
    run = app.test_cli_runner().invoke
    assert run(args=["sessions", "prune"]).output == "Deleted 5 expired rows.\n"  # a name and a to-do were sent
    assert run(args=["trash", "prune"]).output == "Deleted 1 to-dos for good.\n"
    assert run(args=["sessions", "prune"]).output == "Deleted 0 expired rows.\n"


def test_the_server_tidies_up_by_itself(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = iter([None, None])
    monkeypatch.setattr(housekeeping.time, "sleep", lambda _: next(turns))
    with app.extensions["database"].transaction(write=True) as transaction:
        add_session(b"x" * 32)
        connection().execute(update(BrowserSession).values(expires_at=now()))
        transaction.commit()
    with pytest.raises(StopIteration):
        housekeeping.keep_tidy(app.extensions["database"])
    with app.extensions["database"].transaction(write=False):
        assert connection().execute(select(BrowserSession)).all() == []


def test_a_backup_takes_the_place_of_the_one_before_and_holds_everything(app: Flask, tmp_path: Path) -> None:
    ana, file = Page(app), tmp_path / "copies" / "recado.sqlite3"
    file.parent.mkdir()
    ana.enter("Ana")
    for title in ("Buy milk", "Call Rui"):
        ana.add(title)
        result = app.test_cli_runner().invoke(args=["backup", str(file)])
        assert (result.exit_code, result.output) == (0, f"Copied the database to {file}.\n")
        assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["recado.sqlite3"]
    for restored in running(tmp_path, f"sqlite:///{file}"):
        ana.http = restored.test_client()
        program = Program(restored)
        program.token = restored.test_cli_runner().invoke(args=["token", "create", "Ana"]).output.strip()
        assert program.titles() == ["Buy milk", "Call Rui"]


def test_a_backup_that_cannot_be_written_is_told_in_a_sentence(app: Flask, tmp_path: Path) -> None:
    result = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "nowhere" / "copy.sqlite3")])
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "No such file or directory" in result.output


@pytest.mark.parametrize("guests", [False, True])
def test_everybody_can_be_logged_out_and_guests_keep_their_lists_unless_asked(app: Flask, guests: bool) -> None:
    ana, guest = Page(app), Page(app)
    register(ana)
    guest.enter("Bob")
    result = app.test_cli_runner().invoke(args=["sessions", "end", *(["--guests"] if guests else [])])
    assert result.output == f"Ended {2 if guests else 1} sessions.\n"
    ana.go("/todos")
    assert ana.url == "/?next=/todos"
    guest.go("/todos")
    assert (guest.url == "/todos") == (not guests)
