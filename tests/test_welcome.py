"""The porch: a name, a greeting, the address of the visit, language and theme, and leaving."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.support.clients import Fragment, Page, TextPage, plainly
from tests.support.people import PASSWORD
from webapp.db import connection
from webapp.models.sessions.session import BrowserSession

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
    answer = plainly(lynx.http.post(str(form["action"]), data=body))
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


def test_language_and_theme_outlive_logging_out_and_in_again(member: Page) -> None:
    member.press("Español")
    member.press("Oscuro")
    member.go("/settings")
    member.press("Cerrar sesión")
    assert (member.page.html["lang"], member.page.html["data-bs-theme"]) == ("es", "dark")  # type: ignore[index]
    member.go("/login")
    member.press("Iniciar sesión", user_name="ana", password=PASSWORD)
    assert member.alert() == "¡Hola de nuevo, ana!"
    assert (member.page.html["lang"], member.page.html["data-bs-theme"]) == ("es", "dark")  # type: ignore[index]


def test_what_is_chosen_is_marked_as_such(visitor: Page) -> None:
    visitor.press("Español")
    visitor.press("Oscuro")
    chosen = [found.get_text() for found in visitor.page.select("footer [aria-current=true]")]
    assert chosen == ["Español", "Oscuro"]


def test_a_stranger_who_chooses_leaves_nothing_in_the_database(app: Flask) -> None:
    nobody = Page(app)
    nobody.go("/")
    nobody.press("Español")
    nobody.press("Oscuro")
    assert nobody.page.html["lang"] == "es"  # type: ignore[index]
    with app.extensions["database"].transaction(write=False):
        assert connection().execute(select(func.count()).select_from(BrowserSession)).scalar_one() == 0


def test_an_unknown_choice_in_a_cookie_is_none(app: Flask) -> None:
    nobody = Page(app)
    for name in ("language", "theme"):
        nobody.http.set_cookie(f"recado-{name}", '"><script>')
    nobody.go("/")
    assert nobody.page.html["lang"] == "en"  # type: ignore[index]
    assert "data-bs-theme" not in nobody.page.html.attrs  # type: ignore[union-attr]


def test_healthz_answers_without_touching_anything(app: Flask) -> None:
    answer = app.test_client().get("/healthz")
    assert answer.text == "ok\n"
    assert "Set-Cookie" not in answer.headers
