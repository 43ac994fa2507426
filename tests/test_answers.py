"""Each outcome of a request, said to each client in its own terms."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import Visitor
from tests.support.clients import Fragment, Page, Program, TextPage


def parts(answer: TestResponse) -> dict[str, str]:
    """What a fragment's answer swaps out of band: how, by the id of the element."""
    found = BeautifulSoup(answer.text, "html.parser").find_all(attrs={"data-hx-swap-oob": True})
    return {str(part.get("id") or part["data-hx-swap-oob"]): str(part["data-hx-swap-oob"]) for part in found}


# ---- Show


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request", "HX-Request-Type"])
def test_a_navigation_by_htmx_gets_the_whole_page(fragment: Fragment, header: str) -> None:
    value = "full" if header == "HX-Request-Type" else "true"
    assert "<html" not in fragment.ask("GET", "/todos").text
    assert "<html" in fragment.ask("GET", "/todos", headers={header: value}).text


@pytest.mark.parametrize("value", ["yes", "TRUE", "1", "", "true, true", "false"])
def test_only_the_word_that_htmx_sends_makes_it_htmx(page: Page, value: str) -> None:
    assert "<html" in page.ask("GET", "/todos", headers={"HX-Request": value}).text


def test_htmx_gets_html_whatever_it_says_it_accepts(visitor: Visitor) -> None:
    answer = visitor.ask("GET", "/todos", headers={"Accept": "application/json"})
    assert answer.mimetype == ("application/json" if isinstance(visitor, Program) else "text/html")
    assert visitor.ask("GET", "/todos", headers={"Accept": "image/png"}).status_code == 200


def test_a_page_without_json_is_406_at_the_api(program: Program) -> None:
    answer = program.ask("GET", "/todos/new")
    assert answer.status_code == 406
    assert program.problem(answer) == "This address has a page, but nothing for a program."


def test_head_is_get_without_a_body(visitor: Visitor) -> None:
    answer = visitor.ask("HEAD", "/todos")
    assert answer.status_code == 200
    assert answer.data == b""
    assert answer.mimetype == visitor.ask("GET", "/todos").mimetype


# ---- Changed


def test_a_new_todo_is_answered_in_each_clients_terms(visitor: Visitor) -> None:
    answer = visitor.ask("POST", "/todos", {"title": "Buy milk"})
    if isinstance(visitor, Program):
        todo = answer.get_json()
        assert answer.status_code == 201
        assert answer.headers["Location"] == todo["url"] == f"http://localhost/api/v1/todos/{todo['id']}"
        assert visitor.http.get(todo["url"], headers={"Authorization": f"Bearer {visitor.token}"}).get_json() == todo
    elif isinstance(visitor, Fragment):
        assert answer.status_code == 200
        assert "Location" not in answer.headers
        assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#todos", "beforeend")
        assert parts(answer) == {"new-todo": "true", "toolbar": "true", "innerHTML:#alerts": "innerHTML:#alerts"}
    else:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/todos")


def test_a_change_made_on_another_page_sends_htmx_to_where_it_shows(fragment: Fragment) -> None:
    fragment.add("Buy milk")
    todo = f"/todos/{fragment.id_of('Buy milk')}"
    fragment.url = f"{todo}/edit"
    answer = fragment.ask("POST", todo, {"title": "Buy bread"})
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == f"/todos#{todo.replace('/todos/', 'todo-')}"
    assert "Location" not in answer.headers
    assert BeautifulSoup(answer.text, "html.parser").select_one("#moved a") is not None


def test_completing_is_answered_in_each_clients_terms(visitor: Visitor) -> None:
    visitor.add("Buy milk")
    id = visitor.id_of("Buy milk")
    for _ in range(2):  # the wished state, sent twice, is still that state
        answer = visitor.ask("POST", f"/todos/{id}/complete")
        if isinstance(visitor, Program):
            assert answer.status_code == 200
            assert answer.get_json()["completed"] is True
        elif isinstance(visitor, Fragment):
            assert answer.status_code == 200
            assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == (f"#todo-{id}", "outerHTML")
            assert parts(answer) == {"toolbar": "true", "innerHTML:#alerts": "innerHTML:#alerts"}
            assert answer.text.lstrip().startswith("<li")
        else:
            assert answer.status_code == 303
            assert answer.headers["Location"] == f"/todos#todo-{id}"


def test_deleting_is_answered_in_each_clients_terms_and_twice_the_same(visitor: Visitor) -> None:
    visitor.add("Buy milk")
    id = visitor.id_of("Buy milk")
    for _ in range(2):
        answer = visitor.ask("POST", f"/todos/{id}/delete")
        if isinstance(visitor, Program):
            assert answer.status_code == 204
            assert answer.data == b""
        elif isinstance(visitor, Fragment):
            assert answer.status_code == 200
            assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == (f"#todo-{id}", "delete")
            assert "toolbar" in parts(answer)
        else:
            assert (answer.status_code, answer.headers["Location"]) == (303, "/todos")
    visitor.open()
    assert visitor.titles() == []


def test_a_region_can_change_alone(visitor: Visitor) -> None:
    answer = visitor.ask("POST", "/odd/beside")
    if isinstance(visitor, Program):
        assert answer.status_code == 204
    elif isinstance(visitor, Fragment):
        assert (answer.status_code, answer.headers["HX-Reswap"]) == (200, "none")
        assert parts(answer) == {"name-form": "true", "innerHTML:#alerts": "innerHTML:#alerts"}
    else:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/todos")


# ---- Invalid


def test_an_invalid_form_is_answered_in_each_clients_terms(visitor: Visitor) -> None:
    answer = visitor.ask("POST", "/todos", {"title": "x" * 501})
    assert answer.status_code == 422
    if isinstance(visitor, Program):
        assert visitor.problem(answer) == "See what is said beside each value."
        assert answer.get_json()["errors"] == [
            {"detail": "This has 501 characters; 500 is the most.", "pointer": "#/title"}
        ]
        return
    body = BeautifulSoup(answer.text, "html.parser")
    if isinstance(visitor, Fragment):
        assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#new-todo", "outerHTML")
        assert body.title is None
    else:
        assert body.title is not None
        assert body.title.get_text().startswith("Error: ")
    assert body.select_one("#alerts .alert") is None


@pytest.mark.parametrize("client", [Page, TextPage, Fragment])
@pytest.mark.parametrize(
    ("path", "field", "typed"),
    [
        ("/todos", "title", "x" * 501),
        ("/todos/lines", "lines", "Buy milk\r\n" + "x" * 501),
        ("/", "name", "<b>Ana</b>" * 7),
        ("/todos/<id>", "title", 'a\x07"b'),
    ],
)
def test_a_refused_text_is_kept_and_its_field_says_why(
    common_app: Flask, client: type[Page], path: str, field: str, typed: str
) -> None:
    visitor = client(common_app)
    visitor.enter()
    visitor.add("Buy milk")
    answer = visitor.ask("POST", path.replace("<id>", visitor.id_of("Buy milk")), {field: typed})
    assert answer.status_code == 422
    body = BeautifulSoup(answer.text, "html.parser")
    (bad,) = body.select("[autofocus]")
    assert bad["name"] == field
    assert str(bad.get("value") or bad.get_text().removeprefix("\n")) == typed
    assert bad["aria-invalid"] == "true"
    said = body.find(id=str(bad["aria-describedby"]).split()[0])
    assert said is not None
    assert said.get_text().strip()


# ---- Plain Flask


@pytest.mark.parametrize("how", ["", "&abort"])
def test_a_plain_redirect_is_each_clients_own(visitor: Visitor, how: str) -> None:
    answer = visitor.ask("POST", f"/odd/redirect?to=/todos{how}")
    if isinstance(visitor, Program):
        assert answer.status_code == 204
    elif isinstance(visitor, Fragment):
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/todos")
        assert "Location" not in answer.headers
        assert 'href="/todos"' in answer.text
    else:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/todos")


def test_a_boosted_form_is_redirected_as_a_page_is(common_app: Flask) -> None:
    answer = Fragment(common_app).ask("POST", "/odd/redirect?to=/todos", headers={"HX-Boosted": "true"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/todos")
    assert "HX-Redirect" not in answer.headers


@pytest.mark.parametrize(
    ("here", "to", "refresh"),
    [
        ("/todos", "/todos%23a", "true"),
        ("/todos?show=active", "/todos?show%3Dactive%23a", "true"),
        ("/todos?show=active", "/todos%23a", None),
        ("/", "/todos%23a", None),
        ("/todos", "/todos", None),
    ],
)
def test_only_another_place_on_the_same_page_has_to_be_loaded_by_force(
    common_app: Flask, here: str, to: str, refresh: str | None
) -> None:
    visitor = Fragment(common_app)
    visitor.url = here
    assert visitor.ask("POST", f"/odd/redirect?to={to}").headers.get("HX-Refresh") == refresh


@pytest.mark.parametrize("to", ["/todos?show=牛", "/ñ"])
def test_a_redirect_leaves_in_letters_that_every_server_can_send(common_app: Flask, to: str) -> None:
    for client, header in ((Page, "Location"), (Fragment, "HX-Redirect")):
        answer = client(common_app).http.post("/odd/redirect", query_string={"to": to}, headers=client.headers)
        assert answer.headers[header].isascii()


def test_no_content_with_a_message_is_content_to_htmx(visitor: Visitor) -> None:
    answer = visitor.ask("POST", "/odd/flash?status=204")
    if isinstance(visitor, Fragment):
        assert (answer.status_code, answer.headers["HX-Reswap"]) == (200, "none")
        assert "Said" in answer.text
    else:
        assert (answer.status_code, answer.data) == (204, b"")
