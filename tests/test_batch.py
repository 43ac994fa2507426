"""A batch: many operations of a program in one transaction; all of them are carried out, or none."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.support.clients import Program

UNKNOWN = "/todos/01a1f8a1-5988-77cc-afbc-b09c5316fdc5"


@pytest.fixture
def ana(any_app: Flask) -> Program:
    """Ana's program, on each engine."""
    visitor = Program(any_app)
    visitor.enter()
    return visitor


def operation(method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    return {"method": method, "path": path} | ({"body": body} if body is not None else {}) | more


def add(title: str) -> dict[str, Any]:
    return operation("POST", "/todos", {"title": title})


def send(program: Program, *operations: Any, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return program.call("POST", "/batch", {"operations": list(operations)}, headers=named)


def test_each_operation_has_the_result_that_it_has_by_itself(ana: Program) -> None:
    for title in ("Buy milk", "Call Rui", "Sleep"):
        ana.add(title)
    milk, rui, sleep = (f"/todos/{ana.id_of(title)}" for title in ("Buy milk", "Call Rui", "Sleep"))
    answer = send(
        ana,
        operation("POST", "/todos", {"title": "Año", "completed": True, "order": -1}),
        operation("PATCH", milk, {"title": "Buy jam"}, if_match='"1-api"'),
        operation("POST", f"{rui}/complete"),
        operation("POST", f"{sleep}/move/top?show=active"),
        operation("DELETE", milk),
        operation("POST", milk.replace("todos", "trash") + "/restore"),
        operation("POST", "/todos/lines", {"lines": "a\nb"}),
        operation("DELETE", "/todos?show=completed"),
    )
    results = answer["results"]
    assert [result["status"] for result in results] == [201, 200, 200, 200, 204, 200, 201, 204]
    link = results[0]["headers"].pop("Link")
    assert link.endswith('; rel="undo"')
    assert results[0]["headers"] == {"Location": results[0]["body"]["url"], "ETag": '"1-api"'}
    assert results[1]["headers"]["ETag"] == '"2-api"'
    assert (results[1]["body"]["title"], results[2]["body"]["completed"]) == ("Buy jam", True)
    assert results[4]["body"] is None
    assert ana.titles() == ["Sleep", "Buy jam", "a", "b"]
    undo = results[4]["headers"]["Link"].partition(">")[0].removeprefix("</api/v1")
    ana.call("POST", undo)
    assert ana.status == 200


@pytest.mark.parametrize(
    ("failing", "status", "said"),
    [
        (operation("PATCH", UNKNOWN, {"title": "x"}), 404, "This to-do is not there any more, or it is not yours."),
        (operation("DELETE", UNKNOWN.replace("todos", "trash")), 404, "There is nothing at this address"),
        (operation("POST", "/todos", {"title": ""}), 422, "See what is said beside each value."),
        (operation("POST", "/todos"), 422, "See what is said beside each value."),
        (operation("PATCH", "{milk}", {"title": "x"}, if_match='"7-api"'), 412, "This is no longer the version"),
        (operation("POST", "/todos", {"title": "x"}, if_match='"1-api"'), 412, "What this changes has no version"),
        (operation("PATCH", "{milk}", {"title": "x", "version": 7}), 409, ""),
        (operation("DELETE", "/todos"), 400, "Only ?show=completed can be deleted at once."),
        (operation("POST", "/todos?show=some", {"title": "x"}), 422, "Show can be: all, active, completed."),
        (operation("POST", "/todos?show=%ff", {"title": "x"}), 422, "Show can be: all, active, completed."),
        (operation("PATCH", "/todos", {}), 405, "This address does not take that kind of request."),
        (operation("POST", "/todos/../batch", {"operations": []}), 404, "There is nothing at this address"),
        (operation("POST", "/todos/%2e%2e/batch", {"operations": []}), 404, "There is nothing at this address"),
        (operation("POST", "/todos//x"), 404, "There is nothing at this address"),
        (operation("POST", "/todos//complete"), 404, "There is nothing at this address"),
        (operation("DELETE", "/todos?show=completed&q=milk"), 422, "There is no such parameter here."),
        (operation("POST", "/todos/año/complete"), 404, "There is nothing at this address"),
        (operation("POST", "/todos/%00/%ff"), 404, "There is nothing at this address"),
        (operation("POST", "/todos/undo/01a1f8a1-5988-77cc-afbc-b09c5316fdc5"), 410, "It is too late to undo this."),
    ],
    ids=lambda value: value["path"] if isinstance(value, dict) else None,
)
def test_one_that_fails_is_named_and_nothing_is_done(
    ana: Program, failing: dict[str, Any], status: int, said: str
) -> None:
    ana.add("Buy milk")
    milk = f"/todos/{ana.id_of('Buy milk')}"
    failing = failing | {"path": failing["path"].replace("{milk}", milk)}
    answer = send(ana, add("Sleep"), operation("POST", f"{milk}/move/top"), failing, add("Call Rui"))
    assert ana.status == 422
    assert ana.problem(ana.answer) == "Operation 2 failed, so nothing was changed."
    assert answer["failed"]["operation"] == 2
    assert (answer["failed"]["problem"]["status"], said in answer["failed"]["problem"]["detail"]) == (status, True)
    assert ana.titles() == ["Buy milk"]


def test_anothers_to_dos_are_not_there(ana: Program) -> None:
    bob = Program(ana.app)
    bob.enter("Bob")
    bob.add("Buy milk")
    path = f"/todos/{bob.id_of('Buy milk')}"
    for wanted in (operation("DELETE", path), operation("POST", f"{path}/complete")):
        assert send(ana, wanted)["failed"]["problem"]["status"] == 404
    assert (bob.titles(), bob.completed()) == (["Buy milk"], [])


@pytest.mark.parametrize(
    ("operations", "pointer", "detail"),
    [
        ([], "#/operations", "Send 1 to 100 operations."),
        ([add("x")] * 101, "#/operations", "Send 1 to 100 operations."),
        (None, "#/operations", "This cannot be null."),
        ({}, "#/operations", "This must be an array."),
        ([add("x"), 1], "#/operations", "Each operation must be an object."),
        ([add("x"), {"path": "/todos"}], "#/operations/1/method", "This can be: POST, PATCH, DELETE."),
        ([operation("GET", "/todos")], "#/operations/0/method", "This can be: POST, PATCH, DELETE."),
        ([{"method": "POST"}], "#/operations/0/path", "Write a path, such as /todos."),
        (
            [operation("POST", "/batch", {"operations": []})],
            "#/operations/0/path",
            "This is no path of a to-do or of the trash, such as /todos.",
        ),
        ([operation("POST", "/todos", [])], "#/operations/0/body", "This must be an object."),
        ([operation("POST", "/todos", if_match=1)], "#/operations/0/if_match", "This must be a string."),
        ([operation("POST", "/todos", note="")], "#/operations/0/note", "There is no such value here."),
    ],
)
def test_what_is_no_operation_is_422_with_a_pointer_to_it(
    program: Program, operations: Any, pointer: str, detail: str
) -> None:
    answer = program.call("POST", "/batch", {"operations": operations})
    assert program.status == 422
    assert answer["errors"] == [{"detail": detail, "pointer": pointer}]
    assert program.titles() == []


@pytest.mark.parametrize(
    "path", ["https://example.org/todos", "//todos", "todos", "/todosx", "/", "/api/v1/todos", "/todos?a\nb"]
)
def test_a_path_leads_to_the_list_or_the_trash(program: Program, path: str) -> None:
    answer = send(program, operation("POST", path))
    assert (program.status, answer["errors"][0]["pointer"]) == (422, "#/operations/0/path")


def test_a_hundred_operations_fit(program: Program) -> None:
    answer = send(program, *(add(f"To-do {number}") for number in range(100)))
    assert len({result["body"]["id"] for result in answer["results"]}) == 100
    assert program.titles() == [f"To-do {number}" for number in range(100)]


def test_a_batch_needs_a_token_and_has_no_page(program: Program) -> None:
    assert program.http.post("/api/v1/batch", json={"operations": [add("x")]}).status_code == 401
    assert program.http.get("/batch").status_code == 404


def test_problems_are_told_in_the_programs_language(program: Program) -> None:
    answer = send(program, operation("DELETE", UNKNOWN), Accept_Language="es")
    assert "no es tuya" in answer["failed"]["problem"]["detail"]


def test_a_batch_that_is_sent_again_is_answered_again(ana: Program) -> None:
    bodies = []
    for replayed in (None, "true", "true"):
        send(ana, add("Buy milk"), add("Sleep"), Idempotency_Key="once")
        assert (ana.status, ana.answer.headers.get("Idempotent-Replayed")) == (200, replayed)
        bodies.append(ana.answer.data)
    assert len(set(bodies)) == 1
    assert ana.titles() == ["Buy milk", "Sleep"]
    send(ana, add("Buy milk"), Idempotency_Key="once")
    assert ana.status == 422


def test_a_batch_that_failed_keeps_no_key(ana: Program) -> None:
    send(ana, add("Buy milk"), operation("DELETE", UNKNOWN), Idempotency_Key="once")
    assert ana.status == 422
    send(ana, add("Buy milk"), Idempotency_Key="once")
    assert (ana.status, ana.titles()) == (200, ["Buy milk"])


def test_batches_that_meet_wait_for_each_other(ana: Program) -> None:
    titles = [f"To-do {number}" for number in range(20)]
    ana.call("POST", "/todos/lines", {"lines": "\n".join(titles)})
    paths = [f"/todos/{ana.id_of(title)}" for title in titles]

    def flip(turn: int) -> int:
        program = Program(ana.app)
        program.token = ana.token
        order = paths if turn % 2 else paths[::-1]
        send(program, *(operation("PATCH", path, {"title": f"{turn}"}) for path in order))
        return program.status

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(flip, range(8))) == [200] * 8
    todos = ana.call("GET", "/todos")
    assert len({todo["title"] for todo in todos}) == 1
    assert {todo["version"] for todo in todos} == {9}


def test_batches_that_undo_wait_for_each_other_in_whatever_order_they_come(ana: Program) -> None:
    errors: list[Any] = []
    event.listen(ana.app.extensions["database"].engine, "handle_error", errors.append)
    for title in ("Buy milk", "Sleep"):
        ana.add(title)
    milk, sleep = (f"/todos/{ana.id_of(title)}" for title in ("Buy milk", "Sleep"))
    ana.call("POST", f"{milk}/complete")
    undo = ana.answer.headers["Link"].partition(">")[0].removeprefix("</api/v1")
    operations = [operation("POST", undo), operation("POST", f"{sleep}/complete")]

    def both(turn: int) -> int:
        program = Program(ana.app)
        program.token = ana.token
        send(program, *(operations if turn % 2 else operations[::-1]))
        return program.status

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(both, range(16))) == [200] * 16
    assert errors == []  # nobody waited in a circle
    assert ana.completed() == ["Sleep"]
