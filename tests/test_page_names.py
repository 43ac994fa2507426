"""Each page says which page it is: by its title, by its heading, and by what stands on it."""

import pytest
from flask import Flask

from tests.support.clients import Page

VIEWS = ("", "?show=active", "?show=completed", "?arrange=1", "?show=active&arrange=1", "?show=completed&arrange=1")


@pytest.mark.parametrize("language", ["English", "Español"])
def test_each_view_of_the_list_has_a_title_and_a_heading_of_its_own(page: Page, language: str) -> None:
    if language == "Español":
        page.press(language)
    names = []
    for view in VIEWS:
        page.go(f"/todos{view}")
        title, heading = page.page.select_one("title"), page.page.select_one("h1")
        assert title
        assert heading
        assert title.get_text() == f"{heading.get_text()} – Recado"
        names.append(heading.get_text())
    assert len({*names}) == len(VIEWS)


def test_no_two_pages_share_a_heading(app: Flask) -> None:
    ana = Page(app)
    ana.enter()
    ana.add("Buy milk")
    seen: dict[str, str] = {}
    for path in ("/", "/todos", "/todos/new", "/trash", "/settings", "/settings/sessions", "/settings/tokens", "/api"):
        ana.go(path)
        heading = ana.page.select_one("h1")
        assert heading
        assert heading.get_text() not in seen, (path, seen)
        seen[heading.get_text()] = path


def test_a_completed_todo_is_told_in_words(page: Page) -> None:
    page.add("Buy milk")
    page.add("Call Rui")
    page.complete("Buy milk")
    rows = [" ".join(row.get_text(" ").split()) for row in page.page.select("#todos li")]
    assert rows == ["Completed: Buy milk Edit", "Call Rui Edit"]


def test_an_empty_list_has_nothing_to_filter(page: Page) -> None:
    assert not page.page.select("#toolbar nav")
    page.add("Buy milk")
    assert page.page.select("#toolbar nav")
    page.complete("Buy milk")
    page.open("active")
    assert page.page.select("#toolbar nav")
