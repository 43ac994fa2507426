"""A client that follows the changes of a list has the same list: nothing is missed, whoever writes meanwhile."""

import json
import random
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.conftest import running
from tests.support import postgresql
from tests.support.clients import Program, account_named, next_page
from webapp.db import Conflict, Database, connection, now
from webapp.engines import is_wait_in_vain
from webapp.http.retries import is_collision
from webapp.models.accounts.account import AccountRow, add_account, forget_guest
from webapp.models.housekeeping import prune_expired
from webapp.models.todos.bulk import bring_along, complete_todos
from webapp.models.todos.epoch import EpochEnd, begin_epoch
from webapp.models.todos.positions import MOVES, move_todo
from webapp.models.todos.sync import TOMBSTONE_AGE, Tombstone, news_of
from webapp.models.todos.todo import Todo, find_todo
from webapp.models.todos.trash import clear_completed, delete_todo, destroy_todo, empty_trash, restore_todo
from webapp.models.todos.write import add_todo, add_todos, change_todo
from webapp.upgrade import MIGRATIONS


@pytest.fixture
def ana(any_app: Flask) -> Program:
    """Ana's program, on each engine."""
    visitor = Program(any_app)
    visitor.enter()
    return visitor


@pytest.fixture
def database(any_app: Flask) -> Database:
    database: Database = any_app.extensions["database"]
    return database


class Follower:
    """A client that keeps a copy of the list by following its changes."""

    def __init__(self, program: Program, limit: int) -> None:
        self.program, self.limit = program, limit
        self.cursor: str | None = None
        self.copy: dict[str, Any] = {}

    def follow(self) -> list[tuple[str, bool]]:
        """Ask once for what is new; returns the ids, and whether each is deleted."""
        since = f"&since={self.cursor}" if self.cursor else ""
        answer = self.program.call("GET", f"/changes?limit={self.limit}{since}")
        assert self.program.status == 200
        for change in answer["changes"]:
            if change["deleted"]:
                self.copy.pop(change["id"], None)
            else:
                self.copy[change["id"]] = change["todo"]
        self.cursor, self.more = answer["cursor"], answer["more"]
        return [(change["id"], change["deleted"]) for change in answer["changes"]]

    def catch_up(self) -> list[tuple[str, bool]]:
        seen = self.follow()
        while self.more:
            seen += self.follow()
        return seen

    def todos(self) -> list[Any]:
        return sorted(self.copy.values(), key=lambda todo: (todo["order"], todo["id"]))


# ---- What is told


def test_creations_edits_and_deletions_are_told_in_their_order(ana: Program) -> None:
    follower = Follower(ana, 100)
    assert follower.catch_up() == []
    ana.add("Buy milk")
    ana.add("Call Rui")
    milk, rui = ana.id_of("Buy milk"), ana.id_of("Call Rui")
    assert follower.catch_up() == [(milk, False), (rui, False)]
    ana.complete("Buy milk")
    assert follower.catch_up() == [(milk, False)]
    assert follower.copy[milk]["completed"] is True
    ana.delete("Call Rui")
    assert follower.catch_up() == [(rui, True)]
    ana.call("POST", f"/trash/{rui}/restore")
    assert follower.catch_up() == [(rui, False)]
    ana.delete("Call Rui")
    ana.call("DELETE", f"/trash/{rui}")
    assert follower.catch_up() == [(rui, True)]
    assert follower.catch_up() == []
    assert follower.todos() == ana.call("GET", "/todos")


def test_what_changes_nothing_is_not_told_and_what_changed_twice_is_told_once(ana: Program) -> None:
    ana.add("Buy milk")
    follower = Follower(ana, 100)
    follower.catch_up()
    ana.edit("Buy milk", "Buy milk")
    assert follower.catch_up() == []
    ana.edit("Buy milk", "Buy jam")
    ana.edit("Buy jam", "Buy bread")
    assert len(follower.catch_up()) == 1
    assert [todo["title"] for todo in follower.todos()] == ["Buy bread"]


def test_a_first_walk_tells_what_is_there_and_of_deletions_only_those_meanwhile(ana: Program) -> None:
    ana.call("POST", "/todos/lines", {"lines": "\n".join("abcdefgh")})
    for title in "abc":
        ana.delete(title)
    ana.call("DELETE", f"/trash/{ana.call('GET', '/trash')[0]['id']}")
    follower = Follower(ana, 2)
    seen = follower.follow()
    ana.delete("e")  # told already
    ana.delete("h")  # not yet
    seen += follower.catch_up()
    assert len([id for id, deleted in seen if deleted]) == 2
    assert [todo["title"] for todo in follower.todos()] == ["d", "f", "g"]


def test_nobody_hears_of_anothers_list(ana: Program) -> None:
    bob = Program(ana.app)
    bob.enter("Bob")
    bob.add("Sleep")
    follower = Follower(ana, 100)
    assert follower.catch_up() == []
    bob.delete("Sleep")
    assert follower.catch_up() == []


def test_while_nothing_happens_the_answer_stays_the_same(ana: Program) -> None:
    ana.add("Buy milk")
    first = ana.call("GET", "/changes")
    tag = ana.answer.headers["ETag"]
    ana.call("GET", "/changes", headers={"If-None-Match": tag})
    assert ana.status == 304
    again = ana.call("GET", f"/changes?since={first['cursor']}")
    assert again == {"changes": [], "cursor": first["cursor"], "more": False}


# ---- Cursors


def cursor_of(app: Flask, age: int, since: list[int]) -> str:
    with app.extensions["database"].transaction(write=False):
        epoch = connection().execute(text("SELECT epoch FROM account WHERE name = 'Ana'")).scalar()
    place = [now().date().toordinal() - age, [*since, epoch]]
    return str(
        app.extensions["recado_serializers"]["cursor"].dumps(["changes", None, account_named(app, "Ana").id.hex, place])
    )


def place_of(app: Flask, cursor: str) -> tuple[int, list[int]]:
    """The age of a cursor in days, and the numbers in it."""
    day, since = app.extensions["recado_serializers"]["cursor"].loads(cursor)[-1]
    return now().date().toordinal() - day, since[:2]


def test_a_cursor_is_good_for_thirty_days(ana: Program) -> None:
    ana.add("Buy milk")
    assert len(ana.call("GET", f"/changes?since={cursor_of(ana.app, 30, [0, 0])}")["changes"]) == 1
    ana.call("GET", f"/changes?since={cursor_of(ana.app, 32, [0, 0])}")
    assert ana.status == 410
    assert ana.problem(ana.answer) == "This cursor is more than 30 days old. Start anew without since."


def test_a_cursor_from_before_a_backup_was_restored_is_not_believed(ana: Program) -> None:
    ana.add("Buy milk")
    assert ana.call("GET", f"/changes?since={cursor_of(ana.app, 0, [1, 0])}")["changes"] == []
    ana.call("GET", f"/changes?since={cursor_of(ana.app, 0, [2, 0])}")
    assert ana.status == 410
    assert "restored from a backup" in ana.problem(ana.answer)


# What is done after a backup: before it is restored, which a client is told of, and then again.
HISTORIES = {
    "nothing, nothing": ("", ""),
    "nothing, more": ("", "aaa"),
    "one, nothing": ("a", ""),
    "one, one": ("a", "a"),
    "one, more": ("a", "aaa"),
    "more, one": ("aaa", "a"),
    "changed twice": ("cc", "cccc"),
    "added and edited": ("aa", "aeee"),
    "gone for good": ("a", "adx"),
    "gone before": ("dx", "aaaa"),
}


def do(ana: Program, letters: str) -> None:
    """Add, complete or reopen, edit, delete, delete for good."""
    for letter in letters:
        last = ana.call("GET", "/todos?order=-created_at&limit=1")[0] if letter not in "ax" else {}
        if letter == "a":
            ana.add(f"To-do {len(ana.titles())}")
        elif letter == "c":
            ana.call("PATCH", f"/todos/{last['id']}", {"completed": not last["completed"]})
        elif letter == "e":
            ana.call("PATCH", f"/todos/{last['id']}", {"title": last["title"] + "!"})
        elif letter == "d":
            ana.call("DELETE", f"/todos/{last['id']}")
        else:
            ana.call("DELETE", "/trash")


@pytest.mark.parametrize(("lost", "anew"), HISTORIES.values(), ids=HISTORIES)
@pytest.mark.parametrize("restarts", [0, 1])
def test_a_client_that_was_told_what_is_lost_starts_anew_and_no_other(
    tmp_path: Path, lost: str, anew: str, restarts: int
) -> None:
    file = tmp_path / "test.sqlite3"
    cursors: list[tuple[str, bool]] = []
    token = backup = b""
    for number in range(4 + restarts):
        for app in running(tmp_path, f"sqlite:///{file}"):
            ana = Program(app)
            if number == 0:
                ana.enter()
                token = ana.token.encode()
                do(ana, "aa")
            ana.token = token.decode()
            if number == 1 + restarts:
                cursors.append((ana.call("GET", "/changes")["cursor"], True))
                app.extensions["database"].close()
                backup = file.read_bytes()
                do(ana, lost)
                cursors.append((ana.call("GET", "/changes")["cursor"], not lost))
            elif number > 1 + restarts:
                do(ana, anew)
                for cursor, good in cursors:
                    ana.call("GET", f"/changes?since={cursor}")
                    assert ana.status == (200 if good else 410)
                    assert good or "restored from a backup" in ana.problem(ana.answer)
                cursors.append((ana.call("GET", "/changes")["cursor"], True))
            app.extensions["database"].close()
        if number == 1 + restarts:
            file.write_bytes(backup)


def test_a_cursor_is_good_however_often_a_server_starts(any_app: Flask) -> None:
    ana = Program(any_app)
    ana.enter()
    cursor = ana.call("GET", "/changes")["cursor"]
    for number in range(6):
        with any_app.extensions["database"].transaction(write=True) as transaction:
            begin_epoch()
            transaction.commit()
        if number % 2:
            ana.add(f"To-do {number}")
        told = ana.call("GET", f"/changes?since={cursor}")
        assert [change["todo"]["title"] for change in told["changes"]] == [f"To-do {number}"] * (number % 2)
        cursor = told["cursor"]


def test_the_ends_of_epochs_go_when_nobody_can_speak_of_them(ana: Program) -> None:
    database = ana.app.extensions["database"]
    for _ in range(3):
        with database.transaction(write=True) as transaction:
            begin_epoch()
            transaction.commit()
        ana.add("Buy milk")
    for age, left in ((31, 2), (33, 0)):
        with database.transaction(write=True) as transaction:
            connection().execute(update(EpochEnd).values(ended_at=now() - timedelta(days=age)))
            transaction.commit()
        prune_expired(database)
        with database.transaction(write=False):
            assert connection().execute(select(func.count()).select_from(EpochEnd)).scalar() == left


def test_a_cursor_stays_as_old_as_it_is_until_all_is_told(ana: Program) -> None:
    ana.add("Buy milk")
    ana.add("Call Rui")
    first = ana.call("GET", f"/changes?limit=1&since={cursor_of(ana.app, 20, [0, 0])}")
    assert place_of(ana.app, first["cursor"]) == (20, [1, 0])
    second = ana.call("GET", f"/changes?limit=1&since={first['cursor']}")
    assert place_of(ana.app, second["cursor"]) == (0, [2, 0])


@pytest.mark.parametrize("cursor", ["", "x", "%00", "WyJ0b2RvcyJd", "…", "todos", "cut"])
def test_a_damaged_cursor_is_refused(program: Program, cursor: str) -> None:
    if cursor == "todos":
        program.call("POST", "/todos/lines", {"lines": "a\nb"})
        program.call("GET", "/todos?limit=1")
        cursor = program.answer.headers["Link"].partition("cursor=")[2].partition(">")[0]
    elif cursor == "cut":
        cursor = program.call("GET", "/changes")["cursor"][:-1]
    answer = program.call("GET", f"/changes?since={cursor}")
    assert program.status == 422
    said = "This is no cursor of this list. Start anew without one."
    assert answer["errors"] == [{"detail": said, "parameter": "since"}]


def test_anothers_cursor_is_refused_instead_of_leaving_out_what_is_new(ana: Program) -> None:
    ana.call("POST", "/todos/lines", {"lines": "a\nb\nc"})
    cursor = ana.call("GET", "/changes")["cursor"]
    ana.call("GET", "/todos?limit=1")
    page = str(next_page(ana.answer)).partition("/api/v1")[2]
    bob = Program(ana.app)
    bob.enter("Bob")
    bob.add("Sleep")
    for path, parameter in ((f"/changes?since={cursor}", "since"), (page, "cursor")):
        answer = bob.call("GET", path)
        assert (bob.status, answer["errors"][0]["parameter"]) == (422, parameter)
        ana.call("GET", path)
        assert ana.status == 200


def test_tombstones_are_kept_longer_than_any_cursor_is_good(ana: Program, database: Database) -> None:
    for title in ("old", "new"):
        ana.add(title)
        id = ana.id_of(title)
        ana.delete(title)
        ana.call("DELETE", f"/trash/{id}")
    with database.transaction(write=True) as transaction:
        first = connection().execute(select(Tombstone).order_by(Tombstone.sequence).limit(1)).one()
        assert abs(first.deleted_at - now()) < timedelta(minutes=1)
        old = now() - TOMBSTONE_AGE
        connection().execute(update(Tombstone).where(Tombstone.sequence == first.sequence).values(deleted_at=old))
        transaction.commit()
    prune_expired(database)
    since = cursor_of(ana.app, 0, [0, 0])
    assert [change["id"] for change in ana.call("GET", f"/changes?since={since}")["changes"]] == [id]


# ---- Numbers


def numbers(account: AccountRow) -> list[int]:
    query = select(Todo.sequence).where(Todo.account_id == account.id).order_by(Todo.sequence)
    return list(connection().execute(query).scalars())


def test_every_write_gets_the_next_number_and_no_two_the_same(database: Database) -> None:
    with database.transaction(write=True):
        ana = add_account("Ana")
        todos = add_todos(ana, ["a", "b", "c"]).todos
        assert numbers(ana) == [1, 2, 3]
        complete_todos(ana, completed=True)
        assert numbers(ana) == [4, 5, 6]
        change_todo(ana, find_todo(ana, todos[0].id), title="A")
        assert numbers(ana) == [5, 6, 7]
        clear_completed(ana)
        assert numbers(ana) == [8, 9, 10]
        empty_trash(ana, now())
        gone = list(connection().execute(select(Tombstone.sequence).order_by(Tombstone.sequence)).scalars())
        assert (numbers(ana), gone) == ([], [11, 12, 13])


def test_an_account_that_goes_leaves_no_tombstones(database: Database) -> None:
    with database.transaction(write=True):
        ana, bob = add_account("Ana"), add_account("Bob")
        for account in (ana, bob):
            destroy_todo(account, delete_todo(account, add_todo(account, "Buy milk").todos[0]).todos[0])
            add_todo(account, "Sleep")
        forget_guest(ana)
        assert list(connection().execute(select(Tombstone.account_id)).scalars()) == [bob.id]


def test_a_guests_list_comes_as_changes_of_the_account_that_takes_it_over(database: Database) -> None:
    with database.transaction(write=True):
        guest, ana = add_account("Guest"), add_account("Ana")
        add_todo(ana, "Sleep")
        theirs = add_todos(guest, ["Buy milk", "Call Rui"]).todos
        delete_todo(guest, theirs[1])
        known = news_of(ana, None, 10).since
        bring_along(guest, ana)
        forget_guest(guest)
        news = news_of(ana, known, 10)
        assert sorted((id, bool(todo)) for id, todo in news.changes) == [(theirs[0].id, True), (theirs[1].id, False)]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_what_was_there_before_gets_numbers_too(engine: str, request: pytest.FixtureRequest, tmp_path: Any) -> None:
    if engine == "sqlite":
        upgrade_from_before(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    else:
        with postgresql.database(request.getfixturevalue("postgresql_url"), f"old_{uuid4().hex}") as url:
            upgrade_from_before(url)


def upgrade_from_before(url: str) -> None:
    database = Database(url)
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(MIGRATIONS))
    with database.transaction(write=True) as transaction:
        settings.attributes["connection"] = connection()
        command.upgrade(settings, "0003")
        for name in ("Ana", "Bob"):
            account = uuid4()
            there = {"id": account.hex, "name": name, "now": "2026-11-20 10:00:00.000000+00:00"}
            connection().execute(text("INSERT INTO account (id, name, created_at) VALUES (:id, :name, :now)"), there)
            for position in (1, 2):
                row = {**there, "id": uuid4().hex, "account": account.hex, "position": position}
                columns = "id, account_id, title, position, created_at, updated_at, version"
                values = ":id, :account, :name, :position, :now, :now, 1"
                connection().execute(text(f"INSERT INTO todo ({columns}) VALUES ({values})"), row)
        transaction.commit()
    database.upgrade()
    with database.transaction(write=True):
        owners = connection().execute(text("SELECT id, sequence FROM account")).all()
        assert [owner.sequence for owner in owners] == [4, 4]  # twice: later their positions changed
        rows = connection().execute(text("SELECT sequence FROM todo ORDER BY account_id, sequence")).scalars()
        assert list(rows) == [3, 4, 3, 4]
    database.engine.dispose()


# ---- The walk

WRITES, WRITERS = 5000, 4


def write(chance: random.Random, account: AccountRow) -> None:
    """One random change, as any verb makes it."""
    rows = connection().execute(select(Todo.id, Todo.deleted_at.is_(None)).where(Todo.account_id == account.id)).all()
    listed, trashed = ([id for id, is_listed in rows if is_listed == wanted] for wanted in (True, False))
    verbs = ["add"] * (3 if len(listed) < 30 else 1)
    verbs += ["rename", "rename", "complete", "move", "delete", "delete"] * bool(listed)
    verbs += ["restore"] * bool(trashed) + ["destroy"] * (3 if len(trashed) > 10 else 0)
    verb = "clear" if chance.random() < 0.01 else "all" if chance.random() < 0.01 else chance.choice(verbs)
    if verb == "add":
        add_todo(account, f"To-do {chance.random()}")
    elif verb == "clear":
        clear_completed(account)
    elif verb == "all":
        complete_todos(account, completed=chance.random() < 0.5)
    else:
        todo = find_todo(account, chance.choice(trashed if verb in ("restore", "destroy") else listed), deleted=True)
        if verb == "rename":
            change_todo(account, todo, title=f"To-do {chance.random()}")
        elif verb == "complete":
            change_todo(account, todo, completed_at=None if todo.completed_at else now())
        elif verb == "move":
            move_todo(account, todo, chance.choice(MOVES))
        elif verb == "delete":
            delete_todo(account, todo)
        elif verb == "restore":
            restore_todo(account, todo)
        else:
            destroy_todo(account, todo)


def keep_writing(database: Database, account: AccountRow, seed: int) -> int:
    """Random changes, some in a transaction; one that collides with another's is undone and another tried."""
    chance, done = random.Random(seed), 0
    while done < WRITES // WRITERS:
        with database.transaction(write=True) as transaction:
            some = chance.randint(1, 50)
            try:
                for _ in range(some):
                    write(chance, account)
                transaction.commit()
                done += some
            except (Conflict, LookupError, DBAPIError) as error:
                if not (isinstance(error, LookupError) or is_collision(error) or is_wait_in_vain(error)):
                    raise
    return done


def test_whoever_follows_thousands_of_random_writes_by_others_ends_with_the_same_list(
    ana: Program, database: Database
) -> None:
    account = account_named(ana.app, "Ana")
    early, late = Follower(ana, 37), Follower(ana, 500)
    asked = 0
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(keep_writing, database, account, seed) for seed in range(WRITERS)]
        while wait(writers, timeout=0.02).not_done:
            early.follow()
            asked += 1
            if asked > 20:
                late.follow()
        assert sum(writer.result() for writer in writers) >= WRITES
    whole = ana.call("GET", "/todos?limit=500")
    assert len(whole) < 500
    for follower in (early, late):
        follower.catch_up()
        assert json.dumps(follower.todos()) == json.dumps(whole)
