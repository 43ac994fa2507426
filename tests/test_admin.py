"""Administering: who has an account, what shuts and opens it, and nothing of what is on anybody's list."""

import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import running
from tests.support.addresses import addresses
from tests.support.clients import Fragment, Page, Program
from tests.support.people import BROWSERS, PASSWORD, end_confirmations, log_in, make_account, make_link, turn_on
from webapp.db import connection
from webapp.models.accounts.account import Account, AccountRow
from webapp.models.accounts.administration import Person, find_person
from webapp.models.accounts.one_time_link import RESET
from webapp.models.accounts.token import add_token

UNKNOWN = "01a1f8a1-5988-77cc-afbc-b09c5316fdc5"
NOT_FOUND = "There is nothing at this address, or it is not yours."
SHUT = "This account is shut. Whoever runs Recado here can open it again."
ACTIONS = ("reset", "second-factor/off", "log-out", "shut", "open", "promote", "demote")
INVITATION = re.compile(r"http://localhost(/register\?invite=[\w-]{43})")
RESET_LINK = re.compile(r"http://localhost(/reset/[\w-]{43})")


@pytest.fixture
def invite_app(tmp_path: Path, database_url: str) -> Iterator[Flask]:
    yield from running(tmp_path, database_url, registration="invite")


@pytest.fixture(params=BROWSERS, ids=lambda kind: kind.__name__)
def root(request: pytest.FixtureRequest, invite_app: Flask) -> Page:
    """The administrator, logged in."""
    visitor: Page = request.param(invite_app)
    make_account(invite_app, "root")
    log_in(visitor, "root")
    return visitor


@pytest.fixture
def ana(root: Page) -> AccountRow:
    return make_account(root.app, "ana")


@pytest.fixture
def anas_browser(root: Page, ana: AccountRow) -> Page:
    browser = type(root)(root.app)
    log_in(browser, "ana")
    return browser


def look_at(root: Page, name: str) -> None:
    root.go("/settings")
    root.follow("People")
    root.follow(name)


def leads(visitor: Page) -> set[str]:
    return {str(link["href"]) for link in visitor.page.select("a[href]")}


# ---- Who may


def test_to_everybody_else_there_is_nothing(root: Page, ana: AccountRow) -> None:
    guest, account = type(root)(root.app), type(root)(root.app)
    guest.enter("Bob")
    log_in(account, "ana")
    for visitor in (guest, account):
        visitor.go("/settings")
        assert "/admin" not in leads(visitor)
        for method in ("GET", "POST"):
            for path in addresses(root.app, str(ana.id), method):
                if path.startswith("/admin"):
                    answer = visitor.ask(method, path)
                    assert (answer.status_code, visitor.problem(answer)) == (404, NOT_FOUND), path
    assert find(root.app, ana).disabled_at is None


def test_a_stranger_is_asked_who_it_is_first(root: Page, ana: AccountRow) -> None:
    stranger = Page(root.app)
    stranger.go(f"/admin/{ana.id}")
    assert stranger.url == f"/?next=/admin/{ana.id}"
    for action in ACTIONS:
        assert stranger.ask("POST", f"/admin/{ana.id}/{action}").headers["Location"].startswith("/?next=")


def test_the_password_is_asked_for_again_before_anything_is_done(root: Page, ana: AccountRow) -> None:
    look_at(root, "ana")
    end_confirmations(root.app)
    for path in ["/admin/invite", *(f"/admin/{ana.id}/{action}" for action in ACTIONS)]:
        answer = root.ask("POST", path)
        assert answer.status_code in (303, 401)
        assert f"/confirm?next=/admin/{ana.id}" in answer.headers.get("Location", answer.text)
    assert find(root.app, ana).account.is_admin is False
    root.go(f"/confirm?next=/admin/{ana.id}")
    root.press("Go on", password=PASSWORD)
    root.press("Shut the account: ana")
    assert root.alert() == "The account ana is shut."


def test_nobody_is_administered_who_is_not_there(root: Page) -> None:
    guest = Page(root.app)
    guest.enter("Bob")
    with root.app.extensions["database"].transaction(write=False):
        guests = str(connection().execute(select(Account.id).where(Account.user_name.is_(None))).scalar_one())
    for id in (UNKNOWN, guests):
        assert root.ask("GET", f"/admin/{id}").status_code == 404
        for action in ACTIONS:
            assert root.ask("POST", f"/admin/{id}/{action}").status_code == 404


# ---- What is seen


@pytest.mark.parametrize("client", [Page, Fragment])
def test_htmx_gets_the_very_part_of_the_page(app: Flask, client: type[Page]) -> None:
    """The other pages show this in tests/test_fragments.py, whose visitor is nobody's administrator."""
    account, visitor = make_account(app, "root"), client(app)
    log_in(visitor, "root")
    visitor.go("/todos")
    hidden = re.compile(r'name="(csrf_token|submission)" value="[^"]*"')
    for path, id in (("/admin", "people"), (f"/admin/{account.id}", "person")):
        answer = visitor.ask("GET", path)
        whole = visitor.ask("GET", path, headers={"HX-Request": "false"})
        assert f'<div id="{id}">' in answer.text
        assert hidden.sub("", answer.text) in hidden.sub("", whole.text)
        assert ("<html" in answer.text) == (client is Page)


def test_people_are_shown_and_nothing_of_their_lists(root: Page, anas_browser: Page) -> None:
    anas_browser.add("Buy milk")
    anas_browser.go("/")
    anas_browser.press("Save", name="Ana María")
    guest = Page(root.app)
    guest.enter("Bob")
    guest.add("Call Rui")
    make_account(root.app, "eva")
    root.go("/admin")
    text = root.text()
    assert "1 guest has a list without an account." in text
    assert re.search(r"ana Name: Ana María Since .*20\d\d Last seen on .* UTC eva", text)
    assert re.search(r"eva Name: eva Since .*20\d\d Logged in nowhere root", text)
    assert re.search(r"root Name: root .* UTC Administrator", text)
    root.follow("ana")
    for shown in (text, root.text()):
        assert not re.search(r"milk|Rui|Bob|to-dos? |items?", shown.replace("To-dos", ""))


def test_each_button_says_whom_it_is_about(root: Page, anas_browser: Page) -> None:
    look_at(root, "ana")
    assert names(root) == [
        "Make a link for a new password for ana",
        "Log out everywhere: ana",
        "Shut the account: ana",
        "Make administrator: ana",
    ]
    look_at(root, "root")
    assert names(root) == ["Remove as administrator: root"]
    assert anas_browser.url == "/todos"


# ---- Links


def test_an_invitation_is_shown_once_and_lets_one_person_in(root: Page) -> None:
    root.go("/admin")
    root.press("Invite somebody")
    link = INVITATION.search(" ".join(root.shown_once()))
    assert link
    root.go("/admin")
    assert not INVITATION.search(root.text())
    visitor = type(root)(root.app)
    visitor.go(link[1])
    visitor.press("Make my account", user_name="eva", password=PASSWORD)
    assert visitor.alert() == "This list is yours for good, eva: log in from anywhere."
    visitor.go("/admin")
    assert visitor.answers[0].status_code == 404  # the first one administers, not she


def test_a_button_that_is_pressed_twice_makes_one_invitation(root: Page) -> None:
    root.go("/admin")
    sent = {"submission": root.typed("submission")}
    answers = [root.ask("POST", "/admin/invite", sent) for _ in range(2)]
    assert {answer.status_code for answer in answers} <= {200, 303}
    root.go("/admin")
    assert len(set(INVITATION.findall(root.text() + "".join(answer.text for answer in answers)))) == 1


@pytest.mark.parametrize("registration", ["open", "closed"])
def test_where_an_invitation_leads_nowhere_none_is_offered(app: Flask, registration: str) -> None:
    app.config["REGISTRATION"] = registration
    make_account(app, "root")
    visitor = Page(app)
    log_in(visitor, "root")
    visitor.go("/admin")
    assert "Invite somebody" not in visitor.controls()
    assert visitor.ask("POST", "/admin/invite").status_code == 403


def test_a_link_for_a_new_password_is_shown_once_to_the_administrator(root: Page, anas_browser: Page) -> None:
    look_at(root, "ana")
    root.press("Make a link for a new password for ana")
    link = RESET_LINK.search(" ".join(root.shown_once()))
    assert link
    look_at(root, "ana")
    assert not RESET_LINK.search(root.text())
    anas_browser.open()
    assert anas_browser.url == "/todos"  # until it is used
    visitor = type(root)(root.app)
    visitor.go(link[1])
    visitor.press("Change my password", new_password="four green kites by the sea")
    log_in(visitor, "ana", "four green kites by the sea")
    assert visitor.url == "/todos"


def test_links_begin_with_the_public_address(tmp_path: Path) -> None:
    url = "http://localhost:8443"
    for app in running(tmp_path, f"sqlite:///{tmp_path / 'test.sqlite3'}", public_url=url, registration="invite"):
        make_account(app, "root")
        visitor = Page(app)
        log_in(visitor, "root")
        visitor.go("/admin")
        visitor.press("Invite somebody")
        assert f"{url}/register?invite=" in " ".join(visitor.shown_once())


# ---- Doors


def test_logging_somebody_out_ends_all_sessions_and_nothing_else(root: Page, anas_browser: Page) -> None:
    look_at(root, "ana")
    root.press("Log out everywhere: ana")
    assert root.alert() == "ana is logged out everywhere."
    anas_browser.go("/todos")
    assert anas_browser.url == "/?next=/todos"
    log_in(anas_browser, "ana")
    assert anas_browser.url == "/todos"
    root.go("/todos")
    assert root.url == "/todos"


def test_shutting_closes_every_door_at_once_and_opening_opens_them(
    root: Page, ana: AccountRow, anas_browser: Page
) -> None:
    anas_browser.add("Buy milk")
    program = Program(root.app)
    with root.app.extensions["database"].transaction(write=True) as transaction:
        program.token = add_token(ana)
        transaction.commit()
    link = f"/reset/{make_link(root.app, RESET, ana)}"
    assert program.titles() == ["Buy milk"]
    look_at(root, "ana")
    root.press("Shut the account: ana")
    assert root.alert() == "The account ana is shut."
    assert program.ask("GET", "/todos").status_code == 401
    anas_browser.go("/todos")
    assert anas_browser.url == "/?next=/todos"
    log_in(anas_browser, "ana")
    assert (anas_browser.status, anas_browser.error()) == (422, SHUT)
    assert anas_browser.ask("GET", link).status_code == 410
    root.go("/admin")
    assert "Shut since" in root.text()
    root.follow("ana")
    root.press("Open again: ana")
    assert root.alert() == "The account ana is open again."
    assert program.titles() == ["Buy milk"]
    log_in(anas_browser, "ana")
    assert anas_browser.titles() == ["Buy milk"]
    assert anas_browser.ask("GET", link).status_code == 410


def test_what_is_so_already_is_not_done_again(root: Page, ana: AccountRow) -> None:
    look_at(root, "ana")
    actions = ("open", "demote", "second-factor/off", "log-out", "shut", "shut")
    answers = [root.ask("POST", f"/admin/{ana.id}/{action}") for action in actions]
    assert {answer.status_code for answer in answers} <= {200, 303}
    root.go(f"/admin/{ana.id}")
    said = "".join(answer.text for answer in [*answers, root.answer])
    assert said.count('class="alert-text"') == said.count("The account ana is shut.") == 1


def test_nobody_shuts_their_own_account_nor_ends_their_own_sessions_here(root: Page) -> None:
    look_at(root, "root")
    for action in ("shut", "log-out", "reset", "second-factor/off"):
        answer = root.ask("POST", f"{root.url}/{action}")
        assert answer.status_code == 403
        assert "in the settings" in root.problem(answer)
    root.open()
    assert root.url == "/todos"


def test_who_lost_the_second_factor_gets_in_by_the_password(root: Page, anas_browser: Page) -> None:
    look_at(root, "ana")
    assert "Remove the second factor: ana" not in names(root)
    codes = turn_on(anas_browser)[1]
    look_at(root, "ana")
    root.press("Remove the second factor: ana")
    assert root.alert() == "ana logs in by the password alone now, and is logged out everywhere."
    assert "Remove the second factor: ana" not in names(root)
    anas_browser.go("/todos")
    assert anas_browser.url == "/?next=/todos"
    log_in(anas_browser, "ana")
    assert anas_browser.url == "/todos"
    new = turn_on(anas_browser)[1]  # the old codes are not good again with it
    for code, good in ((codes[0], False), (new[0], True)):
        other = type(root)(root.app)
        log_in(other, "ana")
        other.press("Log in", code=code)
        assert (other.url == "/todos") == good


def test_in_spanish_the_second_factor_is_removed_too(root: Page, anas_browser: Page) -> None:
    turn_on(anas_browser)
    root.go("/")
    root.press("Español")
    root.go("/admin")
    root.follow("ana")
    root.press("Quitar el segundo factor: ana")
    assert root.alert() == "Se han cerrado todas las sesiones de ana, y ahora basta su contraseña para entrar."


# ---- Administrators


def test_an_administrator_makes_another_and_steps_down(root: Page, ana: AccountRow, anas_browser: Page) -> None:
    look_at(root, "ana")
    root.press("Make administrator: ana")
    assert root.alert() == "ana administers now."
    look_at(anas_browser, "root")
    look_at(root, "root")
    root.press("Remove as administrator: root")
    assert (root.url, root.alert()) == ("/settings", "root does not administer any more.")
    assert root.ask("GET", "/admin").status_code == 404
    assert find(root.app, ana).account.is_admin


def test_the_last_administrator_stays_one(root: Page, ana: AccountRow) -> None:
    look_at(root, "root")
    root.press("Remove as administrator: root")
    assert root.status == 403
    assert "Somebody has to administer." in root.text()
    look_at(root, "ana")
    root.press("Make administrator: ana")
    root.press("Shut the account: ana")  # who could administer, but for being shut
    look_at(root, "root")
    root.press("Remove as administrator: root")
    assert root.status == 403


def test_of_two_administrators_who_remove_each_other_at_once_one_is_left(invite_app: Flask) -> None:
    accounts = {name: make_account(invite_app, name, is_admin=True) for name in ("ana", "bob")}
    visitors = {name: Page(invite_app) for name in accounts}
    for name, visitor in visitors.items():
        log_in(visitor, name)
    other = {"ana": accounts["bob"], "bob": accounts["ana"]}

    def remove(name: str) -> int:
        return visitors[name].ask("POST", f"/admin/{other[name].id}/demote").status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(remove, visitors))
    assert sorted(statuses) in ([303, 403], [303, 404])
    assert [find(invite_app, account).account.is_admin for account in accounts.values()].count(True) == 1


# ---- What is logged


def test_each_deed_is_logged_and_no_link(
    root: Page, ana: AccountRow, anas_browser: Page, caplog: pytest.LogCaptureFixture
) -> None:
    turn_on(anas_browser)
    caplog.set_level(logging.INFO, "recado.security")
    root.go("/admin")
    root.press("Invite somebody")
    links = INVITATION.findall(" ".join(root.shown_once()))
    look_at(root, "ana")
    root.press("Make a link for a new password for ana")
    links += RESET_LINK.findall(" ".join(root.shown_once()))
    for deed in (
        "Log out everywhere",
        "Remove the second factor",
        "Shut the account",
        "Open again",
        "Make administrator",
    ):
        root.press(f"{deed}: ana")
    root.press("Remove as administrator: ana")
    events = [record for record in caplog.records if record.name == "recado.security"]
    assert [event.message for event in events] == [
        "invited",
        "reset_link_made",
        "sessions_ended",
        "second_factor_removed",
        "account_shut",
        "account_opened",
        "admin_made",
        "admin_unmade",
    ]
    assert [event.facts.get("user") for event in events] == [None] + 7 * ["ana"]  # type: ignore[attr-defined]
    assert len(links) == 2
    assert not [event for event in events for link in links if link[-43:] in str(vars(event))]


def names(visitor: Page) -> list[str]:
    return [str(button.get("aria-label")) for button in visitor.page.select("main [type=submit]")]


def find(app: Flask, account: AccountRow) -> Person:
    with app.extensions["database"].transaction(write=False):
        return find_person(id=account.id)
