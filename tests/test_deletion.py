"""Leaving: shut at once, kept by logging in, gone after a week with every row; and never without anybody to run it."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Column, Table, insert, select, update

from tests.support.clients import Fragment, Page, Program, TextPage
from tests.support.people import PASSWORD, log_in, register, user_names
from webapp.db import Base, Database, connection, now
from webapp.models.accounts.account import Account, AccountRow
from webapp.models.accounts.account_deletion import LEAVING_AGE, leave
from webapp.models.accounts.login import register_account
from webapp.models.accounts.token import add_token
from webapp.models.housekeeping import prune_expired

SHUT = "Your account is shut. Log in within 7 days to keep it; then it is deleted."


@pytest.fixture(params=[Page, TextPage, Fragment], ids=lambda kind: kind.__name__)
def ana(request: pytest.FixtureRequest, any_app: Flask) -> Page:
    """Ana has an account, in a house that others administer."""
    first: Page = Page(any_app)
    register(first, "first")
    visitor: Page = request.param(any_app)
    visitor.go("/")
    register(visitor, "ana")
    return visitor


def ask_to_leave(visitor: Page, name: str = "ana", password: str = PASSWORD) -> None:
    visitor.go("/settings")
    visitor.follow("Delete my account")
    visitor.press("Delete my account", user_name=name, password=password)


def let_days_pass(app: Flask, days: int) -> None:
    with app.extensions["database"].transaction(write=True) as transaction:
        for row in connection().execute(select(Account).where(Account.leaving_at.is_not(None))).all():
            moved = update(Account).where(Account.id == row.id)
            connection().execute(moved.values(leaving_at=row.leaving_at - timedelta(days=days)))
        transaction.commit()


# ---- Shut at once


def test_every_door_is_shut_at_once(ana: Page) -> None:
    ana.add("My secret")
    elsewhere = type(ana)(ana.app)
    log_in(elsewhere)
    program = Program(ana.app)
    with ana.app.extensions["database"].transaction(write=True) as transaction:
        program.token = add_token(connection().execute(select(Account).where(Account.user_name == "ana")).one())  # type: ignore[arg-type]
        transaction.commit()
    assert program.titles() == ["My secret"]
    ask_to_leave(ana)
    assert ana.status == (200 if isinstance(ana, Fragment) else 303)
    assert ana.answers[0].headers["Clear-Site-Data"] == '"cache", "storage"'
    assert (ana.url, ana.alert()) == ("/", SHUT)
    for visitor in (ana, elsewhere):
        visitor.open()
        assert visitor.url.startswith("/?next=")
        assert "My secret" not in visitor.answer.text
    program.call("GET", "/todos")
    assert program.status == 401


def test_logging_in_within_a_week_keeps_everything(ana: Page) -> None:
    ana.add("Buy milk")
    ask_to_leave(ana)
    let_days_pass(ana.app, 6)
    assert ana.app.test_cli_runner().invoke(args=["sessions", "prune"]).exit_code == 0
    log_in(ana)
    assert "Your account stays: it will not be deleted." in ana.alert()
    assert ana.titles() == ["Buy milk"]
    let_days_pass(ana.app, 30)
    ana.app.test_cli_runner().invoke(args=["sessions", "prune"])
    ana.open()
    assert ana.titles() == ["Buy milk"]


def test_after_a_week_the_account_is_gone_and_its_user_name_free(ana: Page) -> None:
    ana.add("My secret")
    ask_to_leave(ana)
    let_days_pass(ana.app, 7)
    ana.app.test_cli_runner().invoke(args=["sessions", "prune"])
    assert user_names(ana.app) == ["first"]
    log_in(ana)
    assert ana.error() == "The user name or the password is wrong."
    register(ana)
    assert (ana.url, ana.titles()) == ("/todos", [])


# ---- Asked first


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("first", PASSWORD, "You are logged in by another user name."),
        ("", PASSWORD, "Write your user name."),
        ("ana", "seven small boats at ten", "The password is wrong."),
        ("ana", "", "Write your password."),
    ],
)
def test_a_slip_is_said_beside_its_field_and_deletes_nothing(ana: Page, name: str, password: str, said: str) -> None:
    ask_to_leave(ana, name, password)
    assert (ana.status, ana.error()) == (422, said)
    assert ana.typed("user_name") == name
    assert PASSWORD not in ana.answer.text
    ana.open()
    assert ana.url == "/todos"


def test_the_user_name_may_be_typed_in_any_way_that_one_may_log_in_by(ana: Page) -> None:
    ask_to_leave(ana, " ANA ")
    assert ana.alert() == SHUT


def test_the_password_cannot_be_guessed_here(app: Flask) -> None:
    ana = Page(app)
    register(ana, "ana")
    for _ in range(6):
        ask_to_leave(ana, "ana", "seven small boats at ten")
    assert ana.status == 429
    assert int(ana.answer.headers["Retry-After"]) >= 1


def test_one_may_change_ones_mind(ana: Page) -> None:
    ana.go("/settings/delete")
    ana.follow("Download your data first")
    assert ana.url == "/settings/export"
    ana.go("/settings/delete")
    ana.follow("Keep my account")
    assert ana.url == "/settings"


def test_a_guest_is_led_to_being_forgotten(any_app: Flask) -> None:
    guest = Page(any_app)
    guest.enter()
    guest.go("/settings")
    assert "Delete my account" not in guest.controls()
    guest.go("/settings/delete")
    assert guest.url == "/forget"
    answer = guest.ask("POST", "/settings/delete", {"user_name": "Ana", "password": PASSWORD})
    assert answer.headers["Location"] == "/forget"


# ---- Twice, and at the same moment


def test_a_double_click_leaves_once(ana: Page) -> None:
    ana.go("/settings/delete")
    sent = {"user_name": "ana", "password": PASSWORD, "submission": ana.typed("submission")}
    for _ in range(2):
        answer = ana.ask("POST", "/settings/delete", sent)
        assert answer.status_code in (200, 303, 401)
    ana.go("/")
    assert ana.alert() == SHUT
    log_in(ana)
    assert "Your account stays" in ana.alert()


def test_clicks_at_the_same_moment_leave_once(any_app: Flask) -> None:
    register(Page(any_app), "first")
    ana = Page(any_app)
    register(ana, "ana")
    ana.go("/settings/delete")
    cookie = ana.http.get_cookie("recado")
    assert cookie
    sent = {"user_name": "ana", "password": PASSWORD, "submission": ana.typed("submission")}

    def click(_: int) -> int:
        copy = Page(any_app)
        copy.http.set_cookie("recado", cookie.value)
        copy.url, copy.page = ana.url, ana.page
        return copy.ask("POST", "/settings/delete", sent).status_code

    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(click, range(3))) == {303}
    ana.go("/")
    assert ana.alert() == SHUT


# ---- Somebody has to administer


def test_the_last_administrator_stays_while_others_have_accounts(any_app: Flask) -> None:
    first, other = Page(any_app), Page(any_app)
    register(first, "first")
    first.go("/settings/delete")
    assert "Delete my account" in first.controls()  # there is nobody else
    form = {"user_name": "first", "password": PASSWORD, "submission": first.typed("submission")}
    register(other, "other")
    answer = first.ask("POST", "/settings/delete", form)
    assert answer.status_code == 409
    for text in (answer.text, first.http.get("/settings/delete").text):
        assert "let somebody else administer first" in text
        assert "leave-password" not in text
    assert user_names(any_app) == ["first", "other"]
    with any_app.extensions["database"].transaction(write=True) as transaction:
        connection().execute(update(Account).where(Account.user_name == "other").values(is_admin=True))
        transaction.commit()
    ask_to_leave(first, "first")
    assert first.alert() == SHUT
    other.go("/settings/delete")
    assert "let somebody else administer first" in other.text()


def test_the_last_who_is_alone_may_leave(app: Flask) -> None:
    first = Page(app)
    register(first, "first")
    ask_to_leave(first, "first")
    assert first.alert() == SHUT


def test_who_came_first_after_the_only_administrator_had_left_administers_when_that_is_for_good(any_app: Flask) -> None:
    guest, first, second, third = (Page(any_app) for _ in range(4))
    guest.enter("Guest")
    register(first, "first")
    ask_to_leave(first, "first")
    register(second, "second")
    register(third, "third")

    def after(days: int) -> list[int]:
        let_days_pass(any_app, days)
        assert any_app.test_cli_runner().invoke(args=["sessions", "prune"]).exit_code == 0
        return [visitor.ask("GET", "/admin").status_code for visitor in (guest, second, third)]

    assert after(6) == [404, 404, 404]
    log_in(first, "first")  # who finds no stranger in charge
    assert (after(7), first.ask("GET", "/admin").status_code) == ([404, 404, 404], 200)
    with any_app.extensions["database"].transaction(write=True) as transaction:
        connection().execute(update(Account).where(Account.user_name == "first").values(leaving_at=now()))
        transaction.commit()
    assert after(7) == [404, 200, 404]
    assert after(1) == [404, 200, 404]


def test_of_two_administrators_who_leave_at_the_same_moment_one_stays(any_app: Flask) -> None:
    visitors = [Page(any_app), Page(any_app), Page(any_app)]
    for visitor, name in zip(visitors, ("first", "second", "third"), strict=True):
        register(visitor, name)
    with any_app.extensions["database"].transaction(write=True) as transaction:
        connection().execute(update(Account).where(Account.user_name == "second").values(is_admin=True))
        transaction.commit()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(ask_to_leave, visitors[:2], ("first", "second")))
    assert sorted(visitor.alert() == SHUT for visitor in visitors[:2]) == [False, True]


# ---- Gone


def test_nothing_is_left_of_who_has_left_in_any_table(any_app: Flask) -> None:
    database: Database = any_app.extensions["database"]
    with database.transaction(write=True) as transaction:
        bob = new_account("bob")
        write_into_every_table(bob.id)
        transaction.commit()
    before = everything(database)
    with database.transaction(write=True) as transaction:
        ana = new_account("ana")
        write_into_every_table(ana.id)
        assert leave(ana)
        transaction.commit()
    assert {name for name, rows in everything(database).items() if rows != before[name]} == filled() | {"account"}
    let_days_pass(any_app, LEAVING_AGE.days)
    prune_expired(database)
    assert everything(database) == before


def new_account(name: str) -> AccountRow:
    account = register_account(None, name, "hash")
    assert account
    return account


def filled() -> set[str]:
    """The tables of what belongs to an account; of its sessions, leaving leaves none to wait for."""
    owned = {table.name for table in Base.metadata.sorted_tables if table.foreign_keys}
    assert owned >= {"todo", "token", "change", "submission", "passkey", "recovery_code", "link"}
    return owned - {"browser_session", "session_entry"}


def write_into_every_table(account: UUID) -> None:
    """A row wherever one can belong to an account, or to something of it."""
    made: dict[str, Any] = {"account": account}
    for table in Base.metadata.sorted_tables:
        if table.foreign_keys:
            values = {column.name: example(column, made) for column in table.columns}
            connection().execute(insert(table), values)
            made[table.name] = values.get("id")


def example(column: Column[Any], made: dict[str, Any]) -> Any:
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return made[key.column.table.name]
    kinds = {UUID: uuid4(), bytes: secrets.token_bytes(32), str: secrets.token_hex(8), int: 1, bool: True}
    return kinds.get(column.type.python_type, now() + timedelta(hours=1))


def everything(database: Database) -> dict[str, list[Any]]:
    tables: list[Table] = Base.metadata.sorted_tables
    with database.transaction(write=False):
        return {table.name: sorted(map(repr, connection().execute(select(table)))) for table in tables}
