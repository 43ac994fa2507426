"""Every page, in every state, is made so that all browsers can use it and the policy blocks none of it."""

import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from tests.support.addresses import pages
from tests.support.clients import Page
from tests.support.people import PASSWORD

HARMLESS = {
    "Begin",
    "Save",
    "Add",
    "Add all",
    "Log in",
    "Make my account",
    "Make a token",
    "Change my password",
    "Add a passkey",
    "Go on",
    "Turn on",
    "Delete my account",  # which wants a name and a password typed before it does anything
}
STATES = (
    "/todos?arrange=1",
    "/todos?show=active",
    "/todos?show=completed",
    "/nowhere",
    "/odd/busy",
    "POST /",
    "POST /todos",
    "POST /todos/lines",
    "POST /todos/<id>",
    "POST /odd/fail",
    "POST /todos/<id>/delete",
    "POST /settings/tokens",
)
ACCOUNTS = (  # what guests have not
    "/confirm",
    "/settings",
    "/settings/password",
    "POST /settings/password",
    "/settings/second-factor",
    "/settings/passkeys",
    "POST /settings/second-factor",
    "POST /settings/passkeys",
)


@pytest.fixture(scope="module")
def visited(common_app: Flask) -> dict[str, BeautifulSoup]:
    """Every page of somebody with a few to-dos, and the porch of a stranger."""
    visitor = Page(common_app)
    visitor.enter('<b>"Ana"</b>')
    for title in ("Buy milk", "<i>Call</i> & 'Rui'", "Sleep"):
        visitor.add(title)
    visitor.complete("Sleep")
    visitor.add("Eat")
    trashed = visitor.id_of("Eat")
    visitor.delete("Eat")
    visitor.open()  # takes the message
    found = {"stranger": BeautifulSoup(Page(common_app).ask("GET", "/").text, "html.parser")}
    id = visitor.id_of("Buy milk")
    visitor.send("/settings/tokens", [("name", "<i>Backup</i>")])
    for place in [*pages(common_app, id, trashed), *STATES, *ACCOUNTS]:
        if place == ACCOUNTS[0]:
            visitor.send("/register", [("user_name", f"ana {id}"), ("password", PASSWORD)])
        method, _, path = place.rpartition(" ")
        if method:
            visitor.send(path.replace("<id>", id), [("title", ""), ("name", ""), ("lines", "x" * 501)])
        else:
            visitor.go(path)
        found[place] = visitor.page
    return found


def each(visited: dict[str, BeautifulSoup], selector: str) -> Iterator[tuple[str, Tag]]:
    """All elements of all pages that the selector chooses, and where they stand."""
    for place, page in visited.items():
        for element in page.select(selector):
            yield place, element


def test_all_pages_were_visited(visited: dict[str, BeautifulSoup]) -> None:
    assert len(visited) >= 32
    for place, page in visited.items():
        assert page.title is not None, place
        assert page.title.get_text().endswith("Recado"), place
        assert page.html is not None
        assert page.html["lang"] == "en"
        assert len(page.select("h1")) == len(page.select("main")) == 1, place
    assert {place for place, page in visited.items() if page.title and "Error: " in page.title.get_text()} == {
        "POST /",
        "POST /todos",
        "POST /todos/lines",
        "POST /todos/<id>",
        "POST /settings/tokens",
        "POST /settings/password",
        "POST /settings/second-factor",
        "POST /settings/passkeys",
    }


def test_each_form_is_one_for_all_browsers(visited: dict[str, BeautifulSoup]) -> None:
    for place, form in each(visited, "form"):
        assert form.find_parent("form") is None, place
        if form["method"] == "get":
            assert form["class"] == ["dismiss"], place
            continue
        assert form["method"] == "post", place
        assert str(form["action"]).startswith("/"), place
        assert form["data-hx-post"] == form["action"], place
        assert form["data-hx-sync"] == "this:drop", place
        assert form.select_one("[name=csrf_token][value]"), place


def test_enter_in_a_text_field_presses_a_harmless_button(visited: dict[str, BeautifulSoup]) -> None:
    for place, field in each(visited, "input[type=text], textarea:not([readonly])"):
        page = visited[place]
        form = page.find(id=str(field["form"])) if field.get("form") else field.find_parent("form")
        assert isinstance(form, Tag), place
        inside = [button for button in form.select("[type=submit], .passkey") if not button.get("form")]
        joined = page.select(f"[type=submit][form='{form.get('id')}']")
        assert {str(button["value"]) for button in [*inside, *joined][:1]} <= HARMLESS, place
        assert inside or joined, place


def test_each_button_of_a_forms_many_has_its_address_for_a_name(visited: dict[str, BeautifulSoup]) -> None:
    for place, button in each(visited, "[formaction]"):
        if not button.get("form"):
            assert str(button["formaction"]).partition("?")[0] == button["name"], place
    for place, button in each(visited, "[type=submit]"):
        assert str(button.get("aria-label") or button["value"]).strip(), place
        assert not button.has_attr("disabled"), place


def test_nothing_is_inline_that_the_policy_would_block(visited: dict[str, BeautifulSoup]) -> None:
    for place, element in each(visited, "*"):
        assert element.name not in ("style", "base", "object", "embed", "iframe"), place
        for attribute in element.attrs:
            assert attribute != "style", place
            assert not attribute.startswith(("on", "hx-on", "data-hx-on", "data-hx-vals")), place
        for attribute in ("href", "src", "action", "formaction"):
            assert re.match(r"/(?!/)|#.|data:image/svg|$", str(element.get(attribute, ""))), place
    for place, script in each(visited, "script"):
        assert script["src"], place
        assert not script.get_text(), place


def test_scripts_and_styles_are_checked_by_their_hash(visited: dict[str, BeautifulSoup]) -> None:
    for place, element in each(visited, "script, link[rel=stylesheet]"):
        assert re.fullmatch(r"sha256-[\w+/]{43}=", str(element["integrity"])), place


def test_each_id_is_one_things_alone_and_each_reference_finds_it(visited: dict[str, BeautifulSoup]) -> None:
    for place, page in visited.items():
        ids = [str(element["id"]) for element in page.select("[id]")]
        assert len(ids) == len(set(ids)), place
        for element in page.select("[for], [form], [aria-describedby], [aria-labelledby]"):
            for attribute in ("for", "form", "aria-describedby", "aria-labelledby"):
                named = element.get(attribute) or ""
                assert set(named.split() if isinstance(named, str) else named) <= set(ids), (place, attribute)
    for place, link in each(visited, "a[href^='#']"):
        assert visited[place].find(id=str(link["href"])[1:]), place


def test_each_field_has_a_label(visited: dict[str, BeautifulSoup]) -> None:
    for place, field in each(visited, "input:not([type=hidden], [type=submit]), textarea, select"):
        labelled = field.get("aria-label") or visited[place].select_one(f"label[for='{field.get('id')}']")
        assert labelled, place


def test_one_region_for_alerts_is_empty_until_something_is_said(visited: dict[str, BeautifulSoup]) -> None:
    said = {"POST /todos/<id>/delete"}
    for place, region in each(visited, "#alerts"):
        assert region["role"] == "status", place
        assert bool(region.select(".alert")) == (place in said), place
        assert bool(region.get_text().strip()) == (place in said), place
    assert all(len(page.select("#alerts")) == 1 for page in visited.values())


def test_what_was_typed_is_text_in_every_place(visited: dict[str, BeautifulSoup]) -> None:
    for _, page in visited.items():
        assert not page.select("h1 b, .title i, label i")
    assert 'Hello, <b>"Ana"</b>!' in visited["/"].get_text()
    assert "Complete <i>Call</i> & 'Rui'" in {button.get("aria-label") for _, button in each(visited, "[aria-label]")}
