"""The porch: a name, a greeting, the address of the visit, language and theme, tokens, and leaving."""

import re

import pytest
from flask import Flask

from tests.clients import Fragment, Page, Program, TextPage

BROWSERS = (Page, TextPage, Fragment)


@pytest.fixture(params=BROWSERS, ids=lambda kind: kind.__name__)
def visitor(request: pytest.FixtureRequest, app: Flask) -> Page:
    """Somebody at the door who has not said a name yet."""
    stranger: Page = request.param(app)
    stranger.go("/")
    return stranger


def test_a_name_leads_to_the_list_with_a_welcome_that_is_said_once(visitor: Page) -> None:
    visitor.press("Begin", name=" Ana ")
    assert visitor.url == "/todos"
    assert visitor.alert() == "Welcome, Ana!"
    visitor.open()
    assert visitor.alert() == ""


def test_the_greeting_knows_the_name_and_where_the_visit_comes_from(visitor: Page) -> None:
    visitor.press("Begin", name="Ana")
    visitor.go("/")
    assert "Hello, Ana!" in visitor.text()
    assert "You are visiting from 127.0.0.1." in visitor.text()
    visitor.http.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    visitor.go("/")
    assert "You are visiting from 192.0.2.7." in visitor.text()


@pytest.mark.parametrize(("name", "said"), [("", "any will do"), ("x" * 61, "61 characters"), ("a\x07b", "control")])
def test_a_bad_name_is_refused_and_kept(visitor: Page, name: str, said: str) -> None:
    visitor.press("Begin", name=name)
    assert visitor.status == 422
    assert said in visitor.error()
    assert visitor.typed("name") == name


def test_who_asked_for_a_page_first_is_brought_there_after_giving_a_name(visitor: Page) -> None:
    visitor.go("/todos?show=active")
    assert visitor.url == "/?next=/todos?show%3Dactive"
    visitor.press("Begin", name="Ana")
    assert visitor.url == "/todos?show=active"


def test_a_name_can_be_changed_and_the_list_stays(visitor: Page) -> None:
    visitor.press("Begin", name="Ana")
    visitor.add("Buy milk")
    visitor.go("/")
    visitor.press("Save", name="Anna")
    assert visitor.alert() == "From now on you are Anna."
    assert visitor.titles() == ["Buy milk"]


def test_leaving_asks_first_and_then_forgets_all(visitor: Page) -> None:
    visitor.press("Begin", name="Ana")
    visitor.add("Buy milk")
    visitor.go("/")
    visitor.follow("Forget me")
    assert "cannot be undone" in visitor.text()
    visitor.follow("Stay")
    visitor.follow("Forget me")
    visitor.press("Forget me and my list")
    assert visitor.answers[0].headers["Clear-Site-Data"] == '"cache", "storage"'
    assert visitor.alert() == "You are forgotten, and so is your list."
    assert "What's your name?" in visitor.text()
    visitor.open()
    assert visitor.url.startswith("/?next=")


def test_a_cookie_of_a_forgotten_account_is_nobodys(app: Flask, visitor: Page) -> None:
    visitor.press("Begin", name="Ana")
    copy = Page(app)
    copy.http.set_cookie("recado", visitor.http.get_cookie("recado").value)  # type: ignore[union-attr]
    visitor.go("/forget")
    visitor.press("Forget me and my list")
    copy.open()
    assert copy.url.startswith("/?next=")


def test_a_language_stays_chosen_and_the_page_too(visitor: Page) -> None:
    visitor.press("Begin", name="Ana")
    visitor.open("active")
    visitor.press("Español")
    assert visitor.url == "/todos?show=active"
    assert visitor.page.html["lang"] == "es"  # type: ignore[index]
    visitor.go("/")
    assert "¡Hola, Ana!" in visitor.text()
    visitor.press("English")
    assert "Hello, Ana!" in visitor.text()


def test_a_language_chosen_where_no_referer_is_sent_keeps_the_page_too(app: Flask) -> None:
    lynx = TextPage(app)
    lynx.enter()
    lynx.open("active")
    form = lynx.page.select_one("footer form")
    assert form
    body = {"csrf_token": lynx.typed("csrf_token"), "/language/es": "Español"}
    answer = lynx.http.post(str(form["action"]), data=body)
    assert answer.headers["Location"] == "/todos?show=active"


@pytest.mark.parametrize(("theme", "attribute"), [("Light", "light"), ("Dark", "dark")])
def test_a_theme_stays_chosen_and_stands_in_the_page(visitor: Page, theme: str, attribute: str) -> None:
    assert "data-bs-theme" not in visitor.page.html.attrs  # type: ignore[union-attr]
    visitor.press(theme)
    assert visitor.page.html["data-bs-theme"] == attribute  # type: ignore[index]
    assert not visitor.page.select("link[media]")
    visitor.press("Auto")
    assert "data-bs-theme" not in visitor.page.html.attrs  # type: ignore[union-attr]
    assert visitor.page.select("link[media]")


def test_a_token_is_shown_once_works_and_can_be_revoked(app: Flask, visitor: Page) -> None:
    visitor.press("Begin", name="Ana")
    visitor.add("Buy milk")
    visitor.go("/settings")
    visitor.follow("Tokens for programs")
    visitor.press("Make a token")
    found = re.search(r"recado_[\w-]{43}", visitor.alert())
    assert found
    program = Program(app)
    program.token = found[0]
    assert program.titles() == ["Buy milk"]
    visitor.go("/settings/tokens")
    assert program.token not in visitor.answer.text
    revoke = next(name for name in visitor.controls() if name.startswith("Revoke the token made on"))
    visitor.press(revoke)
    program.call("GET", "/todos")
    assert program.status == 401


def test_nobody_revokes_anothers_token(app: Flask) -> None:
    ana, bob = Page(app), Page(app)
    for visitor in (ana, bob):
        visitor.enter(type(visitor).__name__)
        visitor.go("/settings/tokens")
        visitor.press("Make a token")
    theirs = ana.page.select_one("#tokens li form")["action"]  # type: ignore[index]
    bob.send(str(theirs), [("csrf_token", bob.typed("csrf_token"))])
    assert bob.status == 404
    ana.go("/settings/tokens")
    assert len(ana.page.select("#tokens li")) == 1


def test_healthz_answers_without_touching_anything(app: Flask) -> None:
    answer = app.test_client().get("/healthz")
    assert answer.text == "ok\n"
    assert "Set-Cookie" not in answer.headers


def test_a_token_of_a_page_that_was_open_for_too_long_is_asked_about(app: Flask, visitor: Page) -> None:
    visitor.press("Begin", name="Ana")
    visitor.go("/settings/tokens")
    visitor.press("Make a token", submission="TokenForm.x.y.z")
    assert (visitor.status, visitor.error()) == (422, "This form is no longer valid. Send it again to save it.")
    visitor.press("Make a token")
    assert "recado_" in visitor.alert()
