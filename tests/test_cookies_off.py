"""A browser that takes no cookies is told so, by each form that it can send, and keeps what was typed."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.clients import account_named
from tests.support.people import PASSWORD, make_account, make_link
from webapp.models.accounts.one_time_link import RESET

SAID = {
    "en": "Recado knows you again by a cookie, and your browser sent none.",
    "es": "Recado te reconoce por una cookie, y tu navegador no ha enviado ninguna.",
}
NAME = "takes no cookies"
KINDS = {
    "page": {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"},
    "htmx": {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty", "HX-Request": "true"},
    "text": {},  # lynx: the form's own token decides
}
FORMS = {
    "/": {"name": "Ana"},
    "/login": {"user_name": NAME, "password": PASSWORD},
    "/register": {"user_name": "eva", "password": PASSWORD},
}


@pytest.fixture(scope="module")
def app(common_app: Flask) -> Flask:
    make_account(common_app, NAME)
    return common_app


def form_on(answer: TestResponse, field: str) -> tuple[str, dict[str, str]]:
    """The action of the form with this field, and what all of its fields hold."""
    found = BeautifulSoup(answer.text, "html.parser").select_one(f"form:has([name=submission]):has([name={field}])")
    assert found, answer.text
    return str(found["action"]), {str(each["name"]): str(each.get("value", "")) for each in found.select("input[name]")}


@pytest.mark.parametrize("language", SAID)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("path", "typed"), FORMS.items())
def test_who_takes_no_cookies_is_told_so_and_keeps_the_text(
    app: Flask, path: str, typed: dict[str, str], kind: str, language: str
) -> None:
    headers = {"Accept-Language": language}
    http = app.test_client(use_cookies=False)
    shown = http.get(path, headers=headers)
    first = next(iter(typed))
    for _ in range(2):  # no sentence of an earlier visit comes after it
        action, fields = form_on(shown, first)
        answer = http.post(action, data=fields | typed, headers=headers | KINDS[kind])
        assert answer.status_code == (400 if kind == "text" else 422)
        assert SAID[language] in answer.text
        if kind != "text":
            shown = answer
            assert form_on(shown, first)[1][first] == typed[first]


def test_the_form_behind_a_link_says_so_as_well(app: Flask) -> None:
    action = f"/reset/{make_link(app, RESET, account_named(app, NAME))}"
    http = app.test_client(use_cookies=False)
    _action, fields = form_on(http.get(action), "new_password")
    answer = http.post(action, data=fields | {"new_password": PASSWORD}, headers=KINDS["page"])
    assert (answer.status_code, SAID["en"] in answer.text) == (422, True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", ["/language/es", "/theme/dark"])
def test_a_choice_that_would_be_forgotten_at_once_says_so(app: Flask, path: str, kind: str) -> None:
    answer = app.test_client(use_cookies=False).post(path, headers=KINDS[kind])
    assert (answer.status_code, SAID["en"] in answer.text) == (400, True)


def test_whoever_allows_cookies_then_comes_in_by_the_same_form(app: Flask) -> None:
    _action, fields = form_on(app.test_client(use_cookies=False).get("/"), "name")
    allowed = app.test_client()
    refused = allowed.post("/", data=fields | {"name": "Ana"}, headers=KINDS["page"])
    assert SAID["en"] in refused.text  # the page's cookie was not taken; this answer brings another
    _action, fields = form_on(refused, "name")
    assert allowed.post("/", data=fields, headers=KINDS["page"]).status_code == 303
