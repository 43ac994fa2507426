"""A long list, for people: a page shows a part of it, and leads on to the rest."""

import pytest
from flask import Flask

from tests.support.clients import Fragment, Page, TextPage
from webapp.forms import ROWS

ALL = [f"To-do {number:03}" for number in range(2 * ROWS + 20)]


@pytest.fixture(params=[Page, TextPage, Fragment])
def reader(request: pytest.FixtureRequest, common_app: Flask) -> Page:
    """Somebody with a long list."""
    page: Page = request.param(common_app)
    page.enter()
    for start in range(0, len(ALL), 100):
        page.ask("POST", "/todos/lines", {"lines": "\n".join(ALL[start : start + 100])})
    page.open()
    return page


def test_a_page_shows_a_part_and_leads_to_the_rest(reader: Page) -> None:
    found = reader.titles()
    assert len(found) == ROWS
    assert "From the beginning" not in reader.controls()
    while "Show more" in reader.controls():
        reader.follow("Show more")
        found = reader.titles() if isinstance(reader, Fragment) else found + reader.titles()
    assert found == ALL
    if not isinstance(reader, Fragment):  # which has all on one page
        assert len(reader.titles()) <= ROWS
        reader.follow("From the beginning")
        assert reader.titles() == ALL[:ROWS]


def test_what_is_done_on_a_later_page_leaves_one_there(reader: Page) -> None:
    reader.go(str(reader._control("a", "Show more")["href"]))
    later = ALL[ROWS : 2 * ROWS]
    reader.complete(later[0])
    assert reader.completed() == later[:1]
    reader.delete(later[1])
    assert reader.titles() == [later[0], *later[2:], *ALL[2 * ROWS : 2 * ROWS + 1]][: len(reader.titles())]
    reader.undo()
    assert reader.titles() == later
    reader.move(later[1], "down")
    assert reader.titles()[:3] == [later[0], later[2], later[1]]


def test_what_is_added_to_a_long_list_is_told_and_is_at_its_end(reader: Page) -> None:
    reader.press("Add", title="The very last")
    at_once = ["The very last"] if isinstance(reader, Fragment) else []  # who adds something sees it
    assert reader.titles() == ALL[:ROWS] + at_once
    assert "The very last" in reader.alert()
    for _ in range(2):
        reader.go(str(reader._control("a", "Show more")["href"]))
    assert reader.titles() == [*ALL[2 * ROWS :], "The very last"]
    reader.press("Add", title="Even later")
    assert reader.titles()[-2:] == ["The very last", "Even later"]


def test_the_trash_is_shown_page_by_page_and_emptied_whole(reader: Page) -> None:
    reader.ask("POST", "/todos/complete")
    reader.ask("POST", "/todos/clear")
    reader.go("/trash")
    rows = 0
    while True:
        rows += len(reader.page.select("#trash .trashed"))
        if "Show more" not in reader.controls():
            break
        reader.follow("Show more")
    assert rows == len(ALL)
    reader.go("/trash/empty")
    assert f"{len(ALL)} to-dos will be gone for good" in reader.page.get_text()


def test_a_cursor_that_is_none_is_told(reader: Page) -> None:
    for path in ("/todos?cursor=nonsense", "/trash?cursor=nonsense"):
        assert reader.ask("GET", path).status_code == 422
