"""A person's text is never thrown away, and stays the text that it is."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.clients import Fragment, Page, Program, TextPage
from webapp.i18n import isolated

UNKNOWN = "01a1f8a1-5988-77cc-afbc-b09c5316fdc5"


def typed(answer: TestResponse) -> list[str]:
    """What an error page shows of what was sent."""
    page = BeautifulSoup(answer.text, "html.parser")
    return [found.get_text().removeprefix("\n") for found in page.select("textarea[readonly]")]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/todos?show=some", {}, 422),
        ("/todos", {"Sec-Fetch-Site": "cross-site"}, 403),
        (f"/todos/{UNKNOWN}", {}, 404),
        ("/nowhere", {}, 404),
        ("/press", {}, 400),
        ("/todos/new", {}, 405),
        ("/odd/conflict", {}, 409),
        ("/odd/busy", {}, 429),
        ("/odd/fail", {}, 500),
        ("/odd/broken", {}, 503),
    ],
)
def test_an_error_page_keeps_what_was_written(
    common_app: Flask, path: str, headers: dict[str, str], status: int
) -> None:
    visitor = Page(common_app)
    visitor.enter()
    text = '\n Buy <b>milk</b> & "bread"\n</textarea>'
    answer = visitor.ask("POST", path, {"title": text, "note": "Año", "empty_deletes": "true"}, headers)
    assert answer.status_code == status
    assert typed(answer) == [text, "Año"]
    assert "It was not saved." in answer.text


def test_an_error_page_says_nothing_of_text_where_there_was_none(page: Page) -> None:
    for answer in (page.ask("GET", "/nowhere"), page.ask("POST", "/nowhere", {"title": " "})):
        assert "What you wrote" not in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE todo; --",
        "%' OR 1=1 --",
        "{{ config.SECRET_KEY }}",
        "{% include 'base.html' %}",
        "${7*7} #{7*7} <%= 7*7 %>",
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "javascript:alert(1)",
        "%(title)s %d {0} {title}",
        "\\x00 \\u0000 %00",
        "../../etc/passwd",
        "=cmd|' /C calc'!A0",
        "</textarea></title></li></template>",
        "a‮b",
    ],
)
def test_text_stays_the_text_that_it_is(common_app: Flask, text: str) -> None:
    for client in (Page, TextPage, Fragment, Program):
        visitor = client(common_app)
        visitor.enter(text[:60])
        visitor.add(text)
        assert visitor.titles() == [text]
        visitor.edit(text, f"{text}.")
        visitor.complete(f"{text}.")
        assert visitor.completed() == [f"{text}."]
        visitor.delete(f"{text}.")
        visitor.undo()
        assert visitor.titles() == [f"{text}."]
        if isinstance(visitor, Page):
            assert not visitor.page.select("script:not([src]), img[onerror]")
            visitor.go("/")
            assert f"Hello, {isolated(text[:60])}!" in visitor.page.get_text()
