"""Conditional requests, as RFC 9110 has them, and changes of a part, as RFC 7396 does."""

import pytest
from flask import Flask

from tests.support.addresses import addresses
from tests.support.clients import Program


@pytest.fixture
def ana(any_app: Flask) -> Program:
    """Ana's program, on each engine, with a to-do and another in the trash."""
    visitor = Program(any_app)
    visitor.enter()
    visitor.add("Buy milk")
    visitor.add("Sleep")
    visitor.delete("Sleep")
    return visitor


def places(program: Program) -> list[str]:
    """Every address that a program can look at."""
    prefix, id = "/api/v1", program.id_of("Buy milk")
    found = [path.removeprefix(prefix) for path in addresses(program.app, id) if path.startswith(f"{prefix}/")]
    return [path for path in found if program.call("GET", path) is not None and program.status == 200]


def test_whatever_is_looked_at_has_a_strong_etag_and_is_not_sent_twice(ana: Program) -> None:
    found = places(ana)
    assert {"/todos", "/trash", "/changes", f"/todos/{ana.id_of('Buy milk')}"} <= set(found)
    for path in [*found, "/todos?show=active", "/todos?limit=1&order=-title&q=milk", "/changes?limit=1"]:
        ana.call("GET", path)
        tag = ana.answer.headers["ETag"]
        assert tag.startswith('"')
        for tags in (tag, f'"x", {tag}', f"W/{tag}", "*"):
            for method in ("GET", "HEAD"):
                ana.call(method, path, headers={"If-None-Match": tags})
                assert (ana.status, ana.answer.data, ana.answer.headers["ETag"]) == (304, b"", tag)
        ana.call("GET", path, headers={"If-None-Match": '"x"'})
        assert ana.status == 200


@pytest.mark.parametrize(("path", "status"), [("/todos/x", 404), ("/todos?limit=x", 422), ("/todos/new", 406)])
def test_what_cannot_be_shown_has_no_etag_and_stays_an_error(program: Program, path: str, status: int) -> None:
    for headers in ({}, {"If-None-Match": "*"}, {"If-Match": '"x"'}, {"If-Match": "*"}):
        program.call("GET", path, headers=headers)
        assert (program.status, "ETag" in program.answer.headers) == (status, False)


def test_what_is_not_the_version_that_is_meant_has_no_etag(ana: Program) -> None:
    for path in (*places(ana), "/todos?limit=1"):
        ana.call("GET", path, headers={"If-Match": '"nope"'})
        assert (ana.status, "ETag" in ana.answer.headers, ana.problem(ana.answer)) == (
            412,
            False,
            "This is no longer the version that If-Match names.",
        )


def test_head_answers_as_get_without_the_body(ana: Program) -> None:
    for path in [*places(ana), "/todos?limit=1"]:
        ana.call("GET", path)
        looked = {**ana.answer.headers, "X-Request-Id": "one", "Date": "now"}
        ana.call("HEAD", path)
        assert (ana.status, ana.answer.data, {**ana.answer.headers, "X-Request-Id": "one", "Date": "now"}) == (
            200,
            b"",
            looked,
        )


def test_a_collection_has_another_etag_after_each_change(ana: Program) -> None:
    tags: dict[str, list[str]] = {"/todos": [], "/changes": [], "/todos?limit=1": []}
    verbs = [lambda: None, lambda: ana.edit("Buy milk", "Buy jam"), lambda: ana.complete("Buy jam")]
    for verb in verbs:
        verb()
        for path, seen in tags.items():
            ana.call("GET", path)
            seen.append(ana.answer.headers["ETag"])
    assert all(len(set(seen)) == len(verbs) for seen in tags.values())
    ana.add("Call Rui")  # the first page is the same, but now there is a second
    ana.call("GET", "/todos?limit=1", headers={"If-None-Match": tags["/todos?limit=1"][-1]})
    assert ana.status == 200
    assert "Link" in ana.answer.headers


def test_a_part_is_changed_by_a_merge_patch(ana: Program) -> None:
    path = f"/todos/{ana.id_of('Buy milk')}"
    for number, kind in enumerate(("application/merge-patch+json", "application/json")):
        todo = ana.call("PATCH", path, data=f'{{"order": {number}}}', content_type=kind)
        assert (ana.status, todo["order"], todo["title"]) == (200, number, "Buy milk")
    ana.call("PATCH", path, data="order=1", content_type="application/x-www-form-urlencoded")
    assert (ana.status, ana.answer.headers["Accept"]) == (415, "application/json, application/merge-patch+json")


@pytest.mark.parametrize("name", ["title", "completed", "order", "version"])
def test_null_takes_nothing_away_that_a_to_do_needs(ana: Program, name: str) -> None:
    path = f"/todos/{ana.id_of('Buy milk')}"
    answer = ana.call("PATCH", path, {name: None})
    assert (ana.status, answer["errors"]) == (422, [{"detail": "This cannot be null.", "pointer": f"#/{name}"}])


@pytest.mark.parametrize("name", ["id", "url", "created_at", "updated_at", "completed_at"])
def test_what_recado_gives_is_read_only(ana: Program, name: str) -> None:
    todo = ana.call("GET", f"/todos/{ana.id_of('Buy milk')}")
    for value in (todo[name], None, "x"):
        answer = ana.call("PATCH", f"/todos/{todo['id']}", {name: value})
        said = "Recado gives this value; it cannot be set."
        assert (ana.status, answer["errors"]) == (422, [{"detail": said, "pointer": f"#/{name}"}])
    assert ana.call("GET", f"/todos/{todo['id']}") == todo


@pytest.mark.parametrize(
    ("method", "place", "body"),
    [("PATCH", "/todos/{id}", {"title": "Buy jam"}), ("DELETE", "/todos/{id}", None), ("DELETE", "/trash", None)],
)
def test_a_repeated_call_under_a_key_does_nothing_more(
    ana: Program, method: str, place: str, body: dict[str, str] | None
) -> None:
    path = place.format(id=ana.id_of("Buy milk"))
    ana.call(method, path, body, headers={"Idempotency-Key": "once"})
    first, cursor = ana.status, ana.call("GET", "/changes")["cursor"]
    for _ in range(2):
        ana.call(method, path, body, headers={"Idempotency-Key": "once"})
        assert (ana.status, ana.answer.headers["Idempotent-Replayed"]) == (first, "true")
    assert ana.call("GET", f"/changes?since={cursor}")["changes"] == []


@pytest.mark.parametrize("tags", ['"2-api"', 'W/"2-api"', '"0-api", "2-api"', '""', "junk", "", ","])
def test_a_change_is_made_only_to_the_version_that_is_named(ana: Program, tags: str) -> None:
    path = f"/todos/{ana.id_of('Buy milk')}"
    ana.call("PATCH", path, {"title": "Buy jam"}, headers={"If-Match": tags})
    assert (ana.status, ana.titles()) == (412, ["Buy milk"])
    for met in ("*", '"1-api"', '"7-api", "2-api"'):
        ana.call("POST", f"{path}/{'reopen' if met == '*' else 'complete'}", headers={"If-Match": met})
        assert ana.status == 200


@pytest.mark.parametrize("tags", ['"1-api"', 'W/"1-api"', "*"])
def test_a_change_is_not_made_to_the_version_that_is_excepted(ana: Program, tags: str) -> None:
    path = f"/todos/{ana.id_of('Buy milk')}"
    ana.call("PATCH", path, {"title": "Buy jam"}, headers={"If-None-Match": tags})
    assert (ana.status, ana.problem(ana.answer)) == (412, "This is what If-None-Match names.")
    ana.call("PATCH", path, {"title": "Buy jam"}, headers={"If-None-Match": '"2-api"'})
    assert (ana.status, ana.titles()) == (200, ["Buy jam"])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/todos", {"title": "Call Rui"}),
        ("POST", "/todos/complete", None),
        ("DELETE", "/todos?show=completed", None),
        ("DELETE", "/trash", None),
        ("POST", "/batch", {"operations": [{"method": "DELETE", "path": "/trash"}]}),
    ],
)
def test_what_has_no_version_is_not_changed_as_if_it_had(
    ana: Program, method: str, path: str, body: dict[str, object] | None
) -> None:
    cursor = ana.call("GET", "/changes")["cursor"]
    tag = ana.answer.headers["ETag"]
    ana.call(method, path, body, headers={"If-Match": tag, "Idempotency-Key": "once"})
    assert ana.problem(ana.answer) == "What this changes has no version of its own. Leave If-Match out."
    assert ana.status == 412
    ana.call(method, path, body, headers={"If-Match": ""})
    assert ana.status == 412
    assert ana.call("GET", f"/changes?since={cursor}")["changes"] == []
    ana.call(method, path, body, headers={"If-Match": "*", "Idempotency-Key": "once"})
    assert ana.status < 300
