"""A submission is carried out once, whatever happens on its way, and answered as often as it is sent."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from itsdangerous import Signer
from sqlalchemy import create_engine, text
from werkzeug.datastructures import FileStorage

from tests.conftest import SECRET, running
from tests.support import faulty
from tests.support.clients import Page
from tests.support.database_proxy import Proxy
from tests.support.faults import Answer, Browser, Failed, Form, form_in, twice
from tests.support.workers import Hold, Site, at_once, begin, wait_for, waits
from webapp.models.accounts.account import add_account
from webapp.models.accounts.token import add_token
from webapp.models.sessions.submission import Submission

pytest_plugins = ["tests.support.two_workers"]

ADDED = "Added “Buy milk”."


@pytest.fixture
def milk(zoe: Browser) -> Form:
    """A form that is filled in, but not sent."""
    return zoe.new_todo("Buy milk")


def error(answer: Answer) -> str:
    """What a refused form says beside its field."""
    assert answer.status == 422
    said = re.search(r'class="invalid-feedback">([^<]*)<', answer.text)
    assert said
    return said[1]


# ---- The same again


def test_a_double_click_makes_one_row_and_says_it_once(site: Site, zoe: Browser, milk: Form) -> None:
    answers = at_once(2, lambda worker: zoe.send(milk, at=worker))
    assert [(answer.status, answer.headers["Location"]) for answer in answers] == [(303, "/todos")] * 2
    assert zoe.titles == ["Buy milk"]
    assert zoe.follow(answers[1]).alerts == [ADDED]
    assert zoe.visit("/todos").alerts == []


def test_what_is_sent_again_while_it_is_carried_out_waits_and_gets_the_same_answer(
    site: Site, zoe: Browser, milk: Form
) -> None:
    answers = twice(site, zoe, milk)
    assert [(answer.status, answer.headers["Location"]) for answer in answers] == [(303, "/todos")] * 2
    assert zoe.titles == ["Buy milk"]
    assert zoe.follow(answers[1]).alerts == [ADDED]
    assert zoe.visit("/todos").alerts == []


def test_a_form_that_is_reloaded_and_sent_meanwhile_is_the_same_submission(
    site: Site, zoe: Browser, milk: Form
) -> None:
    with site.hold("done") as hold:
        first = begin(lambda: zoe.send(milk, headers=hold.headers, at=0))
        hold.wait()
        again = zoe.new_todo("Buy milk")
        assert again.key != milk.key
        second = begin(lambda: zoe.send(again, at=1))
        assert waits(second)
        hold.release()
        answers = [first.result(), second.result()]
    assert [(answer.status, answer.headers["Location"]) for answer in answers] == [(303, "/todos")] * 2
    assert zoe.titles == ["Buy milk"]
    assert zoe.follow(answers[1]).alerts == [ADDED]


@pytest.mark.parametrize("point", ["come", "begun", "done"])
def test_a_form_that_is_opened_anew_because_no_answer_came_is_the_same_submission(
    site: Site, zoe: Browser, milk: Form, point: str
) -> None:
    with site.hold(point) as hold:
        zoe.hang_up(milk, hold)
        again = zoe.new_todo("Buy milk")
    wait_for(lambda: zoe.titles != [])
    answer = zoe.send(again)
    assert zoe.titles == ["Buy milk"]
    assert zoe.follow(answer).alerts == [ADDED]
    assert zoe.visit("/todos").alerts == []


def test_a_form_that_is_opened_anew_says_itself_what_became_of_the_lost_answer(
    site: Site, zoe: Browser, milk: Form
) -> None:
    with site.hold("kept") as hold:
        zoe.hang_up(milk, hold)
    assert zoe.visit("/todos").alerts == [ADDED]
    assert zoe.visit("/todos").alerts == []


def test_whoever_was_told_and_sends_the_same_again_means_it(zoe: Browser, milk: Form) -> None:
    assert zoe.follow(zoe.send(milk)).alerts == [ADDED]
    answer = zoe.send(zoe.new_todo("Buy milk"))
    assert zoe.titles == ["Buy milk", "Buy milk"]
    assert zoe.follow(answer).alerts == [ADDED]


def test_a_copy_that_comes_when_all_is_told_is_not_another_wish(site: Site, zoe: Browser, milk: Form) -> None:
    with site.hold("come") as hold:
        late = begin(lambda: zoe.send(milk, headers=hold.headers))
        hold.wait()
        assert zoe.follow(zoe.send(zoe.new_todo("Buy milk"))).alerts == [ADDED]
        zoe.visit("/todos")
    assert error(late.result()) == "You already sent this form. Send it again to save this as well."
    assert zoe.titles == ["Buy milk"]
    assert zoe.send(form_in(late.result(), "/todos")).status == 303
    assert zoe.titles == ["Buy milk", "Buy milk"]


def test_a_copy_of_what_was_answered_again_is_not_another_wish_when_all_is_told(
    site: Site, zoe: Browser, milk: Form
) -> None:
    for lost in (milk, "/todos"):
        with site.hold("kept") as hold:
            zoe.hang_up(lost, hold)
    again = zoe.new_todo("Buy milk")
    with site.hold("come") as hold:
        late = begin(lambda: zoe.send(again, headers=hold.headers))
        hold.wait()
        assert zoe.follow(zoe.send(again)).alerts == [ADDED]
        zoe.visit("/todos")
    late.result()
    assert zoe.titles == ["Buy milk"]


@pytest.mark.parametrize(("minutes", "rows"), [(9, 1), (11, 2)])
def test_whoever_was_not_told_for_eleven_minutes_means_it(
    site: Site, zoe: Browser, milk: Form, minutes: int, rows: int
) -> None:
    other_tab = zoe.new_todo("Buy milk")
    with site.hold("kept") as hold:
        zoe.hang_up(milk, hold)
    site.age(Submission.created_at, minutes=minutes)
    zoe.send(other_tab)
    assert zoe.titles == ["Buy milk"] * rows


def test_back_and_the_same_press_again_leads_to_the_same_place(zoe: Browser, milk: Form) -> None:
    first = zoe.send(milk)
    assert zoe.follow(first).alerts == [ADDED]
    zoe.visit("/todos")
    again = zoe.send(milk)
    assert (again.status, again.headers["Location"]) == (303, first.headers["Location"])
    assert zoe.titles == ["Buy milk"]
    assert zoe.follow(again).alerts == []


def test_back_and_another_text_is_asked_about_and_saved_by_one_more_press(zoe: Browser, milk: Form) -> None:
    zoe.follow(zoe.send(milk))
    answer = zoe.send(Form(milk.action, milk.fields | {"title": "Buy bread"}))
    assert error(answer) == "You already sent this form. Send it again to save this as well."
    assert zoe.titles == ["Buy milk"]
    shown = form_in(answer, "/todos")
    assert shown.fields["title"] == "Buy bread"
    assert shown.key != milk.key
    assert zoe.send(shown).status == 303
    assert zoe.titles == ["Buy milk", "Buy bread"]


def test_a_form_that_is_corrected_keeps_its_key(zoe: Browser, milk: Form) -> None:
    answer = zoe.send(Form(milk.action, milk.fields | {"title": ""}))
    assert error(answer) == "Write what needs to be done."
    shown = form_in(answer, "/todos", title="Buy milk")
    assert shown.key == milk.key
    assert [zoe.send(shown).status for _ in range(2)] == [303, 303]
    assert zoe.titles == ["Buy milk"]


# ---- What breaks


def test_a_worker_that_dies_before_the_commit_leaves_nothing_and_the_next_does_it(
    site: Site, zoe: Browser, milk: Form
) -> None:
    with site.hold("done") as hold:
        first = begin(lambda: zoe.send(milk, headers=hold.headers, at=0))
        hold.wait()
        site.kill(0)
        with pytest.raises(Failed):
            first.result()
    assert zoe.titles == []
    answer = zoe.send(milk, at=1)
    site.wait()
    assert zoe.titles == ["Buy milk"]
    assert zoe.follow(answer).alerts == [ADDED]


@pytest.mark.parametrize("by", ["the same form", "another tab"])
def test_a_worker_that_dies_after_the_commit_has_done_it(site: Site, zoe: Browser, milk: Form, by: str) -> None:
    again = milk if by == "the same form" else zoe.new_todo("Buy milk")
    with site.hold("kept") as hold:
        first = begin(lambda: zoe.send(milk, headers=hold.headers, at=0))
        hold.wait()
        site.kill(0)
        with pytest.raises(Failed):
            first.result()
    assert zoe.titles == ["Buy milk"]
    answer = zoe.send(again, at=1)
    assert answer.status == 303
    assert zoe.titles == ["Buy milk"]
    site.wait()
    assert zoe.follow(answer).alerts == [ADDED]
    assert zoe.visit("/todos").alerts == []


def test_a_view_that_fails_after_its_effect_leaves_nothing_and_the_next_press_does_it(zoe: Browser, milk: Form) -> None:
    once = {"Fail-Once": zoe.name.replace(" ", "-")}
    failed = zoe.send(milk, headers=once)
    assert (failed.status, "Buy milk" in failed.text) == (500, True)
    assert zoe.titles == []
    answer = zoe.send(milk, headers=once)
    assert zoe.titles == ["Buy milk"]
    assert zoe.follow(answer).alerts == [ADDED]
    assert zoe.visit("/todos").alerts == []


def test_a_request_that_collides_runs_again_by_itself_and_does_it_once(zoe: Browser, milk: Form) -> None:
    answer = zoe.send(milk, headers={"Collide-Once": zoe.name.replace(" ", "-")})
    assert answer.status == 303
    assert zoe.titles == ["Buy milk"]
    assert zoe.follow(answer).alerts == [ADDED]
    assert zoe.send(milk).status == 303
    assert zoe.titles == ["Buy milk"]


def test_a_page_that_shows_again_what_was_typed_shows_no_key(zoe: Browser, milk: Form) -> None:
    failed = zoe.send(milk, headers={"Fail-Once": zoe.name.replace(" ", "-")})
    assert milk.key not in failed.text


@pytest.fixture
def cut(empty_postgresql_url: str, tmp_path: Path) -> Iterator[tuple[Page, Proxy]]:
    """A page's visitor of an app whose way to PostgreSQL can be cut."""
    with Proxy(empty_postgresql_url) as proxy:
        for app in running(tmp_path, proxy.url):
            visitor = Page(app)
            visitor.enter()
            yield visitor, proxy


@pytest.mark.parametrize(("moment", "rows"), [("before", 0), ("after", 1)])
def test_a_commit_of_which_nobody_heard_is_found_out_by_sending_again(
    cut: tuple[Page, Proxy], postgresql_url: str, moment: str, rows: int
) -> None:
    visitor, proxy = cut
    shown = visitor.page
    proxy.cut = moment
    visitor.add("Buy milk")
    assert visitor.status == 503
    assert "Buy milk" in visitor.text()
    kept = create_engine(postgresql_url)
    with kept.connect() as opened:
        assert opened.scalar(text("SELECT count(*) FROM todo")) == rows
    kept.dispose()
    visitor.page, visitor.url = shown, "/todos"
    visitor.add("Buy milk")
    assert visitor.titles() == ["Buy milk"]
    assert visitor.alert() == ADDED
    visitor.open()
    assert visitor.titles() == ["Buy milk"]
    assert visitor.alert() == ""


# ---- Programs


def program(site: Site) -> dict[str, str]:
    """The headers of a program with a list of its own."""
    with site.database.transaction(write=True) as transaction:
        token = add_token(add_account("Program"))
        transaction.commit()
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def call(nobody: Browser, headers: dict[str, str], title: str, key: str) -> Answer:
    body = json.dumps({"title": title}).encode()
    return nobody.ask("POST", "/api/v1/todos", body, headers=headers | {"Idempotency-Key": key})


def titles(nobody: Browser, headers: dict[str, str]) -> list[str]:
    return [todo["title"] for todo in json.loads(nobody.ask("GET", "/api/v1/todos", headers=headers).text)]


def test_eight_calls_with_one_key_make_one_row_and_get_the_same_bytes(site: Site, nobody: Browser) -> None:
    ours = program(site)
    answers = at_once(8, lambda _: call(nobody, ours, "Buy milk", "key"))
    assert [answer.status for answer in answers] == [201] * 8
    assert len({(answer.body, answer.headers["Location"]) for answer in answers}) == 1
    assert [answer.headers.get("Idempotent-Replayed") for answer in answers].count("true") == 7
    assert titles(nobody, ours) == ["Buy milk"]


def test_a_key_that_was_used_does_nothing_else_but_in_another_account(site: Site, nobody: Browser) -> None:
    ours, theirs = program(site), program(site)
    assert call(nobody, ours, "Buy milk", "key").status == 201
    refused = call(nobody, ours, "Buy bread", "key")
    assert refused.status == 422
    assert json.loads(refused.text)["detail"] == "This Idempotency-Key was already used for something else."
    assert titles(nobody, ours) == ["Buy milk"]
    assert "Idempotent-Replayed" not in call(nobody, theirs, "Buy milk", "key").headers
    assert titles(nobody, theirs) == ["Buy milk"]


# ---- Waiting in vain


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> Iterator[Page]:
    """A visitor of an app that waits for one second only."""
    monkeypatch.setattr("webapp.engines.LOCK_WAIT", 1)
    for app in running(tmp_path, database_url):
        faulty.mount(app, tmp_path)
        visitor = Page(app)
        visitor.enter()
        yield visitor


def test_what_takes_too_long_is_to_be_sent_again_later(hasty: Page, tmp_path: Path) -> None:
    cookie = hasty.http.get_cookie("recado")
    assert cookie
    again = Page(hasty.app)
    again.http.set_cookie("recado", cookie.value)
    shown = again.page = hasty.page
    again.url = "/todos"
    hold = Hold(tmp_path, "done")
    hasty.headers = hasty.headers | hold.headers
    first = begin(lambda: hasty.add("Buy milk"))
    hold.wait()
    again.add("Buy milk")
    assert again.status == 409
    assert again.answer.headers["Retry-After"] == "5"
    assert "Buy milk" in again.text()
    hold.release()
    first.result()
    again.page, again.url = shown, "/todos"
    again.add("Buy milk")
    assert again.status == 303
    assert again.titles() == ["Buy milk"]


# ---- Who it is


@pytest.mark.parametrize("known", [False, True])
def test_a_registration_by_double_click_makes_one_account_and_one_session(
    site: Site, nobody: Browser, known: bool
) -> None:
    begin_form = nobody.form("/", "/", name=nobody.name)
    if known:
        nobody.post("/faulty/count")
    before = nobody.token
    answers = twice(site, nobody, begin_form)
    assert [(answer.status, answer.headers["Location"]) for answer in answers] == [(303, "/todos")] * 2
    assert site.all("SELECT count(*) FROM account WHERE name = :name", name=nobody.name) == [1]
    tokens = [[cookie for cookie in answer.cookies if cookie.startswith("recado=")] for answer in answers]
    assert tokens[0] == tokens[1]
    assert nobody.token != before
    assert nobody.follow(answers[1]).alerts == [f"Welcome, {nobody.name}!"]
    assert nobody.visit("/todos").alerts == []
    assert nobody.send(nobody.new_todo("Buy milk")).status == 303
    assert nobody.titles == ["Buy milk"]
    assert ("n" in nobody.values) == known


@pytest.mark.parametrize("by", ["the same form", "a new form"])
def test_a_registration_whose_answer_was_lost_is_repeated_by_sending_it_again(
    site: Site, nobody: Browser, by: str
) -> None:
    first = nobody.form("/", "/", name=nobody.name)
    with site.hold("kept") as hold:
        nobody.hang_up(first, hold)
    answer = nobody.send(first if by == "the same form" else nobody.form("/", "/", name=nobody.name))
    assert site.all("SELECT count(*) FROM account WHERE name = :name", name=nobody.name) == [1]
    assert nobody.follow(answer).alerts == [f"Welcome, {nobody.name}!"]


def test_a_stranger_with_a_copied_key_gets_neither_answer_nor_session(site: Site, zoe: Browser, milk: Form) -> None:
    zoe.send(milk)
    bob = Browser(site).enter()
    refused = bob.send(milk)
    assert error(refused).startswith("This form is from an earlier visit.")
    assert form_in(refused, "/todos").fields["title"] == "Buy milk"
    assert bob.titles == []
    assert bob.send(form_in(refused, "/todos")).status == 303
    assert (bob.titles, zoe.titles) == (["Buy milk"], ["Buy milk"])


def test_a_stranger_with_a_copied_registration_does_not_come_in_by_it(site: Site, nobody: Browser) -> None:
    registration = nobody.form("/", "/", name=nobody.name)
    nobody.send(registration)
    stranger = Browser(site)
    for said in ("Recado knows you again by a cookie", "This form is from an earlier visit."):  # without one, and with
        refused = stranger.send(registration)
        assert error(refused).startswith(said)
        assert stranger.token != nobody.token
        assert stranger.visit("/todos").status == 303


def dated(key: str, seconds: int) -> str:
    """The same key, as if its form had been shown so many seconds later."""
    form, tag, shown, random, _signature = key.split(".")
    return Signer(SECRET, salt="submission").sign(f"{form}.{tag}.{int(shown) + seconds * 1_000_000}.{random}").decode()


def test_a_form_that_was_open_for_eight_days_is_asked_about(zoe: Browser, milk: Form) -> None:
    old = milk.fields | {"submission": dated(milk.key, -8 * 24 * 3600)}
    refused = zoe.send(Form(milk.action, old))
    assert error(refused) == "This form was open for more than a week. Send it again to save it."
    assert zoe.titles == []
    shown = form_in(refused, "/todos")
    assert shown.fields["title"] == "Buy milk"
    assert zoe.send(shown).status == 303
    assert zoe.titles == ["Buy milk"]


@pytest.mark.parametrize("seconds", [30, -6 * 24 * 3600])
def test_a_form_of_this_week_or_of_a_clock_that_is_fast_is_good(zoe: Browser, milk: Form, seconds: int) -> None:
    dated_form = Form(milk.action, milk.fields | {"submission": dated(milk.key, seconds)})
    assert [zoe.send(dated_form).status for _ in range(2)] == [303, 303]
    assert zoe.titles == ["Buy milk"]


def upload(zoe: Browser, form: Form, content: bytes, **how: Any) -> Answer:
    return zoe.post(form.action, form.fields | {"file": FileStorage(io.BytesIO(content), "milk.txt")}, **how)


def test_an_upload_is_taken_once_and_another_one_is_not_taken_for_it(site: Site, zoe: Browser) -> None:
    form = zoe.form("/faulty/uploads", "/faulty/uploads")
    answers = at_once(2, lambda worker: upload(zoe, form, b"Buy milk", at=worker))
    assert [(answer.status, answer.headers["Location"]) for answer in answers] == [(303, "/faulty/alerts")] * 2
    assert zoe.titles == ["Buy milk"]
    assert upload(zoe, form, b"Buy silk").status == 422
    assert zoe.titles == ["Buy milk"]
    assert zoe.visit("/faulty/alerts").alerts == ["Received."]


def test_an_upload_that_collides_is_read_again_from_the_beginning(zoe: Browser) -> None:
    form = zoe.form("/faulty/uploads", "/faulty/uploads")
    once = {"Collide-Once": zoe.name.replace(" ", "-")}
    assert upload(zoe, form, b"Buy milk", headers=once).status == 303
    assert upload(zoe, form, b"Buy milk").status == 303
    assert zoe.titles == ["Buy milk"]
