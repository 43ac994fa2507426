"""A forgotten password: whoever has the link chooses a new one, once."""

import logging
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.support.clients import Page
from tests.support.people import PASSWORD, age_links, copy_of, log_in, make_account, make_link
from webapp.db import connection, now
from webapp.models.accounts.account import Account
from webapp.models.accounts.one_time_link import INVITE, RESET, Link, find_link, take_link
from webapp.models.accounts.token import hash_of
from webapp.models.housekeeping import prune_expired

NEW = "four green kites by the sea"
CHANGED = "Your password is changed. Log in with the new one."
GONE = "This link does not work: it was used already, is too old or is incomplete. Ask for a new one."


@pytest.fixture
def link(newcomer: Page) -> str:
    """The address by which Ana can choose a new password."""
    return f"/reset/{make_link(newcomer.app, RESET, make_account(newcomer.app, 'ana'))}"


def choose(visitor: Page, password: str = NEW) -> None:
    visitor.press("Change my password", new_password=password)


def test_a_new_password_takes_the_old_ones_place_and_ends_every_session(newcomer: Page, link: str) -> None:
    thief = type(newcomer)(newcomer.app)
    log_in(thief, "ana")
    assert thief.url == "/todos"
    newcomer.go(link)
    assert newcomer.typed("user_name") == "ana"
    choose(newcomer)
    assert (newcomer.url, newcomer.alert()) == ("/login", CHANGED)
    thief.go("/todos")
    assert thief.url == "/?next=/todos"
    log_in(newcomer, "ana")
    assert newcomer.error() == "The user name or the password is wrong."
    log_in(newcomer, "ana", NEW)
    assert newcomer.url == "/todos"


@pytest.mark.parametrize("password", ["short", "ana ana ana ana ana ana", "correcthorsebatterystaple", ""])
def test_a_password_that_will_not_do_leaves_the_link_as_it_was(newcomer: Page, link: str, password: str) -> None:
    newcomer.go(link)
    choose(newcomer, password)
    assert newcomer.status == 422
    assert newcomer.error()
    assert not password or password not in newcomer.answer.text
    assert newcomer.url == link
    choose(newcomer)
    assert newcomer.alert() == CHANGED


def test_a_form_that_is_sent_twice_is_answered_twice_and_carried_out_once(newcomer: Page, link: str) -> None:
    newcomer.go(link)
    twin = copy_of(newcomer)
    sent = {"user_name": "ana", "new_password": NEW, "submission": newcomer.typed("submission")}
    answers = [copy.ask("POST", link, sent) for copy in (newcomer, twin)]
    assert {answer.headers.get("HX-Redirect", answer.headers.get("Location")) for answer in answers} == {"/login"}
    newcomer.go("/login")
    assert newcomer.alert() == CHANGED
    newcomer.go("/login")
    assert newcomer.alert() == ""
    log_in(newcomer, "ana", NEW)
    assert newcomer.url == "/todos"


def test_an_unknown_a_used_and_an_old_link_are_answered_alike(newcomer: Page, link: str) -> None:
    invitation, old = (
        make_link(newcomer.app, INVITE),
        make_link(newcomer.app, RESET, make_account(newcomer.app, "bob")),
    )
    newcomer.go(link)
    choose(newcomer)
    age_links(newcomer.app, timedelta(days=1))
    for address in (link, f"/reset/{old}", f"/reset/{invitation}", "/reset/x", "/reset/" + "x" * 43):
        for method in ("GET", "POST"):
            answer = newcomer.ask(method, address, {"new_password": PASSWORD})
            assert (answer.status_code, newcomer.problem(answer)) == (410, GONE)
            assert "ana" not in answer.text.partition("<main")[2].partition("</main")[0]
    log_in(newcomer, "ana", NEW)
    assert newcomer.url == "/todos"


def test_a_link_is_good_for_a_day_and_one_that_is_used_ends_the_others(newcomer: Page, link: str) -> None:
    account = make_account(newcomer.app, "eva")
    first, second = (f"/reset/{make_link(newcomer.app, RESET, account)}" for _ in range(2))
    age_links(newcomer.app, timedelta(hours=23))
    newcomer.go(first)
    choose(newcomer)
    assert newcomer.alert() == CHANGED
    assert newcomer.ask("GET", second).status_code == 410
    assert newcomer.ask("GET", link).status_code == 200  # Ana's is none of Eva's


def test_whoever_is_logged_in_to_the_account_is_asked_again_and_others_are_not(newcomer: Page, link: str) -> None:
    log_in(newcomer, "ana")
    newcomer.go(link)
    choose(newcomer)
    assert (newcomer.url, newcomer.alert()) == ("/login", CHANGED)
    newcomer.go("/todos")
    assert newcomer.url == "/?next=/todos"
    make_account(newcomer.app, "bob")
    log_in(newcomer, "bob")
    newcomer.go(f"/reset/{make_link(newcomer.app, RESET, make_account(newcomer.app, 'eva'))}")
    choose(newcomer)
    newcomer.go("/settings")
    assert "You are logged in as bob." in newcomer.text()


def test_a_second_factor_stays(newcomer: Page, link: str) -> None:
    database = newcomer.app.extensions["database"]
    with database.transaction(write=True) as transaction:
        connection().execute(update(Account).values(totp_secret="sealed", totp_step=7))
        transaction.commit()
    newcomer.go(link)
    choose(newcomer)
    with database.transaction(write=False):
        kept = connection().execute(select(Account.totp_secret, Account.totp_step)).one()
    assert kept == ("sealed", 7)


def test_nobody_reads_a_link_from_the_database_or_the_log(
    newcomer: Page, link: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    token = link.rpartition("/")[2]
    assert len(token) == 43  # 256 bits
    with newcomer.app.extensions["database"].transaction(write=False):
        assert connection().execute(select(Link.token_hash)).scalars().all() == [hash_of(token)]
    newcomer.go(link)
    choose(newcomer)
    (event,) = [record for record in caplog.records if record.message == "password_reset"]
    assert event.facts["user"] == "ana"  # type: ignore[attr-defined]
    assert event.facts["path"] == "/reset/…"  # type: ignore[attr-defined]
    assert not [record for record in caplog.records if token in str(vars(record)) or NEW in str(vars(record))]


def test_a_link_works_once_though_another_servers_clock_is_behind(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, database = make_link(any_app, INVITE), any_app.extensions["database"]
    with database.transaction(write=False):
        one, other = find_link(INVITE, token), find_link(INVITE, token)
    assert one
    assert other
    used = []
    for link in (one, other):
        with database.transaction(write=True) as transaction:
            used.append(take_link(link))
            transaction.commit()
        monkeypatch.setattr("webapp.models.accounts.one_time_link.now", lambda: now() - timedelta(seconds=1))
    assert used == [True, False]


def test_links_are_deleted_a_day_after_their_time(newcomer: Page, link: str) -> None:
    for age, status in ((timedelta(hours=23), 1), (timedelta(hours=25), 0)):
        with newcomer.app.extensions["database"].transaction(write=True) as transaction:
            connection().execute(update(Link).values(expires_at=now() - age))
            transaction.commit()
        prune_expired(newcomer.app.extensions["database"])
        with newcomer.app.extensions["database"].transaction(write=False):
            assert len(connection().execute(select(Link.id)).all()) == status
        assert newcomer.ask("GET", link).status_code == 410
