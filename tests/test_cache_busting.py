"""Browsers that show a page as it was are led to another address each time; all others keep plain ones."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

LYNX = {"User-Agent": "Lynx/2.9.0dev.12 libwww-FM/2.14"}
LINKS = {"User-Agent": "Links (2.28; Linux x86_64; GNU C 12.2; text)"}
DILLO = {"User-Agent": "Dillo/3.0.5"}
OLD_DILLO = {"User-Agent": "Mozilla/4.0 (compatible; Dillo 3.0)"}
ELINKS = {"User-Agent": "ELinks/0.13.2 (textmode; Linux x86_64; 100x60-2)"}
HTTPS = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"}
HTTP = {"Upgrade-Insecure-Requests": "1"}  # a browser in a house without HTTPS tells no more
OLD = [LYNX, LINKS, DILLO, OLD_DILLO, ELINKS]
ORIGIN = "http://localhost"


class Someone:
    """At a browser that sends these headers, with a list."""

    def __init__(self, app: Flask, headers: dict[str, str]) -> None:
        self.http: FlaskClient = app.test_client()
        self.headers = headers
        self.page = self.http.get("/", headers=headers)
        self.begun = self.post("/", name="Eva")
        self.go("/todos")

    def post(self, path: str, **fields: str) -> TestResponse:
        token = BeautifulSoup(self.page.text, "html.parser").select_one("[name=csrf_token]")
        assert token
        return self.http.post(path, data=fields | {"csrf_token": token["value"]}, headers=self.headers)

    def go(self, path: str) -> BeautifulSoup:
        self.page = self.http.get(path, headers=self.headers)
        assert self.page.status_code == 200
        return BeautifulSoup(self.page.text, "html.parser")


@pytest.fixture(params=OLD, ids=lambda headers: headers["User-Agent"][:12])
def old(request: pytest.FixtureRequest, common_app: Flask) -> Someone:
    return Someone(common_app, request.param)


@pytest.fixture(params=[HTTPS, HTTP], ids=["https", "http"])
def modern(request: pytest.FixtureRequest, common_app: Flask) -> Someone:
    return Someone(common_app, request.param)


def titles(page: BeautifulSoup) -> list[str]:
    return [found.get_text() for found in page.select("#todos .title")]


def test_an_old_browser_is_led_to_another_address_after_each_form(old: Someone) -> None:
    places = [old.post("/todos?show=active", title=title).location for title in ("Buy milk", "Call Rui")]
    assert places[0] != places[1]
    for place in places:
        assert place.startswith(f"{ORIGIN}/todos?show=active&at=")
        assert titles(old.go(place)) == ["Buy milk", "Call Rui"]


def test_the_row_stays_behind_the_address(old: Someone) -> None:
    old.post("/todos", title="Buy milk")
    row = old.go("/todos").select_one("li.todo")
    assert row
    place = urlsplit(old.post(f"/todos/{str(row['id']).removeprefix('todo-')}/complete").location)
    assert (place.path, place.fragment) == ("/todos", row["id"])
    assert list(parse_qs(place.query)) == ["at"]


def test_an_old_browser_that_only_looks_is_led_to_plain_absolute_addresses(old: Someone) -> None:
    old.post("/forget")
    assert old.http.get("/trash", headers=old.headers).location == f"{ORIGIN}/?next=/trash"


def test_a_modern_browser_keeps_plain_addresses(modern: Someone) -> None:
    assert modern.begun.location == "/todos"
    assert modern.post("/todos?show=active", title="Buy milk").location == "/todos?show=active"
    assert "at=" not in modern.go("/todos").decode()


def test_the_parameter_is_carried_on_into_nothing(common_app: Flask) -> None:
    lynx = Someone(common_app, LYNX)
    lynx.post("/todos", title="Buy milk")
    lynx.go("/todos?show=active")  # where the messages are read
    plain, fresh = (without_secrets(lynx.go(f"/todos?show=active{more}")) for more in ("", "&at=a1b2"))
    assert fresh == plain
    assert "at=" not in plain


def test_who_is_asked_for_a_name_comes_back_to_the_plain_address(common_app: Flask) -> None:
    lynx = Someone(common_app, LYNX)
    lynx.post("/forget")
    assert lynx.http.get("/todos?at=a1b2&show=active", headers=LYNX).location == f"{ORIGIN}/?next=/todos?show%3Dactive"


def test_a_choice_of_language_leads_back_to_the_page_by_another_address(common_app: Flask) -> None:
    lynx = Someone(common_app, LYNX)
    lynx.headers = LYNX | {"Referer": f"{ORIGIN}/todos?show=active&at=a1b2"}
    place = lynx.post("/language/en").location
    assert re.fullmatch(rf"{ORIGIN}/todos\?show=active&at=[\w-]+", place)
    assert "a1b2" not in place


@pytest.mark.parametrize("headers", [LINKS, DILLO, OLD_DILLO], ids=["Links", "Dillo", "Dillo 2"])
def test_a_browser_that_keeps_everything_finds_other_links_on_each_page(
    common_app: Flask, headers: dict[str, str]
) -> None:
    someone = Someone(common_app, headers)
    someone.post("/todos", title="Buy milk")
    seen: set[str] = set()
    for _ in range(2):
        page = someone.go("/todos")
        links = {str(link["href"]) for link in page.select("a[href^='/']")}
        assert len(links) > 5
        assert all("at" in parse_qs(urlsplit(link).query) for link in links), links
        assert not links & seen
        seen |= links
        for link in links:
            someone.go(link)
        styles = [str(link["href"]) for link in page.select("link")]
        assert not any("at=" in style for style in styles)


def test_dismissing_a_message_asks_again_as_well(common_app: Flask) -> None:
    links = Someone(common_app, LINKS)
    forms = [links.go(links.post("/todos", title=title).location).select_one(".dismiss") for title in ("One", "Two")]
    first, second = ([field["value"] for field in form.select("[name=at]")] for form in forms if form)
    assert first != second


@pytest.mark.parametrize("headers", [LYNX, ELINKS], ids=["lynx", "ELinks"])
def test_other_old_browsers_find_plain_links(common_app: Flask, headers: dict[str, str]) -> None:
    someone = Someone(common_app, headers)
    someone.post("/todos", title="Buy milk")
    assert "at=" not in someone.go("/todos").decode()


def without_secrets(page: BeautifulSoup) -> str:
    for field in page.select("[name=csrf_token], [name=submission]"):
        field.decompose()
    return page.decode()
