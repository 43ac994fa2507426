"""A message is shown once, a session's value is never lost, and a session that ended stays ended, whatever collides."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests.support.clients import Page, Program
from tests.support.faults import Answer, Browser, Failed, Form, form_in
from tests.support.workers import Site, at_once, begin, wait_for, waits
from tests.test_queries import statements
from webapp.db import connection, now
from webapp.models import Base
from webapp.models.accounts.account import accounts_named
from webapp.models.sessions.session import (
    BrowserSession,
    SessionEntry,
    add_session,
    end_sessions,
    prune_sessions,
    sign_in,
)
from webapp.sessions.session import hash_of

pytest_plugins = ["tests.support.two_workers"]

ALERTS = "/faulty/alerts"


def say(visitor: Browser, name: str, **how: object) -> Answer:
    """Have a value kept under a key of its own, and a message said about it."""
    answer = visitor.post("/faulty/say", {"name": name}, **how)
    assert answer.status == 303
    return answer


def rest(visitor: Browser) -> list[str]:
    """What is still shown, now and when every answer that took a message along counts as lost."""
    shown = visitor.visit(ALERTS).alerts
    visitor.site.age(SessionEntry.claimed_at, seconds=11)
    return shown + visitor.visit(ALERTS).alerts + visitor.visit(ALERTS).alerts


@contextmanager
def polls(visitor: Browser, number: int) -> Iterator[list[str]]:
    """Pages that ask for messages all the time; gives what they show."""
    stop, shown = Event(), list[str]()

    def poll(_: int) -> None:
        while not stop.is_set():
            shown.extend(visitor.visit(ALERTS).alerts)

    polling = begin(lambda: at_once(number, poll))
    try:
        yield shown
    finally:
        stop.set()
        polling.result()


# ---- Many at once


@pytest.mark.parametrize("among", [8, 32])
@pytest.mark.parametrize("mode", ["each followed", "three pages poll"])
def test_two_hundred_messages_and_values_at_once_are_all_kept_and_shown_once(
    zoe: Browser, mode: str, among: int
) -> None:
    names = [f"n{number:03}" for number in range(200)]

    def follow(number: int) -> list[str]:
        return zoe.follow(say(zoe, names[number])).alerts

    if mode == "each followed":
        shown = [message for alerts in at_once(200, follow, among) for message in alerts]
    else:
        with polls(zoe, 3) as shown:
            at_once(200, lambda number: say(zoe, names[number]), among)
    assert sorted(shown + rest(zoe)) == names
    assert list(zoe.values) == names


def test_two_hundred_increments_of_one_value_make_two_hundred(zoe: Browser) -> None:
    answers = at_once(200, lambda _: zoe.post("/faulty/count"), 8)
    assert Counter(answer.status for answer in answers) == {204: 200}
    assert zoe.values["n"] == "200"


def test_eight_first_writes_of_a_browser_make_one_session(site: Site, nobody: Browser) -> None:
    nobody.visit("/")  # a form brings the cookie, but no row
    assert site.all("SELECT id FROM browser_session WHERE token_hash = :hash", hash=nobody.token_hash) == []
    names = [f"n{number}" for number in range(8)]
    with site.hold("begun") as hold:
        answers = begin(lambda: at_once(8, lambda number: say(nobody, names[number], headers=hold.headers)))
        hold.wait(8)
    answers.result()
    assert len(site.all("SELECT id FROM browser_session WHERE token_hash = :hash", hash=nobody.token_hash)) == 1
    assert list(nobody.values) == names
    assert sorted(rest(nobody)) == names


def test_a_message_that_is_said_while_three_pages_poll_is_shown_once(zoe: Browser) -> None:
    names = [f"n{number}" for number in range(10)]
    with polls(zoe, 3) as shown:
        for name in names:
            say(zoe, name)
            wait_for(lambda name=name: name in shown)  # type: ignore[misc]
    assert shown + rest(zoe) == names


@pytest.mark.parametrize("tabs", [3, 6])
def test_each_message_is_in_one_of_the_tabs_that_load_at_once(site: Site, zoe: Browser, tabs: int) -> None:
    for name in ("one", "two", "three"):
        say(zoe, name)
    for purpose in ({"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}):
        assert zoe.visit(ALERTS, headers=purpose).alerts == []
    with site.hold("begun") as hold:
        loading = begin(lambda: at_once(tabs, lambda _: zoe.visit(ALERTS, headers=hold.headers).alerts))
        hold.wait(tabs)
    shown = [message for alerts in loading.result() for message in alerts]
    assert sorted(shown) == ["one", "three", "two"]
    assert rest(zoe) == []


def test_many_requests_of_a_browser_meet_in_no_circle(site: Site, zoe: Browser) -> None:
    """On PostgreSQL each deadlock costs a second, and some requests ten."""
    if site.database.engine.dialect.name != "postgresql":
        return
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    (before,) = site.all(deadlocks)
    at_once(200, lambda number: zoe.follow(say(zoe, f"n{number:03}")), 8)
    time.sleep(0.3)  # the statistics are written when a connection has nothing else to do
    assert site.all(deadlocks) == [before]


# ---- What never arrives


def test_a_receipt_is_for_the_messages_of_its_own_answer_alone(site: Site, zoe: Browser) -> None:
    alpha, beta = (zoe.new_todo(title) for title in ("alpha", "beta"))
    zoe.send(alpha)
    zoe.send(beta)
    with site.hold("kept") as hold:
        zoe.hang_up("/todos", hold)
    wait_for(lambda: site.all("SELECT count(*) FROM session_entry WHERE claimed_at IS NOT NULL") != [0])
    assert zoe.send(alpha).status == 303  # its answer was lost, so it is sent again
    assert zoe.visit("/todos").alerts == ["Added “alpha”."]
    zoe.visit("/todos")
    site.age(SessionEntry.claimed_at, seconds=11)
    assert zoe.visit("/todos").alerts == ["Added “beta”."]
    assert rest(zoe) == []


def test_a_message_that_went_out_with_a_lost_page_is_shown_by_the_first_page_after_ten_seconds(
    site: Site, zoe: Browser
) -> None:
    say(zoe, "one")
    with site.hold("kept") as hold:
        zoe.hang_up(ALERTS, hold)
    assert zoe.visit(ALERTS).alerts == []
    site.age(SessionEntry.claimed_at, seconds=9)
    assert zoe.visit(ALERTS).alerts == []
    site.age(SessionEntry.claimed_at, seconds=11)
    assert zoe.visit(ALERTS).alerts == ["one"]
    assert rest(zoe) == []
    assert zoe.waiting == 0


def test_a_message_that_went_out_with_a_lost_fragment_is_shown_by_a_page_after_ten_seconds(
    site: Site, zoe: Browser
) -> None:
    milk = zoe.new_todo("Buy milk")
    with site.hold("kept") as hold:
        hold.headers |= {"HX-Request": "true", "HX-Current-URL": f"http://127.0.0.1:{site.ports[0]}/todos"}
        zoe.hang_up(milk, hold)
    assert zoe.visit("/todos").alerts == []
    site.age(SessionEntry.claimed_at, seconds=11)
    assert zoe.visit("/todos").alerts == ["Added “Buy milk”."]
    assert rest(zoe) == []


def test_a_message_that_went_out_with_a_lost_fragment_comes_at_once_with_the_answer_to_the_next_press(
    site: Site, zoe: Browser
) -> None:
    milk = zoe.new_todo("Buy milk")
    with site.hold("kept") as hold:
        hold.headers |= {"HX-Request": "true", "HX-Current-URL": f"http://127.0.0.1:{site.ports[0]}/todos"}
        zoe.hang_up(milk, hold)
    assert zoe.visit("/todos").alerts == []
    assert zoe.follow(zoe.send(milk)).alerts == ["Added “Buy milk”."]
    assert rest(zoe) == []


def test_a_copy_that_comes_late_does_not_show_the_message_again(site: Site, zoe: Browser) -> None:
    milk = zoe.new_todo("Buy milk")
    with site.hold("come") as hold:
        late = begin(lambda: zoe.send(milk, headers=hold.headers))
        hold.wait()
        assert zoe.follow(zoe.send(milk)).alerts == ["Added “Buy milk”."]
    assert late.result().status == 303
    assert zoe.titles == ["Buy milk"]
    assert zoe.visit("/todos").alerts == []


def test_a_copy_and_a_page_that_come_late_do_not_show_the_message_again(site: Site, zoe: Browser) -> None:
    milk = zoe.new_todo("Buy milk")
    with site.hold("begun") as copy, site.hold("begun") as page:
        late = begin(lambda: zoe.send(milk, headers=copy.headers))
        copy.wait()
        answer = zoe.send(milk)
        zoe.hang_up("/todos", page)
        assert zoe.follow(answer).alerts == ["Added “Buy milk”."]
        copy.release()
        late.result()
        page.release()
        waits(late)
    assert rest(zoe) == []


def test_a_page_that_waited_for_long_does_not_show_what_was_shown_meanwhile(site: Site, zoe: Browser) -> None:
    say(zoe, "one")
    with site.hold("come") as hold:
        late = begin(lambda: zoe.visit(ALERTS, headers=hold.headers | {"Waiting": "12"}))
        hold.wait()
        assert zoe.visit(ALERTS).alerts == ["one"]
        site.age(SessionEntry.claimed_at, seconds=11)
    assert late.result().alerts == []
    assert rest(zoe) == []


# ---- Logging out


def nobody_now(visitor: Browser, token: str) -> bool:
    """Whether a token leads to nobody's list."""
    stranger = Browser(visitor.site)
    stranger.cookies["recado"] = token
    query = "SELECT account_id FROM browser_session WHERE token_hash = :hash"
    known = [id for id in visitor.site.all(query, hash=stranger.token_hash) if id]
    return stranger.visit("/todos").status == 303 and known == []


@pytest.mark.parametrize("point", ["begun", "done"])
@pytest.mark.parametrize("way_out", ["/faulty/leave", "/forget"])
def test_who_logs_out_stays_out_whatever_is_under_way(site: Site, zoe: Browser, way_out: str, point: str) -> None:
    milk = zoe.new_todo("Buy milk")
    token = zoe.token
    with site.hold(point) as hold:
        poll = begin(lambda: zoe.visit("/todos", headers=hold.headers, at=0))
        hold.wait()
        post = begin(lambda: zoe.send(milk, headers=hold.headers, at=1))
        hold.wait(2)
        logout = begin(lambda: zoe.post(way_out, at=0))
        waits(logout)
    assert [poll.result().status in (200, 303), post.result().status, logout.result().status] == [True, 303, 303]
    assert nobody_now(zoe, token)
    assert nobody_now(zoe, zoe.token)
    assert zoe.visit("/todos").status == 303
    assert zoe.titles in ([], ["Buy milk"])


def test_logging_out_everywhere_ends_what_is_under_way_on_every_device(site: Site, zoe: Browser) -> None:
    other = Browser(site)
    other.visit("/")
    other_token = other.token
    lend(site, zoe, other_token)
    milk = zoe.new_todo("Buy milk")
    bread = other.new_todo("Buy bread")
    with site.hold("begun") as hold:
        under_way = [
            begin(lambda: zoe.send(milk, headers=hold.headers)),
            begin(lambda: other.send(bread, headers=hold.headers)),
            begin(lambda: zoe.visit("/todos", headers=hold.headers)),
            begin(lambda: other.visit("/todos", headers=hold.headers)),
        ]
        hold.wait(4)
        with site.database.transaction(write=True) as transaction:
            assert end_sessions(accounts_named(zoe.name)[0]) == 2
            transaction.commit()
        assert zoe.visit("/todos").status == other.visit("/todos").status == 303
    assert [future.result().status in (200, 303) for future in under_way] == [True] * 4
    assert zoe.titles == []
    assert nobody_now(zoe, zoe.token)
    assert nobody_now(zoe, other_token)


def lend(site: Site, visitor: Browser, token: str) -> None:
    """Make another browser's session the visitor's, too."""
    with site.database.transaction(write=True) as transaction:
        sign_in(add_session(hash_of(token)), hash_of(token), accounts_named(visitor.name)[0])
        transaction.commit()


def test_a_late_answer_to_who_one_was_before_does_not_log_out(site: Site, nobody: Browser) -> None:
    nobody.visit("/")
    nobody.post("/faulty/count")
    site.age(BrowserSession.expires_at, days=-300)  # so that the next change prolongs the session
    with site.hold("kept") as hold:
        late = begin(lambda: nobody.post("/faulty/count", headers=hold.headers))
        hold.wait()
        nobody.enter()
    assert late.result().status == 204
    assert nobody.visit("/todos").status == 200


# ---- Wishes


class Person:
    """Somebody who adds to-dos in spite of everything, and stops when told that it is done."""

    PAGE = "/todos?show=completed"  # it grows no longer with each wish

    def __init__(self, browser: Browser, chance: random.Random) -> None:
        self.browser = browser
        self.chance = chance
        self.told: list[str] = []

    def wish(self, title: str) -> None:
        form: Form | None = None
        while f"Added “{title}”." not in self.told:
            try:
                if form is None or self.chance.random() < 0.5:
                    form = form_in(self.look(), self.PAGE, title=title)
                else:
                    self.send(form)
            except Failed:
                time.sleep(0.01)

    def look(self) -> Answer:
        self.hang_up(self.PAGE)
        page = self.browser.visit(self.PAGE)
        self.told += page.alerts
        return page

    def send(self, form: Form) -> None:
        self.hang_up(form)
        answer = self.browser.send(form)
        assert answer.status in (303, 409, 503)
        if answer.status == 303:
            self.look()

    def hang_up(self, wanted: Form | str) -> None:
        """In 15 of 100 cases, lose patience after having asked for something."""
        if self.chance.random() < 0.15:
            self.browser.hang_up(wanted)


def test_two_hundred_wishes_come_true_once_while_workers_are_killed_and_people_hang_up(site: Site) -> None:
    people = [Person(Browser(site).enter(), random.Random(seed)) for seed in range(8)]
    done = Event()

    def kill() -> int:
        for number in count():
            if done.wait(0.5):
                return number
            site.kill(number % 2)
            site.wait()
        raise AssertionError

    def live(number: int) -> None:
        for wish in range(25):
            people[number].wish(f"Wish {wish}")

    killing = begin(kill)
    try:
        at_once(8, live)
    finally:
        done.set()
        kills = killing.result()
    site.wait()
    assert kills > 1
    for person in people:
        assert sorted(person.browser.titles) == sorted(f"Wish {wish}" for wish in range(25))
        assert rest(person.browser) == []
        assert Counter(person.told) == {f"Added “Wish {wish}”.": 1 for wish in range(25)}


# ---- What is kept


@pytest.fixture
def visitor(any_app: Flask) -> Page:
    page = Page(any_app)
    page.enter()
    page.open()
    return page


def test_who_needs_no_session_gets_none_and_costs_nothing(any_app: Flask) -> None:
    with statements(any_app) as found:
        for path in ("/healthz", "/static/recado.css", "/favicon.ico", "/api/v1/todos"):
            assert "Set-Cookie" not in any_app.test_client().get(path, buffered=True).headers
    assert found == []


def test_a_page_with_a_session_costs_one_read_and_writes_nothing(visitor: Page) -> None:
    with statements(visitor.app) as found:
        visitor.go("/")
    assert [statement.split()[0] for statement in found] == ["SELECT"]
    assert "Set-Cookie" not in visitor.answer.headers


def test_no_token_no_key_and_no_message_stands_in_the_database(any_app: Flask) -> None:
    visitor, program = Page(any_app), Program(any_app)
    visitor.go("/")
    secrets = [visitor.http.get_cookie("recado-visit").value]  # type: ignore[union-attr]
    visitor.enter()
    secrets += [visitor.http.get_cookie("recado").value]  # type: ignore[union-attr]
    secrets += [str(visitor.page.select("[name=submission]")[0]["value"]), "Added “Buy milk”."]
    secrets += secrets[2].split(".")[1:3]
    visitor.ask("POST", "/todos", {"title": "Buy milk", "submission": secrets[2]})
    program.enter()
    program.call("POST", "/todos", {"title": "Buy bread"}, headers={"Idempotency-Key": "one key"})
    secrets += [program.token, "one key"]
    expired = Page(any_app)
    expired.ask("POST", "/todos", {"title": "Buy eggs", "submission": secrets[2]})
    everything = dump(any_app)
    assert "Buy milk" in everything
    assert [secret for secret in [*secrets, "Buy eggs"] if secret in everything] == []


def dump(app: Flask) -> str:
    with app.extensions["database"].engine.connect() as opened:
        return "".join(repr(opened.execute(table.select()).all()) for table in Base.metadata.sorted_tables)


def test_an_expired_session_is_nobodys_before_it_is_swept_and_gone_after_it(visitor: Page) -> None:
    database = visitor.app.extensions["database"]

    def change(moment: datetime) -> None:
        with database.transaction(write=True) as transaction:
            connection().execute(update(BrowserSession).values(expires_at=moment))
            transaction.commit()

    change(now() + timedelta(minutes=1))
    visitor.go("/todos")
    assert visitor.url == "/todos"
    change(now() - timedelta(seconds=1))
    visitor.go("/todos")
    assert visitor.url == "/?next=/todos"
    with database.transaction(write=True) as transaction:
        assert (prune_sessions(), prune_sessions()) == (1, 0)
        transaction.commit()
    with database.transaction(write=False):
        assert connection().scalar(select(func.count()).select_from(BrowserSession)) == 0
    visitor.press("Begin", name="Ana")
    assert visitor.url == "/todos"
    assert visitor.titles() == []
