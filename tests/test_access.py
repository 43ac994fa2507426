"""Who may do what: every route, with every method, tried by everybody (the table is tests/support/access_table.py)."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import SECRET
from tests.support.access_table import DOORS, FORM, HERE, JSON, UNKNOWN, Door, World, routes
from webapp import create_app
from webapp.config import Config
from webapp.models import Base

PAGES = [door for door in DOORS if not door.is_api]
CALLS = [door for door in DOORS if door.is_api and door.who != "secret"]
SECRETS = [door for door in DOORS if door.who == "secret"]
ASKED = re.compile(r"/(login|confirm)?\?next=|/register")  # where whoever comes to a page is asked who it is
OURS = ("Ana’s secret", "Anastasia", "anastasia")
FRAGMENT = {"HX_Request": "true"}
OWN = ("Content-Length", "X-Request-Id")  # headers that differ each time
NOT_HER = ("stranger", "expired", "disabled", "leaving", "guest", "bob")


@pytest.fixture(scope="module")
def world_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("doors")
    file = folder / "test.sqlite3"
    app = create_app(Config(folder, f"sqlite:///{file}", SECRET, registration="invite"))
    yield World(app, file)
    app.extensions["database"].engine.dispose()


@pytest.fixture
def world(world_once: World) -> World:
    """As it was in the beginning, whatever the test before did to it."""
    world_once.restore()
    return world_once


def each(doors: list[Door]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("door", doors, ids=str)


def is_asked(answer: TestResponse) -> bool:
    """Whether nothing was done but to ask who it is, or to confirm it."""
    if answer.status_code == 401:
        return True
    place = answer.headers.get("Location", answer.headers.get("HX-Redirect", ""))
    return answer.status_code in (200, 303) and bool(ASKED.match(place))


def is_refused(answer: TestResponse) -> bool:
    return is_asked(answer) or answer.status_code in (403, 404, 410)


def told(answer: TestResponse) -> str:
    return answer.data.decode(errors="replace") + str(answer.headers)


def plain(answer: TestResponse, id: UUID) -> tuple[Any, ...]:
    """An answer without what differs each time: the keys of its forms; and without the id that was asked for."""
    text = answer.text.replace(str(id), "<id>")
    text = re.sub(r'(name="(?:csrf_token|submission)" value=")[^"]*', r"\1", text)
    headers = [(name, value.replace(str(id), "<id>")) for name, value in answer.headers if name not in OWN]
    return answer.status_code, sorted(headers), text


# ---- The table


def test_every_route_has_a_line_in_the_table_and_every_line_a_route(world: World) -> None:
    lines = {(door.method, door.rule) for door in DOORS}
    assert len(lines) == len(DOORS)
    assert sorted(routes(world.app) - lines) == [], "enter these into tests/support/access_table.py"
    assert sorted(lines - routes(world.app)) == []
    assert {*JSON} <= {str(door) for door in DOORS}


@each(DOORS)
def test_who_may_go_through_does(world: World, door: Door) -> None:
    """The positive control: else all that follows would also hold for an app that refuses everybody."""
    answer = world.ask("root" if door.who == "admin" else "owner", door)
    no_json = door.is_api and answer.status_code == 406  # a page that programs have no use for
    nothing_there = door.rule.endswith(("<path:filename>", "<token>")) or door.rule == "/press"
    assert no_json or nothing_there or answer.status_code < 400 or answer.status_code == 422, answer.status
    assert not is_asked(answer) or door.who == "public"


# ---- Pages and fragments


@each([door for door in PAGES if door.who != "public"])
@pytest.mark.parametrize("who", ["stranger", "expired", "disabled", "leaving"])
def test_who_is_nobody_is_asked_and_nothing_is_told_or_done(world: World, door: Door, who: str) -> None:
    before = world.anas()
    for headers in ({}, FRAGMENT):
        answer = world.ask(who, door, **headers)
        assert is_asked(answer), answer.status
        assert not [text for text in OURS if text in told(answer)]
    assert world.anas() == before


@each([door for door in PAGES if door.who == "confirmed" or (door.who == "admin" and door.changes)])
def test_a_door_that_wants_confirmation_asks_for_it(world: World, door: Door) -> None:
    who = "unconfirmed root" if door.who == "admin" else "unconfirmed"
    file = door.rule.endswith(".json")  # nobody is led back to a file, so the page that offers it asks
    before = world.everything()
    answer = world.ask(who, door)
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (
        303,
        "/settings/export" if file else "/confirm",
    )
    assert file or world.ask(who, door, **FRAGMENT).status_code == 401
    after = world.everything()
    assert before | {"session_entry": [], "browser_session": []} == after | {"session_entry": [], "browser_session": []}


@each([door for door in PAGES if door.who == "admin"])
def test_who_does_not_administer_finds_nothing_there(world: World, door: Door) -> None:
    before = world.everything()
    for headers in ({}, FRAGMENT):
        assert world.ask("owner", door, **headers).status_code == 404
    assert world.everything() == before


@each(PAGES)
@pytest.mark.parametrize("who", NOT_HER)
def test_nobody_else_sees_or_changes_what_is_anas(world: World, door: Door, who: str) -> None:
    before = world.anas()
    for headers in ({}, FRAGMENT):
        answer = world.ask(who, door, **headers)
        assert answer.status_code < 500
        assert not [text for text in OURS if text in told(answer)]
        if door.thing or door.who == "admin":
            assert is_refused(answer), answer.status
    assert world.anas() == before


@each([door for door in PAGES if door.thing and door.who != "admin"])
@pytest.mark.parametrize("who", ["bob", "guest"])
@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["page", "fragment"])
def test_what_is_anothers_is_answered_as_what_there_is_not(
    world: World, door: Door, who: str, headers: dict[str, str]
) -> None:
    theirs = world.things[str(door.thing)]
    assert plain(world.ask(who, door, theirs, **headers), theirs) == plain(
        world.ask(who, door, UNKNOWN, **headers), UNKNOWN
    )


@each([door for door in PAGES if door.thing and door.method == "POST"])
def test_a_button_of_a_list_leads_nobody_past_a_door(world: World, door: Door) -> None:
    before = world.anas()
    path = door.path(world.things[str(door.thing)])
    for who in NOT_HER:
        answer = world.http(who).post("/press", data=FORM | {path: "x"}, headers=HERE)
        assert is_refused(answer), answer.status
    assert world.anas() == before


@each([door for door in PAGES if door.changes])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": None, "Origin": "https://evil.example"}, 403),
        ({"Sec_Fetch_Site": None, "Origin": "null"}, 403),
        ({"Sec_Fetch_Site": None}, 400),
    ],
    ids=["cross-site", "same-site", "foreign", "null", "silent"],
)
def test_another_sites_form_opens_no_door(
    world: World, door: Door, headers: dict[str, str | None], status: int
) -> None:
    before = world.everything()
    for kind in ({}, FRAGMENT):
        assert world.ask("owner", door, **headers, **kind).status_code == status  # type: ignore[arg-type]
    assert world.everything() == before


@each([door for door in DOORS if not door.changes])
def test_looking_changes_nothing(world: World, door: Door) -> None:
    people = ("owner", "bob", "stranger")
    for who in people if door.is_api else ():
        world.ask(who, door)  # an hour's first use of a token is taken note of
    before = world.everything()
    for who in people:
        for headers in ({}, {} if door.is_api else FRAGMENT):
            world.ask(who, door, **headers)
    assert world.everything() == before


@each([door for door in PAGES if door.who != "public"])
def test_a_token_opens_no_page(world: World, door: Door) -> None:
    token = world.people["owner"].token
    assert is_asked(world.ask("stranger", door, Authorization=f"Bearer {token}"))


# ---- Programs


@each([door for door in CALLS if door.who != "public"])
@pytest.mark.parametrize("who", ["stranger", "wrong token", "disabled", "leaving"])
def test_a_program_without_a_token_that_works_is_nobody_whatever_its_cookies(
    world: World, door: Door, who: str
) -> None:
    before = world.everything()
    answer = world.ask(who, door)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    by_cookie = world.ask("owner", door, Authorization=None)
    assert by_cookie.status_code == 401
    assert "Set-Cookie" not in by_cookie.headers
    assert not [text for text in OURS if text in told(answer) + told(by_cookie)]
    assert world.everything() == before


@each(CALLS)
@pytest.mark.parametrize("who", ["bob", "guest"])
def test_no_other_program_sees_or_changes_what_is_anas(world: World, door: Door, who: str) -> None:
    before = world.anas()
    answer = world.ask(who, door)
    assert answer.status_code < 500
    assert not [text for text in OURS if text in told(answer)]
    if door.thing:
        theirs = world.things[door.thing]
        assert is_refused(answer) or answer.status_code == 406
        assert plain(answer, theirs) == plain(world.ask(who, door, UNKNOWN), UNKNOWN)
    assert world.anas() == before


def test_a_token_that_only_reads_writes_nothing(world: World) -> None:
    before = world.everything()
    for door in CALLS:
        if door.who == "write":
            assert world.ask("reader", door).status_code == 403, door
    assert world.everything() | {"token": []} == before | {"token": []}  # which knows when each was used last


@each([door for door in CALLS if door.who == "read"])
def test_a_token_that_only_reads_reads(world: World, door: Door) -> None:
    answer = world.ask("reader", door)
    assert answer.status_code in (200, 406)
    assert answer.status_code == world.ask("owner", door).status_code


def test_a_token_that_has_expired_is_none(world: World) -> None:
    for door in CALLS:
        if door.who != "public":
            assert world.ask("expired", door).status_code == 401, door


@each(SECRETS)
@pytest.mark.parametrize("who", ["stranger", "bob", "reader"])
def test_who_does_not_know_the_secret_finds_nothing_whatever_else_they_have(world: World, door: Door, who: str) -> None:
    before = world.everything()
    for authorization in (None, f"Bearer {world.people['owner'].token}", "Bearer x"):
        answer = world.ask(who, door, Authorization=authorization)
        assert answer.status_code == 404
        assert not [text for text in OURS if text in told(answer)]
    assert world.everything() == before


# ---- Fields that nobody may set


def test_no_field_makes_somebody_what_they_are_not(world: World) -> None:
    """Mass assignment: what a form does not have, nobody sets."""
    more = {"id": str(UNKNOWN), "account_id": str(world.ana.id), "is_admin": "true", "version": "1", "deleted_at": ""}
    http = world.http("bob")
    before = world.anas()
    assert http.post("/todos", data={"title": "Mine"} | more, headers=HERE).status_code == 303
    assert http.post("/", data={"name": "Bobby"} | more, headers=HERE).status_code == 303
    assert world.anas() == before
    accounts = world.everything()["account"]
    assert len([row for row in accounts if "'Bobby'" in row and "True" not in row]) == 1
    token = {"Authorization": f"Bearer {world.people['bob'].token}"}
    for name, value in more.items():
        answer = world.app.test_client().post("/api/v1/todos", json={"title": "Mine", name: value}, headers=token)
        assert answer.status_code == 422, name


def test_a_field_that_is_sent_twice_is_refused(world: World) -> None:
    before = world.everything()
    assert world.http("bob").post("/todos", data={"title": ["Mine", "Other"]}, headers=HERE).status_code == 422
    token = {"Authorization": f"Bearer {world.people['bob'].token}"}
    twice = {"data": '{"title": "Mine", "title": "Other"}', "content_type": "application/json"}
    assert world.app.test_client().post("/api/v1/todos", headers=token, **twice).status_code == 400  # type: ignore[arg-type]
    assert world.everything() == before


def test_a_new_install_has_nobody_in_it(app: Flask) -> None:
    with app.extensions["database"].engine.connect() as opened:
        filled = [table.name for table in Base.metadata.sorted_tables if opened.execute(table.select()).all()]
        assert filled == ["epoch"]
