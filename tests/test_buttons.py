"""The buttons of browsers that know no `formaction`: all go to one address, and on from there to their own."""

import re

import pytest
from flask import Flask

from tests.support.clients import SAME_ORIGIN, Fragment, Page, TextPage

UNKNOWN = "01a1f8a1-5988-77cc-afbc-b09c5316fdc5"


@pytest.fixture(params=[Page, TextPage, Fragment], ids=lambda kind: kind.__name__)
def browser(request: pytest.FixtureRequest, common_app: Flask) -> Page:
    somebody: Page = request.param(common_app)
    somebody.enter()
    somebody.add("Buy milk")
    return somebody


def test_a_button_does_the_same_by_its_name_as_by_its_address(browser: Page) -> None:
    button = f"/todos/{browser.id_of('Buy milk')}/complete"
    by_name = browser.ask("POST", "/press?show=active", {button: "Complete"})
    browser.ask("POST", button.replace("complete", "reopen"))
    by_address = browser.ask("POST", f"{button}?show=active")
    assert by_name.status_code == by_address.status_code in (200, 303)
    new = re.compile(r'/todos/undo/[^?]+|name="csrf_token" value="[^"]+"')  # made anew for each answer
    assert new.sub("", by_name.text) == new.sub("", by_address.text)
    assert by_name.headers.get("Location") == by_address.headers.get("Location")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 400),
        ({"title": "Buy milk"}, 400),
        ({"todos/clear": "Clear"}, 400),
        ({"": "x"}, 400),
        ({"/": ""}, 422),  # a name that is missing, as if sent to the porch
        ({"/press": "x"}, 404),
        ({"/press/": "x"}, 404),
        ({"//press": "x"}, 404),
        ({"/./press": "x"}, 404),
        ({"/press?x": "x"}, 404),
        ({"/nowhere": "x"}, 404),
        ({"//evil.example/todos": "x"}, 404),
        ({"/\\evil.example": "x"}, 404),
        ({"/todos/clear?show=all": "x"}, 404),
        ({"/todos/clear#x": "x"}, 404),
        ({"/todos/%63lear": "x"}, 404),
        ({"/todos/ｃlear": "x"}, 404),
        ({"/todos/\x00": "x"}, 404),
        ({"/" + "x" * 9000: "x"}, 404),
        ({"/" + "todos/" * 900: "x"}, 404),
        ({"/|todos": "x"}, 404),
        ({"/api/v1/todos": "x", "title": "Buy bread"}, 404),
        ({"/api/v1": "x"}, 404),
        ({"/api/v1/debug/error": "x"}, 404),
        ({f"/todos/{UNKNOWN}/complete": "x"}, 404),
        ({f"/todos/{UNKNOWN.upper()}/complete": "x"}, 404),
        ({"/todos/new": "x"}, 405),
        ({"/forget/": "x"}, 404),
        ({"/static/recado.js": "x"}, 405),
        ({"/healthz": "x"}, 405),
    ],
)
def test_a_button_of_no_address_does_nothing(browser: Page, fields: dict[str, str], status: int) -> None:
    answer = browser.ask("POST", "/press", fields)
    assert answer.status_code == status
    if status != 422:
        assert browser.problem(answer)
    browser.open()
    assert browser.titles() == ["Buy milk"]


def test_of_several_buttons_the_first_counts(browser: Page) -> None:
    todo = f"/todos/{browser.id_of('Buy milk')}"
    browser.ask("POST", "/press", {"x": "1", f"{todo}/complete": "x", f"{todo}/delete": "x"})
    browser.open()
    assert browser.completed() == ["Buy milk"]


def test_the_address_of_all_buttons_can_only_be_posted_to(browser: Page) -> None:
    answer = browser.ask("GET", "/press")
    assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, {"OPTIONS", "POST"})


def test_a_stranger_who_presses_a_button_is_asked_who_it_is(common_app: Flask) -> None:
    headers = SAME_ORIGIN | {"Referer": "http://localhost/todos"}
    answer = common_app.test_client().post("/press", data={"/todos/clear": "Clear"}, headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?next=/todos")


def test_a_button_passes_the_guards_of_where_it_leads(browser: Page) -> None:
    fields = {"new_password": "seven small boats at noon"}
    for path, more in (("/settings/password", {}), ("/press", {"/settings/password": "Save"})):
        answer = browser.ask("POST", path, fields | more)
        assert "/register" in (answer.headers.get("Location") or answer.headers["HX-Redirect"])


def test_choosing_a_language_on_a_refused_form_leads_to_a_page(browser: Page) -> None:
    browser.go("/todos/new")
    browser.press("Add all", lines="")
    browser.press("Español")
    assert browser.answer.status_code == 200
    assert browser.page.html["lang"] == "es"  # type: ignore[index]
