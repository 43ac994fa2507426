"""A message is shown once, to whom it is meant: with the answer in place, or on the next page somebody reads."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import update

from tests.support.clients import Fragment, Page, Program
from webapp.db import connection, now
from webapp.models.sessions.message import LEASE
from webapp.models.sessions.session_entry import SessionEntry

ELSEWHERE = "/todos?show=active"


@pytest.fixture
def tab(common_app: Flask) -> Page:
    """A browser for which a message waits: it was sent to the next page, but has not gone there yet."""
    visitor = Page(common_app)
    visitor.enter()
    visitor.ask("POST", "/todos", {"title": "Buy milk"})
    return visitor


def waits(tab: Page) -> bool:
    """Whether the message is shown now, and not again after that."""
    tab.open()
    shown = tab.alert()
    tab.open()
    assert tab.alert() == ""
    return shown == "Added “Buy milk”."


def test_the_next_page_shows_a_message_once(tab: Page) -> None:
    assert waits(tab)
    assert not waits(tab)


def test_after_htmx_was_sent_away_the_next_page_shows_the_message_once(fragment: Fragment) -> None:
    fragment.url = "/todos/new"
    answer = fragment.ask("POST", "/todos", {"title": "Buy milk"})
    assert "HX-Redirect" in answer.headers
    assert "Added" not in answer.text
    assert waits(fragment)


def test_all_messages_that_wait_are_shown(tab: Page) -> None:
    tab.ask("POST", "/todos", {"title": "Call Rui"})
    tab.open()
    assert tab.alert() == "Added “Buy milk”. Added “Call Rui”."


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/todos", {"HX-Request": "true", "Sec-Fetch-Dest": "empty"}),
        ("GET", "/forget", {"HX-Request": "true", "Sec-Fetch-Dest": "empty"}),
        ("HEAD", "/todos", {}),
        ("GET", "/todos", {"Sec-Purpose": "prefetch"}),
        ("GET", "/todos", {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", "/todos", {"Purpose": "prefetch"}),
        ("GET", "/todos", {"Sec-Fetch-Dest": "image"}),
        ("GET", "/favicon.ico", {"Sec-Fetch-Dest": "image"}),
        ("GET", "/apple-touch-icon.png", {}),
        ("GET", "/static/nothing.png", {}),
        ("GET", "/odd/slash", {}),
        ("GET", "/nowhere", {}),
        ("GET", "/healthz", {}),
        ("POST", "/nowhere", {}),
        ("POST", "/todos?show=some", {}),
        ("POST", "/odd/fail", {}),
        ("GET", "/api/v1/todos", {}),
    ],
)
def test_a_message_waits_for_a_page_that_is_read(tab: Page, method: str, path: str, headers: dict[str, str]) -> None:
    tab.ask(method, path, headers=headers)
    assert waits(tab)


def test_a_message_waits_while_a_form_is_being_corrected(tab: Page) -> None:
    answer = tab.ask("POST", "/todos", {"title": ""})
    assert answer.status_code == 422
    assert "Added" not in answer.text
    assert waits(tab)


def test_a_boosted_page_is_read_too(tab: Page) -> None:
    answer = tab.ask("GET", "/todos", headers={"HX-Boosted": "true", "HX-Request": "true", "Sec-Fetch-Dest": "empty"})
    assert "Added “Buy milk”." in answer.text
    assert not waits(tab)


def test_a_change_in_place_takes_its_own_message_along(fragment: Fragment) -> None:
    fragment.add("Buy milk")
    assert fragment.alert() == "Added “Buy milk”."
    fragment.delete("Buy milk")
    assert fragment.alert() == "Deleted “Buy milk”."
    fragment.open()
    assert fragment.alert() == ""


def test_a_change_in_place_leaves_another_tabs_message_to_that_tab(tab: Page) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/todos", "Sec-Fetch-Dest": "empty"}
    answer = tab.ask("POST", "/todos", {"title": "Call Rui"}, headers)
    assert "Added “Call Rui”." in answer.text
    assert "Added “Buy milk”." not in answer.text
    assert waits(tab)


def test_a_message_of_a_request_that_only_reads_comes_with_it(common_app: Flask) -> None:
    answer = Fragment(common_app).ask("GET", "/odd/flash")
    assert answer.text.startswith('<p id="said"></p><template>')
    assert "Said" in answer.text


def test_a_problem_is_all_that_a_refused_change_says(tab: Page) -> None:
    answer = tab.ask("POST", "/odd/refuse?status=409", headers={"HX-Request": "true", "Sec-Fetch-Dest": "empty"})
    alerts = answer.text.count('class="alert-text"')
    assert (alerts, "Lost" in answer.text) == (1, False)
    assert waits(tab)


def test_polling_without_a_name_piles_nothing_up(common_app: Flask) -> None:
    nobody = Fragment(common_app)
    for _ in range(5):
        assert nobody.ask("GET", "/todos").status_code == 401
    nobody.go("/")
    assert nobody.alert() == ""


def test_a_program_is_told_nothing_that_would_wait(program: Program) -> None:
    answer = program.ask("POST", "/todos", {"title": "Buy milk"})
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", "{{7*7}}", "%(title)s %s %", "</template><b>", "&amp;"])
def test_what_was_typed_is_said_as_it_was_typed(common_app: Flask, title: str) -> None:
    for client in (Page, Fragment):
        visitor = client(common_app)
        visitor.enter()
        visitor.add(title)
        assert visitor.titles() == [title]
        assert visitor.alert() == f"Added “{title}”."
        visitor.delete(title)
        assert visitor.alert() == f"Deleted “{title}”."


def test_an_action_in_a_message_is_a_form_of_its_own(tab: Page) -> None:
    tab.open()
    tab.delete("Buy milk")
    form = BeautifulSoup(tab.answer.text, "html.parser").select_one("#alerts form[method=post]")
    assert form is not None
    assert form["action"] == form["data-hx-post"]
    tab.undo()
    assert tab.titles() == ["Buy milk"]


def test_dismissing_a_message_opens_the_same_page_again(tab: Page) -> None:
    tab.go(ELSEWHERE + "&arrange=1")
    assert tab.alert() == "Added “Buy milk”."
    tab.press("Dismiss")
    assert tab.url == ELSEWHERE + "&arrange=1"
    assert tab.alert() == ""


def receipts(browser: Page) -> list[str]:
    return [cookie.key for cookie in browser.http._cookies.values() if "-seen-" in cookie.key]


def test_a_receipt_is_kept_until_the_next_visit_and_no_longer(common_app: Flask) -> None:
    for client in (Page, Fragment):
        visitor = client(common_app)
        visitor.enter()
        visitor.add("Buy milk")
        assert len(receipts(visitor)) == 1
        visitor.ask("GET", "/todos", headers={"HX-Request": "true", "Sec-Fetch-Dest": "empty"})
        assert len(receipts(visitor)) == 1
        visitor.open()
        assert receipts(visitor) == []


def test_a_receipt_for_nothing_is_cleared_as_well(common_app: Flask) -> None:
    visitor = Page(common_app)
    visitor.enter()
    for name in ("recado-seen-", "recado-seen-junk", "recado-seen-" + "0" * 32):
        visitor.http.set_cookie(name, "1")
    visitor.open()
    visitor.open()
    assert receipts(visitor) == []


def test_another_browsers_receipt_tells_nothing(common_app: Flask) -> None:
    ana, bob = Page(common_app), Page(common_app)
    for visitor in (ana, bob):
        visitor.enter()
        visitor.open()
    answer = ana.ask("POST", "/todos", {"title": "Buy milk"}, {"HX-Request": "true", "Sec-Fetch-Dest": "empty"})
    (name,) = receipts(ana)
    ana.http.delete_cookie(name)  # the answer was lost
    bob.http.set_cookie(name, "1")
    bob.open()
    assert "Added" in answer.text
    again = ana.ask("POST", "/todos", {"title": "Buy milk"})
    assert again.status_code == 303
    ana.open()
    assert ana.titles() == ["Buy milk"]


def test_what_was_read_is_not_shown_again_though_an_abandoned_request_came_late(page: Page) -> None:
    """It was sent before the receipt was there, and waited in line for longer than messages are left to an answer."""

    def wait() -> None:
        with page.app.extensions["database"].transaction(write=True) as transaction:
            connection().execute(update(SessionEntry).values(claimed_at=now() - LEASE - timedelta(seconds=1)))
            transaction.commit()

    page.add("Buy milk")
    assert page.alert() == "Added “Buy milk”."
    wait()
    late = page.app.test_client()
    late.set_cookie("recado", page.http.get_cookie("recado").value)  # type: ignore[union-attr]
    assert "Added “Buy milk”." in late.get("/todos", headers={"Sec-Fetch-Dest": "document"}).text
    wait()
    page.open()
    assert page.alert() == ""
