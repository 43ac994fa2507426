"""A form is read as it was sent or refused with a reason; no body, however broken, is a fault of ours."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tests.support.clients import SAME_ORIGIN, Fragment, Page, Program, TextPage
from webapp.config import MAX_BODY, MAX_FORM_MEMORY, MAX_FORM_PARTS

MISSING = "Write what needs to be done."
CONTROL = "Take out the control characters or line breaks."


@pytest.fixture(params=[Page, TextPage, Fragment], ids=lambda kind: kind.__name__)
def browser(request: pytest.FixtureRequest, common_app: Flask) -> Page:
    somebody: Page = request.param(common_app)
    somebody.enter()
    return somebody


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("/todos", {}, MISSING),
        ("/todos", {"Title": "x"}, MISSING),
        ("/todos", {"title": ["Buy milk", "Call Rui"]}, "This was sent more than once."),
        ("/todos/lines", {}, MISSING),
        ("/todos/lines", {"lines": ["a", "b"]}, "This was sent more than once."),
        ("/todos/lines", {"lines": "a\n" * 201}, "These are 201 lines; 200 at once is the most."),
        ("/todos/lines", {"lines": "a\nb\x07"}, f"Line 2: {CONTROL}"),
        ("/", {}, "Write a name; any will do."),
        ("/", {"name": ["Ana", "Bob"]}, "This was sent more than once."),
    ],
)
def test_a_missing_or_doubled_field_is_said_beside_it(
    browser: Page, path: str, fields: dict[str, object], said: str
) -> None:
    answer = browser.ask("POST", path, fields)
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    assert [error.get_text() for error in page.select(".invalid-feedback")] == [said]
    browser.open()
    assert browser.titles() == []


@pytest.mark.parametrize(
    "wrong", [{"order": "first"}, {"order": "9" * 5000}, {"order": "9" * 400}, {"completed": "on"}]
)
def test_a_value_that_no_page_sends_is_refused(browser: Page, wrong: dict[str, str]) -> None:
    assert browser.ask("POST", "/todos", {"title": "Buy milk"} | wrong).status_code == 422
    browser.open()
    assert browser.titles() == []


def test_an_empty_title_deletes_only_if_it_came_once(browser: Page) -> None:
    browser.add("Buy milk")
    todo = f"/todos/{browser.id_of('Buy milk')}"
    answer = browser.ask("POST", todo, {"title": ["", "Buy bread"], "empty_deletes": "true"})
    assert answer.status_code == 422
    browser.open()
    assert browser.titles() == ["Buy milk"]
    assert browser.ask("POST", todo, {"title": " ", "empty_deletes": "true"}).status_code in (200, 303)
    browser.open()
    assert browser.titles() == []


def test_ten_thousand_fields_are_read_for_the_one_that_counts(browser: Page) -> None:
    answer = browser.ask("POST", "/todos", {f"f{number}": "" for number in range(10_000)} | {"title": "Buy milk"})
    assert answer.status_code in (200, 303)


def test_a_long_text_is_refused_but_kept(browser: Page) -> None:
    answer = browser.ask("POST", "/todos", {"title": "x" * (MAX_BODY - 1000)})
    assert answer.status_code == 422
    assert "x" * (MAX_BODY - 1000) in answer.text


@pytest.mark.parametrize("size", [300_000, 40_000_000])
def test_a_body_that_is_too_large_is_413(browser: Page, size: int) -> None:
    answer = browser.ask("POST", "/todos", {"title": "x" * size})
    assert answer.status_code == 413
    assert browser.problem(answer) == "Send less at a time."


def test_a_body_that_is_too_large_is_413_at_the_api_as_well(program: Program) -> None:
    answer = program.ask("POST", "/todos", {"title": "x" * 300_000})
    assert answer.status_code == 413
    assert program.problem(answer) == "Send less at a time."


def test_the_announced_size_is_enough_to_refuse_a_body(browser: Page) -> None:
    class Unread:
        def read(self, *_: int) -> bytes:
            raise AssertionError("nothing of it is read")

    answer = browser.http.post(
        "/todos",
        content_type="application/x-www-form-urlencoded",
        headers=browser.headers,
        environ_overrides={"wsgi.input": Unread(), "CONTENT_LENGTH": str(10**12)},
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "99999999999999999999", "٣"])
def test_a_content_length_that_is_none_is_no_fault_of_ours(browser: Page, length: str) -> None:
    answer = browser.http.post(
        "/todos", data=b"title=x", headers=SAME_ORIGIN, environ_overrides={"CONTENT_LENGTH": length}
    )
    assert answer.status_code in (400, 413, 422, 303)


PARTS = b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nBuy milk\r\n'


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        (b"", "b"),
        (b"nonsense", "b"),
        (PARTS[:40], "b"),
        (PARTS, "b"),
        (PARTS + b"--b--\r\n", ""),
        (PARTS + b"--b--\r\n", "c"),
        (PARTS + b"--b--\r\n", "b" * 5000),
        (PARTS.replace(b"name=", b"filename=x; name=") + b"--b--\r\n", "b"),
        (b"--b\r\n" * 1000, "b"),
        (b"--b\r\n\r\n\r\n--b--", "b"),
    ],
    ids=range(10),
)
def test_a_broken_multipart_body_adds_nothing(browser: Page, body: bytes, boundary: str) -> None:
    headers = browser.headers | {"X-CSRFToken": browser.typed("csrf_token")}
    answer = browser.http.post(
        "/todos", data=body, content_type=f"multipart/form-data; boundary={boundary}", headers=headers
    )
    assert answer.status_code in (400, 413, 422)
    browser.open()
    assert browser.titles() == []


def test_a_multipart_body_is_a_form_as_well(browser: Page) -> None:
    headers = browser.headers | {"X-CSRFToken": browser.typed("csrf_token")}
    answer = browser.http.post(
        "/todos", data=PARTS + b"--b--\r\n", content_type="multipart/form-data; boundary=b", headers=headers
    )
    assert answer.status_code in (200, 303)
    for many in (
        {f"f{number}": "" for number in range(MAX_FORM_PARTS + 1)},
        {"title": "x" * (MAX_FORM_MEMORY + 1)},
    ):
        answer = browser.http.post("/todos", data=many, content_type="multipart/form-data", headers=headers)
        assert answer.status_code == 413


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"title=%ff", "application/x-www-form-urlencoded"),
        (b"title=\xff", "application/x-www-form-urlencoded"),
        (b"%ed%a0%80=x", "application/x-www-form-urlencoded; charset=latin-1"),
        (PARTS.replace(b"milk", b"\xff") + b"--b--\r\n", "multipart/form-data; boundary=b"),
    ],
)
def test_a_form_that_is_not_utf_8_is_refused(browser: Page, body: bytes, content_type: str) -> None:
    headers = browser.headers | {"X-CSRFToken": browser.typed("csrf_token")}
    answer = browser.http.post("/todos", data=body, content_type=content_type, headers=headers)
    assert answer.status_code == 400
    assert browser.problem(answer) == "The text is not valid UTF-8."


@pytest.mark.parametrize("query", ["x=\xff", "show=\xff", "next=\xff\xfe", "\xff"])
def test_a_query_that_is_not_utf_8_is_refused(common_app: Flask, query: str) -> None:
    for client in (Page, Fragment, Program):
        visitor = client(common_app)
        visitor.enter()
        for path in ("/", "/todos"):
            prefix = "/api/v1" if client is Program else ""
            answer = visitor.http.get(
                prefix + path, headers=getattr(visitor, "headers", {}), environ_overrides={"QUERY_STRING": query}
            )
            assert answer.status_code == 400
            assert visitor.problem(answer) == "The text is not valid UTF-8."


@pytest.mark.parametrize(
    "query", ["next=%ff", "show=all&show=some", "show[]=all", "&&&==", "show=all&" * 500, "x=" + "%" * 99]
)
def test_a_strange_query_is_no_fault_of_ours(browser: Page, query: str) -> None:
    for path in ("/", "/todos"):
        assert browser.ask("GET", f"{path}?{query}").status_code in (200, 400)
