"""What somebody wrote turns none of our own words round, whatever script it is in."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tests.support.clients import Fragment, Page
from tests.support.people import PASSWORD
from webapp.i18n import FSI, PDI, isolated

TURNED = "\u202egnirts"  # a text that turns round what follows it
BROWSERS = (Page, Fragment)


def loose(html: str) -> list[str]:
    """Where a page shows the text but neither alone in an element that isolates it, nor isolated in a sentence."""
    page = BeautifulSoup(html, "html.parser")
    found = [
        str(text.parent)
        for text in page.find_all(string=lambda text: "\u202e" in text)
        if text.strip() != TURNED or text.parent.get("dir") != "auto"
    ]
    for element in page.find_all(True):
        for name, value in element.attrs.items():
            shown = name != "value" or element.get("type") == "submit"
            if "\u202e" in str(value) and (shown or (element.get("type") != "hidden" and element.get("dir") != "auto")):
                found.append(str(element))
    return found


@pytest.mark.parametrize("kind", BROWSERS, ids=lambda kind: kind.__name__)
def test_a_title_and_a_name_are_isolated_wherever_they_stand(app: Flask, kind: type[Page]) -> None:
    ana = kind(app)
    ana.enter(TURNED)
    ana.add(TURNED)
    path = str(ana.page.select_one("a.edit")["href"]).removesuffix("/edit")  # type: ignore[index]
    shown = [ana.answer.text]
    ana.complete(isolated(TURNED))
    assert f"{FSI}gnirts{PDI}" in ana.alert()
    for url in ("/", "/todos", "/todos?arrange=1", path, f"{path}/edit", "/settings", "/settings/sessions", "/forget"):
        ana.go(url)
        shown.append(ana.answer.text)
    ana.open()
    ana.delete(isolated(TURNED))
    shown.append(ana.answer.text)
    ana.go("/trash")
    shown.append(ana.answer.text)
    assert sum("gnirts" in html for html in shown) > 7
    assert [place for html in shown for place in loose(html)] == []


def test_the_names_of_tokens_and_accounts_are_isolated_too(app: Flask) -> None:
    ana = Page(app)
    ana.go("/register")
    ana.press("Make my account", user_name=TURNED, password=PASSWORD)
    shown = [ana.answer.text]
    ana.go("/settings/tokens")
    ana.press("Make a token", name=TURNED)
    for url in ("/settings", "/settings/tokens", "/settings/delete", "/admin", "/"):
        ana.go(url)
        shown.append(ana.answer.text)
    assert [place for html in shown for place in loose(html)] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Buy milk", "Buy milk"),
        ("Año nuevo: piñata 🎉 牛乳", "Año nuevo: piñata 🎉 牛乳"),
        ("حليب", f"{FSI}حليب{PDI}"),
        ("a\u202eb", f"{FSI}ab{PDI}"),
        ("a\u2069\u202eb", f"{FSI}ab{PDI}"),
    ],
)
def test_only_what_could_turn_others_round_is_isolated(text: str, shown: str) -> None:
    assert isolated(text) == shown


def test_boxes_for_free_text_run_as_what_is_typed_there(page: Page) -> None:
    for url in ("/", "/todos", "/todos/new", "/settings/tokens"):
        page.go(url)
        assert page.page.select("main input[type=text], main textarea")
        assert not page.page.select("main :is(input[type=text], textarea):not([dir=auto])")
