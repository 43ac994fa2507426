"""What went wrong, said to each client in its own terms: not there, not allowed, not now."""

import pytest
from sqlalchemy import event

from tests.conftest import Visitor
from tests.support.clients import Fragment, Page, Program

UNKNOWN = "01a1f8a1-5988-77cc-afbc-b09c5316fdc5"  # an id that no to-do has
NOWHERE = f"/todos/{UNKNOWN}"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/edit"),
        ("POST", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/complete"),
        ("POST", "/reopen"),
        ("POST", "/delete"),
        ("POST", "/move/up"),
        ("POST", "/move/down/2"),
    ],
)
def test_anothers_todo_is_not_there_and_neither_is_one_that_never_was(visitor: Visitor, method: str, path: str) -> None:
    other = type(visitor)(visitor.app)
    other.enter("Bob")
    other.add("Buy milk")
    theirs = f"/todos/{other.id_of('Buy milk')}"
    fields = {"title": "Stolen"} if method in ("POST", "PATCH") else None
    answers = [visitor.ask(method, f"{place}{path}", fields) for place in (theirs, NOWHERE)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({visitor.problem(answer) for answer in answers}) == 1
    assert "or it is not yours." in visitor.problem(answers[0])
    other.open()
    assert other.titles() == ["Buy milk"]


@pytest.mark.parametrize("id", ["1", "x", "%00", "..", "0" * 32, f"{UNKNOWN}x", "{}", "%F0%9F%98%80", "9" * 400])
def test_an_id_that_is_none_is_not_there(visitor: Visitor, id: str) -> None:
    answer = visitor.ask("POST", f"/todos/{id}/complete")
    assert answer.status_code == 404
    assert visitor.problem(answer)


@pytest.mark.parametrize("path", ["/nowhere", "/todos/", "/todos/new/x", "/nowhere%0d%0aX: y", "/%ff", "/%E7%89%9B"])
def test_an_address_of_nothing_is_not_there(visitor: Visitor, path: str) -> None:
    answer = visitor.ask("GET", path)
    assert answer.status_code == 404
    assert visitor.problem(answer) == "There is nothing at this address, or it is not yours."


def test_every_address_under_api_answers_as_json(page: Page) -> None:
    for path in ("/api/nowhere", "/api/", "/api/v1/nowhere", "/api/v2/todos"):
        assert Program(page.app).problem(page.ask("GET", path)) != ""


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/todos/new", {"GET", "HEAD", "OPTIONS"}),
        ("PUT", "/todos", {"GET", "HEAD", "OPTIONS", "POST", "DELETE"}),
        ("GET", f"{NOWHERE}/complete", {"OPTIONS", "POST"}),
        ("BREW", f"/trash/{UNKNOWN}/restore", {"OPTIONS", "POST"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(visitor: Visitor, method: str, path: str, allowed: set[str]) -> None:
    answer = visitor.ask(method, path)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed
    assert visitor.problem(answer) == "This address does not take that kind of request."


def test_which_to_dos_to_show_is_one_of_three(visitor: Visitor) -> None:
    for method in ("GET", "POST"):
        answer = visitor.ask(method, "/todos?show=some", {"title": "Buy milk"} if method == "POST" else None)
        assert answer.status_code == 422
        assert visitor.problem(answer) == "Show can be: all, active, completed."
    visitor.open()
    assert visitor.titles() == []


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/odd/busy", 429, "Wait a little, then try again."),
        ("/odd/conflict", 409, "Look at it again, then repeat your change."),
        ("/odd/doubled", 409, "Look at it again, then repeat your change."),
        ("/odd/fail", 500, "It is our fault, not yours."),
        ("/odd/broken", 503, "Recado cannot reach its data right now."),
    ],
)
def test_what_went_wrong_is_said_in_each_clients_terms(
    visitor: Visitor, method: str, path: str, status: int, said: str
) -> None:
    answer = visitor.ask(method, path)
    assert answer.status_code == status
    assert said in visitor.problem(answer)
    assert answer.headers.get("Retry-After") == {429: "30", 503: "5"}.get(status)
    for secret in ("secret detail", "RuntimeError", "nowhere", "Traceback", "SELECT"):
        assert secret not in answer.text


@pytest.mark.parametrize(("status", "said"), [(400, True), (403, True), (409, True), (500, False), (503, False)])
def test_a_views_own_words_are_said_unless_the_fault_is_ours(visitor: Visitor, status: int, said: bool) -> None:
    answer = visitor.ask("POST", f"/odd/own-words?status={status}")
    assert answer.status_code == status
    assert ("Not on <Sundays>." in visitor.problem(answer)) == said


def test_what_cannot_be_committed_was_not_done(visitor: Visitor) -> None:
    answer = visitor.ask("POST", "/odd/uncommitted")
    assert answer.status_code == 503
    assert "Please try again in a moment" in visitor.problem(answer)
    visitor.open()
    assert visitor.titles() == []


def test_a_full_disk_is_said_and_loses_nothing(page: Page) -> None:
    page.add("Buy milk")
    page.go("/todos/new")
    engine = page.app.extensions["database"].engine
    with engine.connect() as opened:
        pages = opened.exec_driver_sql("PRAGMA page_count").scalar_one()
    event.listen(engine, "checkout", lambda opened, *_: opened.execute(f"PRAGMA max_page_count={pages}"))
    lines = "\n".join("x" * 400 for _ in range(100))
    answer = page.ask("POST", "/todos/lines", {"lines": lines})
    assert answer.status_code == 503
    assert page.problem(answer)
    assert lines in answer.text
    page.open()
    assert page.titles() == ["Buy milk"]


def test_a_boosted_problem_is_shown_as_a_page(fragment: Fragment) -> None:
    answer = fragment.ask("GET", "/nowhere", headers={"HX-Boosted": "true"})
    assert answer.status_code == 404
    assert "<html" in answer.text
    assert answer.headers["HX-Reswap"] == "innerHTML"
