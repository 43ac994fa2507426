"""What is deleted can be brought back for thirty days, and nobody but its owner sees it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from tests.conftest import Visitor
from tests.support.clients import Fragment, Page, Program, TextPage
from webapp.db import connection, now
from webapp.models.todos.todo import Todo
from webapp.models.todos.trash import prune_trash

UNKNOWN = "01a1f8a1-5988-77cc-afbc-b09c5316fdc5"


@pytest.fixture
def trashed(ana: Visitor) -> Visitor:
    """Ana, who has deleted “Buy milk” and “Call Rui” and kept “Sleep”."""
    for title in ("Buy milk", "Call Rui", "Sleep"):
        ana.add(title)
    for title in ("Buy milk", "Call Rui"):
        ana.delete(title)
    return ana


def trash(visitor: Visitor) -> list[str]:
    """The titles in the trash, as it is shown now."""
    if isinstance(visitor, Program):
        return [todo["title"] for todo in visitor.call("GET", "/trash")]
    if not visitor.url.startswith("/trash"):
        visitor.go("/trash")
    return [found.get_text() for found in visitor.page.select("#trash .title")]


def id_of(visitor: Visitor, title: str) -> str:
    if isinstance(visitor, Program):
        return next(todo["id"] for todo in visitor.call("GET", "/trash") if todo["title"] == title)
    trash(visitor)
    return next(
        str(row["id"]).removeprefix("trashed-")
        for row in visitor.page.select("#trash li")
        if row.select_one(".title").get_text() == title  # type: ignore[union-attr]
    )


def age(app: Flask, by: timedelta) -> None:
    """Let all that was deleted have been so for so much longer."""
    with app.extensions["database"].transaction(write=True) as transaction:
        old = update(Todo).where(Todo.deleted_at.is_not(None)).values(deleted_at=now() - by)
        connection().execute(old)
        transaction.commit()


def test_the_trash_shows_what_was_deleted_the_latest_first(trashed: Visitor) -> None:
    assert trash(trashed) == ["Call Rui", "Buy milk"]


def test_restoring_brings_it_back_to_its_place(trashed: Visitor) -> None:
    if isinstance(trashed, Program):
        answer = trashed.call("POST", f"/trash/{id_of(trashed, 'Buy milk')}/restore")
        headers = {"Authorization": f"Bearer {trashed.token}"}
        assert trashed.http.get(answer["url"], headers=headers).get_json()["title"] == "Buy milk"
    else:
        trash(trashed)
        trashed.press("Restore Buy milk")
        assert trashed.alert() == "“Buy milk” is back on your list."
    assert trash(trashed) == ["Call Rui"]
    trashed.open()
    assert trashed.titles() == ["Buy milk", "Sleep"]


def test_restoring_twice_restores_once_and_says_so_once(trashed: Visitor) -> None:
    path = f"/trash/{id_of(trashed, 'Buy milk')}/restore"
    answers = [trashed.ask("POST", path) for _ in range(2)]
    assert answers[0].status_code == answers[1].status_code < 400
    trashed.open()
    assert trashed.titles() == ["Buy milk", "Sleep"]


def test_deleting_for_good_asks_first(trashed: Visitor) -> None:
    if isinstance(trashed, Program):
        trashed.call("DELETE", f"/trash/{id_of(trashed, 'Buy milk')}")
        assert trashed.status == 204
    else:
        trash(trashed)
        trashed.follow("Delete for good: Buy milk")
        assert "This cannot be undone." in trashed.text()
        trashed.follow("Keep it")
        trashed.follow("Delete for good: Buy milk")
        trashed.press("Delete for good")
        assert trashed.alert() == "Deleted “Buy milk” for good."
    assert trash(trashed) == ["Call Rui"]


def test_emptying_asks_first(trashed: Visitor) -> None:
    if isinstance(trashed, Program):
        trashed.call("DELETE", "/trash")
        assert trashed.status == 204
    else:
        trash(trashed)
        trashed.follow("Empty the trash")
        assert "2 to-dos will be gone for good." in trashed.text()
        trashed.press("Empty the trash")
        assert trashed.alert() == "Deleted 2 to-dos for good."
        assert "The trash is empty." in trashed.text()
    assert trash(trashed) == []
    trashed.open()
    assert trashed.titles() == ["Sleep"]


@pytest.mark.parametrize("client", [Page, TextPage])
def test_deleting_for_good_sent_twice_succeeds_twice(common_app: Flask, client: type[Page]) -> None:
    visitor = client(common_app)
    visitor.enter()
    visitor.add("Buy milk")
    visitor.delete("Buy milk")
    trash(visitor)
    visitor.follow("Delete for good: Buy milk")
    form = visitor.page.select_one("main form")
    assert form
    fields = {str(field["name"]): str(field["value"]) for field in form.select("[name]")}
    answers = [visitor.ask("POST", str(form["action"]), fields) for _ in range(2)]
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [(303, "/trash")] * 2
    visitor.go("/trash")
    assert visitor.alert() == "Deleted “Buy milk” for good."


def test_what_is_not_in_the_trash_is_not_deleted_for_good(ana: Visitor) -> None:
    ana.add("Buy milk")
    todo = ana.id_of("Buy milk")
    for method, path in (("POST", f"/trash/{todo}/delete"), ("DELETE", f"/trash/{todo}"), ("DELETE", "/trash")):
        if not isinstance(ana, Program) or method == "DELETE":
            ana.ask(method, path)
    ana.open()
    assert ana.titles() == ["Buy milk"]


def test_anothers_trash_is_not_there(trashed: Visitor, bob: Visitor) -> None:
    theirs = id_of(trashed, "Buy milk")
    assert trash(bob) == []
    for method, path in (("POST", "/restore"), ("POST", "/delete"), ("GET", "/delete"), ("DELETE", "")):
        answers = [bob.ask(method, f"/trash/{id}{path}") for id in (theirs, UNKNOWN)]
        assert {answer.status_code for answer in answers} == {404}
    bob.ask("DELETE", "/trash")
    assert trash(trashed) == ["Call Rui", "Buy milk"]


def test_after_thirty_days_it_is_gone_swept_or_not(trashed: Visitor) -> None:
    todo = id_of(trashed, "Buy milk")
    database = trashed.app.extensions["database"]
    age(trashed.app, timedelta(days=30) - timedelta(minutes=1))
    with database.transaction(write=True):
        assert prune_trash() == 0
    assert len(trash(trashed)) == 2
    age(trashed.app, timedelta(days=30))
    if isinstance(trashed, Page):
        trashed.go("/trash")
    assert trash(trashed) == []
    assert trashed.ask("POST", f"/trash/{todo}/restore").status_code == 404
    with database.transaction(write=True):
        assert prune_trash() == 2


def test_programs_see_until_when_it_is_kept(program: Program) -> None:
    program.add("Buy milk")
    todo = program.id_of("Buy milk")
    program.delete("Buy milk")
    (found,) = program.call("GET", "/trash")
    assert (found["id"], found["title"]) == (todo, "Buy milk")
    assert found["kept_until"] > found["deleted_at"]


@pytest.mark.parametrize("client", [Page, TextPage, Fragment])
def test_emptying_takes_only_what_was_there_when_it_was_asked(common_app: Flask, client: type[Page]) -> None:
    visitor = client(common_app)
    visitor.enter()
    for title in ("Buy milk", "Call Rui"):
        visitor.add(title)
    visitor.delete("Buy milk")
    visitor.go("/trash/empty")
    tab = Page(common_app)
    tab.http = visitor.http
    tab.open()
    tab.delete("Call Rui")
    visitor.press("Empty the trash")
    assert "Deleted 1 to-do for good." in visitor.alert()
    visitor.url = "/"
    assert trash(visitor) == ["Call Rui"]


@pytest.mark.parametrize("until", ["junk", "2026-13-01", "2026-11-20T10:00:00", "2026", "\x00"])
def test_a_moment_that_is_none_empties_nothing(page: Page, until: str) -> None:
    page.add("Buy milk")
    page.delete("Buy milk")
    answer = page.http.post("/trash/empty", query_string={"until": until}, headers=page.headers)
    assert answer.status_code == 422
    assert page.problem(answer) == "Write a moment with its zone, such as 2026-11-20T10:00:00Z."
    page.go("/trash")
    assert trash(page) == ["Buy milk"]


def test_a_misspelt_moment_does_not_empty_the_trash(program: Program) -> None:
    program.add("Buy milk")
    program.delete("Buy milk")
    answer = program.call("DELETE", "/trash?untill=2020-01-01T00:00:00Z")
    assert (program.status, answer["errors"][0]["parameter"]) == (422, "untill")
    assert trash(program) == ["Buy milk"]
    for moment, left in (("2020-01-01T00:00:00Z", ["Buy milk"]), ("9999-12-31T23:59:59-23:59", [])):
        program.call("DELETE", f"/trash?until={moment}")
        assert (program.status, trash(program)) == (204, left)


def test_a_question_that_was_open_for_too_long_is_asked_again(page: Page) -> None:
    page.add("Buy milk")
    page.delete("Buy milk")
    page.go(f"/trash/{id_of(page, 'Buy milk')}/delete")
    page.press("Delete for good", submission="DeleteForm.x.y.z")
    assert (page.status, page.error()) == (422, "This form is no longer valid. Send it again to save it.")
    page.press("Delete for good")
    assert page.alert() == "Deleted “Buy milk” for good."


def test_an_empty_trash_is_not_asked_about(page: Page) -> None:
    page.go("/trash/empty")
    assert "The trash is empty." in page.text()
    assert "Empty the trash" not in page.controls()
