"""Tokens for programs: made by their owner alone, for a purpose, with a scope and an end, and gone when revoked."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.support.addresses import addresses
from tests.support.clients import CLIENTS, Fragment, Page, Program
from tests.support.people import BROWSERS, PASSWORD, copy_of, end_confirmations, log_in, register
from tests.test_queries import statements
from webapp.db import connection, now
from webapp.models.accounts.account import accounts_named
from webapp.models.accounts.administration import find_person
from webapp.models.accounts.token import COUNT_LIMIT, KEPT, LIVES, USED, Token, add_token, tokens_of
from webapp.models.housekeeping import prune_expired

UNKNOWN = "01a1f8a1-5988-77cc-afbc-b09c5316fdc5"

EXPIRES = "This can be: after 7 days, after 30 days, after 90 days, after 365 days, never."


def make(visitor: Page, **typed: str) -> Program:
    """A program with a token that was just made on the page."""
    visitor.go("/settings/tokens")
    visitor.press("Make a token", **({"name": "Backup"} | typed))
    program = Program(visitor.app)
    (program.token,) = visitor.shown_once()
    return program


def shift(app: Flask, **values: object) -> None:
    """Let the tokens' moments be others, as if time had passed."""
    with app.extensions["database"].transaction(write=True) as transaction:
        connection().execute(update(Token).values(values))
        transaction.commit()


def stored(app: Flask) -> list[Token]:
    with app.extensions["database"].transaction(write=False):
        return list(connection().execute(select(Token).order_by(Token.id)).all())  # type: ignore[arg-type]


def rows(visitor: Page) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in visitor.page.select("#tokens li")]


# ---- Made, shown once, revoked


def test_a_token_is_shown_once_works_and_can_be_revoked(member: Page) -> None:
    member.add("Buy milk")
    member.go("/settings")
    member.follow("Tokens for programs")
    program = make(member, scope="write")
    assert program.titles() == ["Buy milk"]
    program.add("Call Rui")
    member.go("/settings/tokens")
    assert program.token not in member.answer.text
    revoke = next(name for name in member.controls() if name.startswith("Revoke Backup, made on"))
    member.press(revoke)
    assert member.alert() == "That token no longer works."
    assert rows(member) == []
    program.call("GET", "/todos")
    assert program.status == 401


def test_a_guest_makes_tokens_too(any_app: Flask) -> None:
    for client in BROWSERS:
        visitor = client(any_app)
        visitor.enter(client.__name__)
        visitor.add("Buy milk")
        assert make(visitor).titles() == ["Buy milk"]


def test_the_page_says_what_a_token_may_do_and_until_when(member: Page) -> None:
    make(member, name="Backup")
    make(member, name="<i>Import</i>", scope="write", days="never")
    member.go("/settings/tokens")
    first, second = rows(member)
    assert re.fullmatch(
        r"Backup It may read and change your list\. Made on .+ UTC Expires on .+ UTC Never used",
        first,
    )
    assert re.fullmatch(
        r"<i>Import</i> It may read and change your list\. Made on .+ UTC Never expires Never used",
        second,
    )
    lasting, for_good = stored(member.app)
    assert lasting.expires_at is not None
    assert abs(lasting.expires_at - now() - timedelta(days=90)) < timedelta(minutes=1)
    assert for_good.expires_at is None


@pytest.mark.parametrize("days", LIVES)
def test_a_token_lives_as_long_as_was_chosen(app: Flask, days: int) -> None:
    visitor = Page(app)
    visitor.enter()
    make(visitor, days=str(days))
    (token,) = stored(app)
    assert token.expires_at is not None
    assert abs(token.expires_at - now() - timedelta(days=days)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Write what it is for, such as the program."),
        ({"name": "x" * 61}, "This has 61 characters; 60 is the most."),
        ({"name": "a", "scope": "all"}, "This can be: read your list, read and change your list."),
        ({"name": "a", "days": "1000000"}, EXPIRES),
        ({"name": "a", "days": ""}, EXPIRES),
    ],
)
def test_a_token_that_is_badly_described_is_not_made(member: Page, typed: dict[str, str], said: str) -> None:
    member.go("/settings/tokens")
    member.press("Make a token", **typed)
    assert (member.status, member.error()) == (422, said)
    assert member.typed("name") == typed["name"]
    assert stored(member.app) == []


def test_what_was_chosen_stays_chosen_beside_an_error(member: Page) -> None:
    member.go("/settings/tokens")
    member.press("Make a token", name="", scope="write", days="365")
    assert (member.typed("scope"), member.typed("days")) == ("write", "365")


def test_who_asks_for_nothing_gets_a_token_that_changes_and_ends(app: Flask) -> None:
    visitor = Page(app)
    visitor.enter()
    visitor.send("/settings/tokens", [("name", "Backup")])
    (token,) = stored(app)
    assert token.may_write
    assert token.expires_at is not None


def test_a_form_that_is_sent_twice_makes_one_token(member: Page) -> None:
    member.go("/settings/tokens")
    sent = {name: member.typed(name) for name in ("scope", "days", "submission")} | {"name": "Backup"}
    answers = [member.ask("POST", "/settings/tokens", sent) for _ in range(2)]
    assert {answer.status_code for answer in answers} <= {200, 303}
    assert len(stored(member.app)) == 1


def test_a_token_of_a_page_that_was_open_for_too_long_is_asked_about(member: Page) -> None:
    member.go("/settings/tokens")
    member.press("Make a token", name="Backup", submission="TokenForm.x.y.z")
    assert (member.status, member.error()) == (422, "This form is no longer valid. Send it again to save it.")
    member.press("Make a token")
    assert member.shown_once()


def fill(app: Flask, room: int) -> None:
    """Let Ana have so many tokens that there is just this room for others."""
    with app.extensions["database"].transaction(write=True) as transaction:
        account = find_person(user_name="ana").account
        for _ in range(COUNT_LIMIT - room - len(tokens_of(account))):
            add_token(account, "One of many")
        transaction.commit()


@pytest.mark.parametrize("language", ["English", "Español"])
def test_an_account_has_so_many_tokens_and_no_more(member: Page, language: str) -> None:
    english = language == "English"
    button = "Make a token" if english else "Crear una clave"
    fill(member.app, room=1)
    if not english:
        member.go("/")
        member.press(language)
    member.go("/settings/tokens")
    key = str(member.page.select_one("#tokens > form [name=submission]")["value"])  # type: ignore[index]
    sent = {"name": "The last", "scope": "read", "days": "7", "submission": key}
    answers = [member.ask("POST", "/settings/tokens", sent) for _ in range(2)]  # the copy is answered, not refused
    assert {answer.status_code for answer in answers} <= {200, 303}
    member.go("/settings/tokens")
    member.press(button, name="One too many", scope="write", days="7")
    assert (member.status, member.error()) == (
        422,
        "You have 50 tokens, and there can be no more: revoke one first."
        if english
        else "Tienes 50 claves y no puede haber más: anula una primero.",
    )
    assert [member.typed(name) for name in ("name", "scope", "days")] == ["One too many", "write", "7"]
    assert len(stored(member.app)) == COUNT_LIMIT
    member.press(next(name for name in member.controls() if name.startswith("Revoke" if english else "Anular")))
    member.press(button, name="One too many")
    assert member.shown_once()


def test_of_several_tokens_that_are_made_at_once_none_is_too_many(any_app: Flask) -> None:
    ana = Page(any_app)
    register(ana)
    fill(any_app, room=2)
    tabs = [copy_of(ana) for _ in range(4)]

    def make_one(number: int) -> int:
        return tabs[number].ask("POST", "/settings/tokens", {"name": f"Token {number}"}).status_code

    with ThreadPoolExecutor() as pool:
        statuses = list(pool.map(make_one, range(4)))
    assert sorted(statuses) == [303, 303, 422, 422]
    assert len(stored(any_app)) == COUNT_LIMIT


def test_a_command_makes_no_token_too_many(app: Flask) -> None:
    ana = Page(app)
    register(ana)
    fill(app, room=1)
    runs = [app.test_cli_runner().invoke(args=["token", "create", "ana"]) for _ in range(2)]
    assert [run.exit_code for run in runs] == [0, 1]
    assert runs[1].output == "Error: The account has 50 tokens, and there can be no more.\n"


def test_revoking_twice_is_answered_as_once_and_a_stale_form_revokes_nothing(member: Page) -> None:
    make(member)
    form = member.page.select_one("#tokens li form")
    assert form
    path, key = str(form["action"]), str(form.select_one("[name=submission]")["value"])  # type: ignore[index]
    assert member.ask("POST", path, {"submission": "RevokeForm.x.y.z"}).status_code == 422
    assert len(stored(member.app)) == 1
    answers = [member.ask("POST", path, {"submission": key}) for _ in range(2)]
    assert {answer.status_code for answer in answers} <= {200, 303}
    assert stored(member.app) == []


def test_nobody_revokes_anothers_token(member: Page) -> None:
    make(member)
    bob = type(member)(member.app)
    bob.enter("Bob")
    bob.go("/settings/tokens")
    assert rows(bob) == []
    (token,) = stored(member.app)
    for id in (token.id, UNKNOWN):
        assert bob.ask("POST", f"/settings/tokens/{id}/delete").status_code == 404
    assert len(stored(member.app)) == 1


# ---- A password first


def test_an_account_is_asked_for_its_password_before_it_makes_a_token(member: Page) -> None:
    member.go("/settings/tokens")
    end_confirmations(member.app)
    member.press("Make a token", name="Backup", scope="write", days="7")
    if isinstance(member, Fragment):
        assert member.status == 401
        assert member.typed("name") == ""  # the page is as it was, in a browser with what was typed
        tab = Page(member.app)
        tab.http = member.http
        tab.go(str(member.page.select_one("#alerts a")["href"]))  # type: ignore[index]
        tab.press("Go on", password=PASSWORD)
        member.press("Make a token", name="Backup", scope="write", days="7")
    else:
        assert member.url == "/confirm?next=/settings/tokens"
        assert stored(member.app) == []
        member.press("Go on", password=PASSWORD)
        typed = [member.typed(name) for name in ("name", "scope", "days")]
        assert (member.url, typed) == ("/settings/tokens", ["Backup", "write", "7"])
        member.press("Make a token")
    assert member.shown_once()
    assert len(stored(member.app)) == 1


def test_a_token_is_revoked_without_a_word(member: Page) -> None:
    make(member)
    end_confirmations(member.app)
    member.press(next(name for name in member.controls() if name.startswith("Revoke Backup")))
    assert stored(member.app) == []


# ---- What a token may do


def test_a_token_that_may_only_read_reads_and_changes_nothing_wherever_it_knocks(any_app: Flask) -> None:
    ana = Page(any_app)
    ana.enter()
    ana.add("Buy milk")
    id = ana.id_of("Buy milk")
    program = make(ana, scope="read")
    assert program.titles() == ["Buy milk"]
    assert program.call("GET", f"/todos/{id}")["title"] == "Buy milk"
    paths = {path for method in ("POST", "PATCH", "DELETE") for path in addresses(any_app, id, method)}
    tried = 0
    for path in {path.removeprefix("/api/v1") for path in paths if path.startswith("/api/")} | {"/nowhere", "/"}:
        for method in ("POST", "PUT", "PATCH", "DELETE", "BREW"):
            for body in (None, {"title": "x"}, {"lines": "x"}):
                for key in ({}, {"Idempotency-Key": "1"}):
                    answer = program.ask(method, path, body, key)
                    assert answer.status_code == 403, (method, path)
                    assert program.problem(answer) == "This token may only read."
                    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'
                    tried += 1
    assert tried > 300
    for unknown in ("/todos/" + UNKNOWN, f"/todos/{UNKNOWN}/complete"):
        assert program.ask("POST", unknown).status_code == 403
    assert program.titles() == ["Buy milk"]


def test_a_token_that_may_write_gets_the_usual_answers(any_app: Flask) -> None:
    ana = Page(any_app)
    ana.enter()
    program = make(ana, scope="write")
    assert program.ask("POST", f"/todos/{UNKNOWN}/complete").status_code == 404
    assert program.ask("POST", "/nowhere").status_code == 404
    assert program.ask("POST", "/todos", {"title": "Buy milk"}).status_code == 201
    assert program.titles() == ["Buy milk"]


def test_a_token_that_has_expired_is_nobodys(any_app: Flask) -> None:
    ana = Page(any_app)
    ana.enter()
    program = make(ana, scope="write")
    shift(any_app, expires_at=now() + timedelta(minutes=1))
    assert program.ask("GET", "/todos").status_code == 200
    shift(any_app, expires_at=now() - timedelta(seconds=1))
    for method in ("GET", "POST"):
        answer = program.ask(method, "/todos", {"title": "Buy milk"} if method == "POST" else None)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    ana.go("/settings/tokens")
    assert "Expires on" in rows(ana)[0]


def test_an_expired_token_is_listed_for_a_while_and_then_deleted(app: Flask) -> None:
    visitor = Page(app)
    visitor.enter()
    make(visitor)
    database = app.extensions["database"]
    for age, left in ((KEPT - timedelta(minutes=1), 1), (KEPT + timedelta(minutes=1), 0)):
        shift(app, expires_at=now() - age)
        prune_expired(database)
        assert len(stored(app)) == left


# ---- When it was last used


def test_the_page_says_when_a_token_was_last_used(any_app: Flask) -> None:
    ana = Page(any_app)
    ana.enter()
    program = make(ana)
    program.titles()
    ana.go("/settings/tokens")
    assert re.search(r"Last used on .+ UTC", rows(ana)[0])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_taking_note_of_a_use_costs_one_statement_an_hour(any_app: Flask, method: str) -> None:
    ana = Page(any_app)
    ana.enter()
    program = make(ana, scope="write")
    usual = 2 if method == "GET" else 3  # whose token it is; and the list, or the to-do with its undo entry

    def cost() -> int:
        with statements(any_app) as found:
            answer = program.ask(method, "/todos", {"title": "Buy milk"} if method == "POST" else None)
        assert answer.status_code in (200, 201)
        return len(found)

    assert [cost() for _ in range(3)] == [usual + 1, usual, usual]
    (before,) = stored(any_app)
    shift(any_app, used_at=now() - USED - timedelta(minutes=1))
    assert [cost() for _ in range(3)] == [usual + 1, usual, usual]
    (after,) = stored(any_app)
    assert before.used_at is not None
    assert after.used_at is not None
    assert after.used_at > before.used_at


def test_a_refused_call_leaves_no_trace(any_app: Flask) -> None:
    ana = Page(any_app)
    ana.enter()
    program = make(ana, scope="read")
    assert program.ask("POST", "/todos", {"title": "x"}).status_code == 403
    (token,) = stored(any_app)
    assert token.used_at is None


# ---- Told to whoever runs Recado


def test_what_happens_to_tokens_is_logged_without_them(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "recado.security")
    visitor = Page(app)
    visitor.enter()
    program = make(visitor, scope="read")
    program.ask("POST", "/todos", {"title": "x"})
    visitor.press(next(name for name in visitor.controls() if name.startswith("Revoke")))
    program.ask("GET", "/todos")
    found = [record for record in caplog.records if record.name == "recado.security"]
    assert [record.getMessage() for record in found] == [
        "token_created",
        "token_refused",
        "token_revoked",
        "token_refused",
    ]
    assert [vars(record)["facts"].get("reason") for record in found] == [
        None,
        "may only read",
        None,
        "unknown or expired",
    ]
    assert program.token not in str([vars(record) for record in found])


def test_a_command_gives_a_token_a_purpose_if_somebody_says_one(app: Flask) -> None:
    for purpose in ([], ["Backup"], [" "]):
        result = app.test_cli_runner().invoke(args=["token", "create", "Ana", *purpose])
        assert result.exit_code == 0
    assert [token.name for token in stored(app)] == ["", "Backup", ""]
    assert app.test_cli_runner().invoke(args=["token", "create", "Ana", "x" * 61]).exit_code == 1
    assert all(token.may_write and token.expires_at is None for token in stored(app))


def test_a_token_from_before_names_were_given_can_be_told_and_revoked(app: Flask) -> None:
    visitor = Page(app)
    visitor.enter()
    with app.extensions["database"].transaction(write=True) as transaction:
        add_token(accounts_named("Ana")[0])
        transaction.commit()
    visitor.go("/settings/tokens")
    assert rows(visitor)[0].startswith("Without a name It may read and change your list.")
    visitor.press(next(name for name in visitor.controls() if name.startswith("Revoke Without a name, made on")))
    assert stored(app) == []


@pytest.mark.parametrize("client", CLIENTS[:3], ids=lambda kind: kind.__name__)
def test_who_logs_in_sees_the_same_tokens_in_each_browser(app: Flask, client: type[Page]) -> None:
    ana = client(app)
    register(ana)
    make(ana)
    elsewhere = client(app)
    log_in(elsewhere)
    elsewhere.go("/settings/tokens")
    assert len(rows(elsewhere)) == 1


def test_a_token_reads_and_changes_unless_one_says_otherwise(member: Page) -> None:
    program = make(member)
    assert program.call("POST", "/todos", {"title": "Buy milk"})["title"] == "Buy milk"
