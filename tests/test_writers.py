"""Who writes, and who waits: writers of a process in line, pages for nobody, and nobody for a refused form."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from tests.conftest import Visitor
from tests.support.clients import Page
from tests.support.workers import at_once, begin, waits
from webapp.db import Busy, Database, connection
from webapp.engines import Line, SQLiteConnection


@contextmanager
def somebody_writes(database: Database, statement: str = "UPDATE account SET name = name") -> Iterator[None]:
    """Somebody else holds what writers wait for."""
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        with database.transaction(write=True):
            connection().execute(text(statement))
            held.set()
            go.wait(20)

    writer = threading.Thread(target=hold)
    writer.start()
    held.wait(20)
    try:
        yield
    finally:
        go.set()
        writer.join()


def test_writers_of_a_process_come_one_after_the_other_and_none_is_left_out(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    with database.transaction(write=True) as transaction:
        connection().execute(text("CREATE TABLE number (n INTEGER)"))
        connection().execute(text("INSERT INTO number VALUES (0)"))
        transaction.commit()

    def add(number: int) -> None:
        with database.transaction(write=True) as transaction:
            (n,) = connection().execute(text("SELECT n FROM number")).one()
            connection().execute(text("UPDATE number SET n = :n"), {"n": n + 1})
            if number % 5:
                transaction.commit()
            elif number % 2:
                transaction.rollback()

    at_once(100, add, 16)
    with database.transaction(write=False):
        assert connection().execute(text("SELECT n FROM number")).scalar_one() == 80
    database.engine.dispose()


def test_what_can_wait_for_another_time_does_not_wait_for_a_writer(any_app: Flask) -> None:
    database: Database = any_app.extensions["database"]
    Page(any_app).enter()
    with somebody_writes(database), database.transaction(write=False):
        begun = time.monotonic()
        with pytest.raises(Busy), database.writing(wait=0.05):
            connection().execute(text("UPDATE account SET name = name"))
        assert time.monotonic() - begun < 1


def test_a_page_with_messages_is_shown_while_somebody_writes_and_the_messages_come_later(ana: Visitor) -> None:
    if type(ana) is not Page:
        return  # what is shown with an answer of its own needs no page
    ana.go("/todos")
    token = ana.typed("csrf_token")
    answer = ana.http.post(
        "/todos", data={"title": "Buy milk", "csrf_token": token}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 303
    with somebody_writes(ana.app.extensions["database"], "UPDATE session_entry SET version = version"):
        begun = time.monotonic()
        ana.go("/todos")
        assert time.monotonic() - begun < 2
        assert ana.answer.status_code == 200
        assert ana.titles() == ["Buy milk"]
        assert ana.alert() == ""
    ana.go("/todos")
    assert ana.alert() == "Added “Buy milk”."
    ana.go("/todos")
    assert ana.alert() == ""


def test_a_refused_form_lets_others_write_while_it_is_shown_again(
    ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    database: Database = ana.app.extensions["database"]
    wrote: list[bool] = []
    rendered = ana.app.jinja_env.globals["waiting_alerts"]

    def write_meanwhile() -> object:
        def write() -> None:
            with database.transaction(write=True) as transaction:
                connection().execute(text("UPDATE account SET name = name"))
                transaction.commit()
            wrote.append(True)

        other = threading.Thread(target=write)
        other.start()
        other.join(3)
        return rendered()  # type: ignore[operator]

    ana.open()
    monkeypatch.setitem(ana.app.jinja_env.globals, "waiting_alerts", write_meanwhile)
    answer = ana.ask("POST", "/todos", {"title": ""})
    assert answer.status_code == 422
    if type(ana) is Page:
        assert wrote == [True]


def test_a_writer_that_comes_again_at_once_lets_those_who_wait_go_first(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    order: list[str] = []

    def write(name: str) -> None:
        with database.transaction(write=True):
            connection().execute(text("SELECT 1"))
            order.append(name)

    for _ in range(10):
        with database.transaction(write=True):
            connection().execute(text("SELECT 1"))
            second = begin(lambda: write("second"))
            assert waits(second, 0.02)
            third = begin(lambda: write("third"))
            assert waits(third, 0.02)
        write("fourth")
        second.result()
        third.result()
    assert order == ["second", "third", "fourth"] * 10
    database.engine.dispose()


def test_waiting_in_line_and_for_other_processes_takes_no_longer_together_than_was_said(tmp_path: Path) -> None:
    path = tmp_path / "test.sqlite3"
    database = Database(f"sqlite:///{path}")
    with database.transaction(write=False):
        connection().execute(text("SELECT 1"))
    with closing(sqlite3.connect(path, isolation_level=None)) as another_process:
        another_process.execute("BEGIN IMMEDIATE")

        def wait(seconds: float) -> float:
            begun = time.monotonic()
            with pytest.raises(Busy), database.transaction(write=False), database.writing(wait=seconds):
                connection().execute(text("SELECT 1"))
            return time.monotonic() - begun

        for waited, most in zip(at_once(3, lambda number: wait((number + 2) / 10)), (0.2, 0.3, 0.4), strict=True):
            assert waited < most + 0.15
    database.engine.dispose()


def test_a_connection_that_cannot_be_closed_does_not_stop_the_line(tmp_path: Path) -> None:
    line = Line()
    opened = sqlite3.connect(tmp_path / "test.sqlite3", isolation_level=None, factory=SQLiteConnection)
    opened.line = line
    opened.begin_writing(1)

    def close() -> None:
        with pytest.raises(sqlite3.ProgrammingError):  # SQLite's connections are closed by their own thread
            opened.close()

    begin(close).result()
    assert line.enter(0)
    opened.rollback()
    opened.close()
