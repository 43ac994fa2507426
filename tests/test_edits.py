"""Two people, or two tabs, change one to-do: nobody overwrites what nobody has seen."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.support.clients import Fragment, Page, Program, TextPage

BROWSERS = (Page, TextPage, Fragment)
OVERTAKEN = "Changed elsewhere meanwhile, to “Buy bread”. Save puts your text in its place."
GONE = "Deleted elsewhere meanwhile. Save brings it back, with your text."


@pytest.fixture(params=BROWSERS, ids=lambda kind: kind.__name__)
def editor(request: pytest.FixtureRequest, any_app: Flask) -> Page:
    """Ana, who has opened the editor of “Buy milk”."""
    visitor: Page = request.param(any_app)
    visitor.enter()
    visitor.add("Buy milk")
    visitor.id = visitor.id_of("Buy milk")  # type: ignore[attr-defined]
    visitor.follow("Edit Buy milk")
    return visitor


@pytest.fixture
def tab(editor: Page) -> Iterator[Page]:
    """Another tab of the same browser."""
    tab = Page(editor.app)
    tab.http = editor.http
    tab.open()
    return tab  # type: ignore[return-value]


def text_in(editor: Page) -> str:
    field = editor.page.select_one(".editor [name=title]")
    assert field is not None
    return str(field["value"])


def titles(visitor: Page) -> list[str]:
    visitor.open()
    return visitor.titles()


def test_the_same_title_changed_elsewhere_is_shown_and_settled(editor: Page, tab: Page) -> None:
    tab.edit("Buy milk", "Buy bread")
    editor.press("Save", title="Buy jam")
    assert editor.status == 409
    assert (editor.error(), text_in(editor)) == (OVERTAKEN, "Buy jam")
    assert titles(tab) == ["Buy bread"]
    editor.press("Save")
    assert editor.status in (200, 303)
    assert titles(editor) == ["Buy jam"]


def test_a_third_change_is_shown_as_well(editor: Page, tab: Page) -> None:
    tab.edit("Buy milk", "Buy tea")
    editor.press("Save", title="Buy jam")
    tab.edit("Buy tea", "Buy bread")
    editor.press("Save")
    assert (editor.status, editor.error(), text_in(editor)) == (409, OVERTAKEN, "Buy jam")
    assert titles(tab) == ["Buy bread"]


def test_theirs_can_be_kept(editor: Page, tab: Page) -> None:
    tab.edit("Buy milk", "Buy bread")
    editor.press("Save", title="Buy jam")
    editor.follow("Cancel")
    assert titles(editor) == ["Buy bread"]


@pytest.mark.parametrize("verb", ["complete", "move"])
def test_changes_of_different_things_come_together_without_a_word(editor: Page, tab: Page, verb: str) -> None:
    tab.add("Sleep")
    tab.complete("Buy milk") if verb == "complete" else tab.move("Buy milk", "down")
    editor.press("Save", title="Buy jam")
    assert editor.status in (200, 303)
    assert sorted(titles(editor)) == ["Buy jam", "Sleep"]
    assert editor.completed() == (["Buy jam"] if verb == "complete" else [])


def test_the_same_change_made_twice_is_no_conflict(editor: Page, tab: Page) -> None:
    tab.edit("Buy milk", "Buy jam")
    editor.press("Save", title="Buy jam")
    assert editor.status in (200, 303)
    assert titles(editor) == ["Buy jam"]


def test_nothing_typed_over_a_change_elsewhere_changes_nothing(editor: Page, tab: Page) -> None:
    tab.edit("Buy milk", "Buy bread")
    editor.press("Save", title="Buy milk")
    assert editor.status in (200, 303)
    assert titles(tab) == ["Buy bread"]


def test_an_emptied_title_deletes_nothing_that_was_changed_unseen(editor: Page, tab: Page) -> None:
    tab.edit("Buy milk", "Buy bread")
    editor.press("Save", title="")
    assert (editor.status, editor.error(), text_in(editor)) == (409, OVERTAKEN, "")
    assert titles(tab) == ["Buy bread"]
    editor.press("Save")
    assert titles(editor) == []


def test_an_emptied_title_of_what_is_deleted_is_as_was_wished(editor: Page, tab: Page) -> None:
    tab.delete("Buy milk")
    editor.press("Save", title="")
    assert editor.status in (200, 303)
    assert titles(editor) == []


def test_what_was_deleted_elsewhere_comes_back_with_the_text(editor: Page, tab: Page) -> None:
    tab.delete("Buy milk")
    editor.press("Save", title="Buy jam")
    assert editor.status == 409
    assert (editor.error(), text_in(editor)) == (GONE, "Buy jam")
    assert titles(tab) == []
    editor.press("Save")
    assert titles(editor) == ["Buy jam"]


def test_what_is_gone_for_good_leaves_the_text(editor: Page, tab: Page) -> None:
    tab.delete("Buy milk")
    tab.go(f"/trash/{editor.id}/delete")  # type: ignore[attr-defined]
    tab.press("Delete for good")
    editor.press("Save", title="Buy jam")
    assert editor.status == 404
    if not isinstance(editor, Fragment):  # to htmx the text is still in its field
        assert "Buy jam" in editor.answer.text


def test_an_error_comes_before_a_conflict_and_the_conflict_stays(editor: Page, tab: Page) -> None:
    tab.edit("Buy milk", "Buy bread")
    editor.press("Save", title="x" * 501)
    assert (editor.status, text_in(editor)) == (422, "x" * 501)
    editor.press("Save", title="Buy jam")
    assert (editor.status, editor.error()) == (409, OVERTAKEN)


def test_a_saved_form_that_is_sent_again_is_no_conflict(editor: Page) -> None:
    fields = [(str(field["name"]), str(field.get("value"))) for field in editor.page.select(".editor [name]")]
    fields = [(name, "Buy jam" if name == "title" else value) for name, value in fields]
    for _ in range(2):
        answer = editor.ask("POST", f"/todos/{editor.id}", dict(fields))  # type: ignore[attr-defined]
        assert answer.status_code in (200, 303)
    assert titles(editor) == ["Buy jam"]


# ---- Programs


@pytest.fixture
def item(any_app: Flask) -> dict[str, Any]:
    """A program's to-do, as it is at first, with the program."""
    program = Program(any_app)
    program.enter()
    todo: dict[str, Any] = program.call("POST", "/todos", {"title": "Buy milk"})
    return todo | {"program": program, "tag": program.answer.headers["ETag"]}


def patch(item: dict[str, Any], json: dict[str, Any], **headers: str) -> int:
    program: Program = item["program"]
    program.call("PATCH", f"/todos/{item['id']}", json, headers={k.replace("_", "-"): v for k, v in headers.items()})
    return program.status


def test_every_answer_with_a_todo_has_the_etag_of_its_version(item: dict[str, Any]) -> None:
    program: Program = item["program"]
    path = f"/todos/{item['id']}"
    assert item["tag"] == '"1-api"'
    program.call("GET", path)
    assert program.answer.headers["ETag"] == item["tag"]
    assert patch(item, {"title": "Buy jam"}) == 200
    assert program.answer.headers["ETag"] == '"2-api"'
    program.call("POST", f"{path}/complete")
    assert program.answer.headers["ETag"] == '"3-api"'
    program.call("GET", path, headers={"If-None-Match": '"3-api"'})
    assert (program.status, program.answer.data) == (304, b"")


def test_if_match_lets_only_the_known_version_be_changed(item: dict[str, Any]) -> None:
    program: Program = item["program"]
    assert patch(item, {"title": "Buy bread"}, If_Match=item["tag"]) == 200
    assert patch(item, {"title": "Buy jam"}, If_Match=item["tag"]) == 412
    assert program.problem(program.answer) == "This is no longer the version that If-Match names."
    assert patch(item, {"title": "Buy jam"}, If_Match=f"W/{program.answer.headers.get('ETag', item['tag'])}") == 412
    path = f"/todos/{item['id']}"
    for method, place in (("DELETE", path), ("POST", f"{path}/complete"), ("POST", f"{path}/move/top")):
        program.call(method, place, headers={"If-Match": item["tag"]})
        assert program.status == 412
    assert program.titles() == ["Buy bread"]
    assert patch(item, {"title": "Buy jam"}, If_Match='"2-api", "7-api"') == 200
    assert patch(item, {"title": "Buy tea"}, If_Match="*") == 200
    program.call("DELETE", path, headers={"If-Match": '"4-api"'})
    assert (program.status, program.titles()) == (204, [])


def test_a_stale_version_in_the_body_is_a_conflict_whatever_it_changes(item: dict[str, Any]) -> None:
    program: Program = item["program"]
    assert patch(item, {"title": "Buy bread", "version": 1}) == 200
    for change in ({"title": "Buy jam"}, {"completed": True}, {"order": 7}, {"title": "Buy bread"}, {}):
        assert patch(item, change | {"version": 1}) == 409
        assert program.answer.get_json()["errors"] == [{"detail": OVERTAKEN, "pointer": "#/version"}]
    assert patch(item, {"completed": True, "version": 2}) == 200
    assert program.answer.get_json()["title"] == "Buy bread"


@pytest.mark.parametrize("version", [2, 2**31 - 1])
def test_a_version_that_never_was_is_a_conflict(item: dict[str, Any], version: int) -> None:
    assert patch(item, {"title": "Buy jam", "version": version}) == 409


def test_a_version_that_cannot_be_is_invalid(item: dict[str, Any]) -> None:
    for version in (2**31, 0, -1, "1", None, 1.5, True):
        assert patch(item, {"title": "Buy jam", "version": version}) == 422


def test_a_deleted_todo_is_not_found_by_a_change_without_its_version(item: dict[str, Any]) -> None:
    program: Program = item["program"]
    program.call("DELETE", f"/todos/{item['id']}")
    assert patch(item, {"title": "Buy jam"}) == 404
    assert program.titles() == []


def test_a_repeated_call_is_answered_again_whatever_became_of_the_todo(item: dict[str, Any]) -> None:
    program: Program = item["program"]
    first = patch(item, {"title": "Buy jam"}, If_Match=item["tag"], Idempotency_Key="once"), program.answer
    patch(item, {"title": "Buy tea"})
    for _ in range(2):
        again = patch(item, {"title": "Buy jam"}, If_Match=item["tag"], Idempotency_Key="once"), program.answer
        assert (again[0], again[1].data) == (first[0], first[1].data)
        for name in ("ETag", "Link"):
            assert again[1].headers[name] == first[1].headers[name]
        program.call("DELETE", f"/todos/{item['id']}")
    assert program.titles() == []


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_whatever_changes_something_can_be_sent_under_a_key(item: dict[str, Any], method: str) -> None:
    program: Program = item["program"]
    for title in ("Call Rui", "Sleep"):
        program.add(title)
    last = program.id_of("Sleep")
    path = f"/todos/{last}" + ("/move/up" if method == "POST" else "")
    for replayed in (None, "true", "true"):
        program.call(method, path, headers={"Idempotency-Key": "up"})
        assert program.answer.headers.get("Idempotent-Replayed") == replayed
    assert program.titles() == (["Buy milk", "Sleep", "Call Rui"] if method == "POST" else ["Buy milk", "Call Rui"])
    program.call(method, f"{path}?show=active", headers={"Idempotency-Key": "up"})
    assert program.status == 422
    assert program.problem(program.answer) == "This Idempotency-Key was already used for something else."
