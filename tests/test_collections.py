"""A list as programs ask for it: page by page, filtered and in an order of their choice."""

import random
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from tests.support.clients import Page, Program, account_named, next_page
from tests.test_queries import statements
from webapp.models.accounts.token import add_token
from webapp.models.todos.filters import SORTS, _last_scanned, _page
from webapp.models.todos.todo import POSITION_LIMIT

TITLES = ["b", "a", "B", "ñ", "a", "10", "9", "😀", "a b", "Z"]


@pytest.fixture
def ana(any_app: Flask) -> Program:
    """Ana's program, on each engine."""
    visitor = Program(any_app)
    visitor.enter()
    return visitor


def walk(program: Program, query: str, path: str = "/todos") -> list[list[dict[str, Any]]]:
    """The pages of a list, by following its links."""
    pages = [program.call("GET", f"{path}?{query}")]
    while place := next_page(program.answer):
        pages.append(program.call("GET", place.partition("/api/v1")[2]))
    return pages


def fill(program: Program) -> list[dict[str, Any]]:
    for number, title in enumerate(TITLES):
        program.call("POST", "/todos", {"title": title, "order": number // 3})
    for title in ("b", "9"):
        program.complete(title)
    todos: list[dict[str, Any]] = program.call("GET", "/todos")
    return todos


def test_what_was_never_changed_says_so_by_its_moments(ana: Program) -> None:
    ana.add("a")
    ana.call("POST", "/todos/lines", {"lines": "b\nc"})
    todos = ana.call("GET", "/todos")
    assert [todo["updated_at"] for todo in todos] == [todo["created_at"] for todo in todos]
    ana.edit("a", "d")
    todo = ana.call("GET", "/todos")[0]
    assert todo["updated_at"] > todo["created_at"]


# ---- Pages and orders


@pytest.mark.parametrize("order", SORTS)
def test_every_order_is_whole_page_by_page(ana: Program, order: str) -> None:
    todos = fill(ana)
    key = {"position": "order"}.get(name := order.removeprefix("-"), name)
    expected = sorted(todos, key=lambda todo: (todo[key], todo["id"]), reverse=order != name)
    for limit in (1, 3, 10, 11):
        pages = walk(ana, f"order={order}&limit={limit}")
        assert [len(page) for page in pages] == [limit] * (10 // limit) + [10 % limit] * bool(10 % limit)
        assert [todo for page in pages for todo in page] == expected


def test_the_trash_is_whole_page_by_page_the_latest_first(ana: Program) -> None:
    fill(ana)
    for title in ("9", "ñ", "Z"):
        ana.delete(title)
    ana.call("POST", "/todos/complete")
    ana.call("DELETE", "/todos?show=completed")  # at one moment
    for limit in (1, 3, 10):
        pages = walk(ana, f"limit={limit}", "/trash")
        assert [len(page) for page in pages] == [limit] * (10 // limit) + [10 % limit] * bool(10 % limit)
        trashed = [todo for page in pages for todo in page]
        assert len({todo["id"] for todo in trashed}) == 10
        assert [todo["deleted_at"] for todo in trashed] == sorted((t["deleted_at"] for t in trashed), reverse=True)
        assert [todo["title"] for todo in trashed[-3:]] == ["Z", "ñ", "9"]


@pytest.mark.parametrize("title", ["First", "A", "D", "Last"])
def test_at_the_last_places_that_json_keeps_exact_all_goes_on(ana: Program, title: str) -> None:
    for end, place in (("First", -POSITION_LIMIT), ("Last", POSITION_LIMIT)):
        ana.call("POST", "/todos", {"title": end, "order": place})
    for added in "AB":
        ana.add(added)
    ana.call("POST", "/todos/lines", {"lines": "C\nD"})
    expected = ["First", "Last", *"ABCD"]
    for to, place in (("", None), ("top", 0), ("bottom", 5), ("up", 4), ("top", 0)):
        if to:
            ana.move(title, to)
            expected.remove(title)
            expected.insert(place or 0, title)
        todos = ana.call("GET", "/todos")
        assert [todo["title"] for todo in todos] == expected
        assert all(-POSITION_LIMIT <= todo["order"] <= POSITION_LIMIT for todo in todos)


def test_a_list_has_a_hundred_where_nobody_says_how_many_and_a_page_fifty(app: Flask) -> None:
    program, page = Program(app), Page(app)
    page.enter()
    account = account_named(app, "Ana")
    with app.extensions["database"].transaction(write=True) as transaction:
        program.token = add_token(account)
        transaction.commit()
    program.call("POST", "/todos/lines", {"lines": "\n".join(f"To-do {number}" for number in range(120))})
    assert [len(found) for found in walk(program, "")] == [100, 20]
    page.open()
    assert len(page.titles()) == 50


def test_links_keep_what_was_asked_and_lead_back_to_the_beginning(ana: Program) -> None:
    ana.call("POST", "/todos/lines", {"lines": "a&b 1\na&b 2\na&b 3"})
    ana.call("GET", f"/todos?limit=1&q={quote('a&b')}&show=active")
    assert 'rel="first"' not in ana.answer.headers["Link"]
    (todo,) = ana.call("GET", next_page(ana.answer).partition("/api/v1")[2])  # type: ignore[union-attr]
    assert todo["title"] == "a&b 2"
    first = ana.answer.headers["Link"].rpartition("<")[2]
    assert first == 'http://localhost/api/v1/todos?limit=1&q=a%26b&show=active>; rel="first"'


def test_the_last_page_has_no_next(ana: Program) -> None:
    ana.call("POST", "/todos/lines", {"lines": "a\nb"})
    ana.call("GET", "/todos?limit=2")
    assert "Link" not in ana.answer.headers


# ---- Filters


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("milk", ["Buy MILK", "milk 100%"]),
        ("MILK", ["Buy MILK", "milk 100%"]),
        ("100%", ["milk 100%"]),
        ("%", ["milk 100%"]),
        ("_", ["a_b"]),
        ("\\", ["c\\d"]),
        ("\\%", []),
        ("ñ", ["Año"]),
        ("Buy  ", ["Buy MILK"]),
        ("' OR 1=1 --", []),
    ],
)
def test_text_is_found_as_it_is_whatever_its_case(ana: Program, q: str, found: list[str]) -> None:
    titles = ["Buy MILK", "milk 100%", "a_b", "acb", "c\\d", "Año"]
    ana.call("POST", "/todos/lines", {"lines": "\n".join(titles)})
    assert [todo["title"] for todo in ana.call("GET", f"/todos?q={quote(q)}")] == found


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("AÑO ПРИВЕТ", ["año", "привет", "AÑO"]),
        ("Émile", ["é", "É", "MILE"]),
        ("Straße", ["STRASSE", "strasse", "STRAßE", "ß"]),
        ("ΟΔΟΣ", ["οδος", "οδοσ", "Σ", "ς", "σ"]),
        ("ΟΔΟΣΑ", ["ΟΔΟΣ", "οδος"]),
        ("İstanbul", ["İ", "stanbul", "İSTANBUL"]),
        ("ﬁn", ["FIN", "ﬁ", "fi"]),
    ],
)
def test_case_is_that_of_every_alphabet_on_each_engine(ana: Program, title: str, parts: list[str]) -> None:
    ana.add(title)
    assert [part for part in parts if not ana.call("GET", f"/todos?q={quote(part)}")] == []
    assert ana.call("GET", "/todos?q=x") == []


def test_filters_go_together(ana: Program) -> None:
    fill(ana)
    found = walk(ana, "show=completed&limit=1&order=-title")
    assert [[todo["title"] for todo in page] for page in found] == [["b"], ["9"]]
    assert [todo["title"] for todo in ana.call("GET", "/todos?show=active&q=a")] == ["a", "a", "a b"]


def test_what_was_changed_since_a_moment_is_found(ana: Program) -> None:
    fill(ana)
    moment = ana.call("GET", f"/todos/{ana.id_of('9')}")["updated_at"]
    for text in (moment, moment.lower(), moment.replace("Z", "%2B00:00")):
        assert [todo["title"] for todo in ana.call("GET", f"/todos?updated_since={text}")] == ["9"]
    for early in ("0001-01-01T00:00:00%2B01:00", "2020-01-01T00:00:00.5-03:00"):
        assert len(ana.call("GET", f"/todos?updated_since={early}")) == len(TITLES)
    assert ana.call("GET", "/todos?updated_since=9999-12-31T23:59:59-01:00") == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=-1", "limit"),
        ("limit=1.0", "limit"),
        ("limit=1_0", "limit"),
        ("limit=", "limit"),
        (f"limit={'9' * 5000}", "limit"),
        ("limit=1&limit=2", "limit"),
        ("order=", "order"),
        ("order=id", "order"),
        ("order=--title", "order"),
        ("order=title,position", "order"),
        ("updated_since=", "updated_since"),
        ("updated_since=2026-11-20", "updated_since"),
        ("updated_since=2026-11-20T10:00:00", "updated_since"),
        ("updated_since=2026-11-20T10:00:00+00:00", "updated_since"),  # + is a space in a query
        ("updated_since=2026-13-20T10:00:00Z", "updated_since"),
        ("q=", "q"),
        ("q=%00", "q"),
        (f"q={'x' * 501}", "q"),
        ("cursor=", "cursor"),
        ("cursor=x", "cursor"),
        ("show=some", "show"),
        ("show=all&show=all", "show"),
        ("updated_sinse=x", "updated_sinse"),
        ("offset=1", "offset"),
    ],
)
def test_a_wrong_parameter_is_422_and_named(program: Program, query: str, parameter: str) -> None:
    answer = program.call("GET", f"/todos?{query}")
    assert program.status == 422
    assert [error["parameter"] for error in answer["errors"]] == [parameter]
    assert all(error["detail"] for error in answer["errors"])


def test_a_cursor_is_of_one_order(program: Program) -> None:
    program.call("POST", "/todos/lines", {"lines": "a\nb\nc"})
    program.call("GET", "/todos?limit=1&order=title")
    place = str(next_page(program.answer)).partition("/api/v1")[2]
    for other in ("order=-title", "order=position"):
        answer = program.call("GET", place.replace("order=title", other))
        assert (program.status, answer["errors"][0]["parameter"]) == (422, "cursor")
    program.call("GET", place[:-1])
    assert program.status == 422


# ---- While others write


@pytest.mark.parametrize("order", ["position", "-created_at", "updated_at", "title"])
def test_a_walk_while_others_write_neither_repeats_nor_skips_what_stood_still(ana: Program, order: str) -> None:
    chance = random.Random(order)
    rows = [{"title": f"To-do {number:03}", "order": number * 1000} for number in range(100)]
    ana.call("POST", "/batch", {"operations": [{"method": "POST", "path": "/todos", "body": row} for row in rows]})
    before = {todo["id"]: todo for todo in ana.call("GET", "/todos?limit=500")}
    seen: list[str] = []
    page = ana.call("GET", f"/todos?limit=10&order={order}")
    while True:
        place = next_page(ana.answer)
        seen += [todo["id"] for todo in page]
        if place is None:
            break
        for _ in range(3):
            disturb(ana, chance)
        page = ana.call("GET", place.partition("/api/v1")[2])
    after = {todo["id"]: todo for todo in walk_all(ana)}
    key = {"position": "order"}.get(name := order.removeprefix("-"), name)
    still = {id for id, todo in before.items() if id in after and after[id][key] == todo[key]}
    assert len(still) > 50
    assert {id: seen.count(id) for id in still} == dict.fromkeys(still, 1)


def walk_all(program: Program) -> list[dict[str, Any]]:
    return [todo for page in walk(program, "limit=500") for todo in page]


def disturb(program: Program, chance: random.Random) -> None:
    """Another client's change: anywhere, before or behind whoever walks."""
    path = f"/todos/{chance.choice(walk_all(program))['id']}"
    verb = chance.choice(["add", "rename", "delete", "top", "bottom", "place", "up"])
    title = f"To-do {chance.randint(0, 119):03} again"
    if verb == "add":
        program.call("POST", "/todos", {"title": title, "order": chance.randint(-9000, 109000)})
    elif verb == "rename":
        program.call("PATCH", path, {"title": title})
    elif verb == "place":
        program.call("PATCH", path, {"order": chance.randint(-9000, 109000)})
    elif verb == "delete":
        program.call("DELETE", path)
    else:
        program.call("POST", f"{path}/move/{verb}")


def test_a_move_writes_a_few_rows_however_many_share_a_place(ana: Program) -> None:
    for number in range(60):
        ana.call("POST", "/todos", {"title": f"n{number:02}", "order": 7})
    ana.move("n00", "down")
    assert ana.titles()[:3] == ["n01", "n00", "n02"]
    with statements(ana.app) as sent:
        ana.move("n00", "down")
        ana.move("n59", "up")
    assert ana.titles()[:3] == ["n01", "n02", "n00"]
    assert ana.titles()[-2:] == ["n59", "n58"]
    assert len([statement for statement in sent if statement.startswith("UPDATE todo")]) <= 3


@pytest.mark.parametrize("sign", ["", "-"])
def test_what_changed_since_is_found_at_once_in_the_order_of_changes(
    ana: Program, sign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.models.todos.filters.SCAN", 3)  # of however many that changed before
    _page.cache_clear()
    ana.call("POST", "/todos/lines", {"lines": "\n".join(f"To-do {number}" for number in range(10))})
    moment = ana.call("POST", "/todos", {"title": "Late"})["created_at"]
    found = ana.call("GET", f"/todos?order={sign}updated_at&updated_since={moment}")
    assert [todo["title"] for todo in found] == ["Late"]
    assert "Link" not in ana.answer.headers
    _page.cache_clear()


def test_what_no_index_finds_is_found_by_following_the_links(ana: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.models.todos.filters.SCAN", 3)
    _page.cache_clear()
    _last_scanned.cache_clear()
    titles = [f"To-do {number}" for number in range(10)]
    ana.call("POST", "/todos/lines", {"lines": "\n".join(titles)})
    pages = walk(ana, "q=8")
    assert [[todo["title"] for todo in page] for page in pages] == [[], [], ["To-do 8"], []]
    _page.cache_clear()
    _last_scanned.cache_clear()
