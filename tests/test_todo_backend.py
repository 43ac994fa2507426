"""The public Todo-Backend contract holds at a secret address: by HTTP, and for a page of another site."""

import io
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import update

from tests.support.chromium import WatchedPage
from tests.support.clients import SAME_ORIGIN, Fragment, Page, Program, TextPage
from tests.support.live_server import server
from tests.support.oddities import fail
from webapp.db import connection
from webapp.models.sessions.session import BrowserSession

pytest_plugins = ["tests.support.chromium", "tests.support.server_logs"]

ADDRESS = re.compile(r"http://[^/\s]+/compat/todo-backend/[\w-]{43}/")
Todo = dict[str, Any]


class FrontEnd:
    """A front end as others have made them: it knows its root's address and nothing else."""

    def __init__(self, root: str) -> None:
        self.root = root

    def send(self, method: str, url: str | None = None, body: Any = None, **headers: str) -> Any:
        content = None if body is None else json.dumps(body).encode()
        sent = {"Origin": "https://todobackend.example", "Content-Type": "application/json"} | headers
        with urlopen(Request(url or self.root, content, sent, method=method)) as answer:
            self.status, self.headers = answer.status, answer.headers
            text = answer.read().decode()
        assert self.headers["Access-Control-Allow-Origin"] == "*"
        return json.loads(text) if text else None

    def get(self, url: str | None = None) -> Any:
        return self.send("GET", url)

    def post(self, **todo: Any) -> Any:
        return self.send("POST", None, {"title": "blah"} | todo)

    def patch(self, url: str, **changes: Any) -> Any:
        return self.send("PATCH", url, changes)

    def delete(self, url: str | None = None) -> Any:
        return self.send("DELETE", url)


def opened(url: str, name: str = "Ana") -> str:
    """The address that somebody new makes in the settings of a running server."""
    browser = build_opener(HTTPCookieProcessor())
    for path, form in (("/", f"name={name}"), ("/settings/todo-backend", "")):
        with browser.open(Request(url + path, form.encode(), SAME_ORIGIN, method="POST")) as answer:
            page = answer.read().decode()
    return ADDRESS.findall(page)[0]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(tmp_path_factory.mktemp("served")) as address:
        yield address


@pytest.fixture(scope="module")
def root(url: str) -> str:
    return opened(url)


@pytest.fixture
def front_end(root: str) -> FrontEnd:
    """A front end for a list with nothing on it."""
    visitor = FrontEnd(root)
    visitor.delete()
    return visitor


# ---- The sixteen behaviours


def test_the_root_answers(front_end: FrontEnd) -> None:
    front_end.get()
    assert front_end.status == 200


def test_what_was_posted_is_answered(front_end: FrontEnd) -> None:
    assert front_end.post(title="a todo")["title"] == "a todo"
    assert front_end.status == 201


def test_the_root_can_be_deleted(front_end: FrontEnd) -> None:
    front_end.delete()
    assert front_end.status == 204


def test_after_that_there_is_an_empty_array(front_end: FrontEnd) -> None:
    front_end.post()
    front_end.post(completed=True)
    front_end.delete()
    assert front_end.get() == []


def test_what_is_posted_is_on_the_list(front_end: FrontEnd) -> None:
    front_end.post(title="walk the dog")
    assert [todo["title"] for todo in front_end.get()] == ["walk the dog"]


def test_a_new_one_is_not_completed(front_end: FrontEnd) -> None:
    for todo in (front_end.post(), *front_end.get()):
        assert todo["completed"] is False


def test_a_new_one_has_a_url(front_end: FrontEnd, root: str) -> None:
    for todo in (front_end.post(), *front_end.get()):
        assert todo["url"].startswith(root)


def test_the_url_leads_to_it(front_end: FrontEnd) -> None:
    todo = front_end.post(title="my todo")
    assert front_end.get(todo["url"])["title"] == "my todo"


def test_the_list_leads_to_each(front_end: FrontEnd) -> None:
    front_end.post(title="todo the first")
    front_end.post(title="todo the second")
    assert {front_end.get(todo["url"])["title"] for todo in front_end.get()} == {"todo the first", "todo the second"}


def test_a_title_can_be_changed(front_end: FrontEnd) -> None:
    assert front_end.patch(front_end.post(title="initial")["url"], title="bathe the cat")["title"] == "bathe the cat"


def test_one_can_be_completed(front_end: FrontEnd) -> None:
    assert front_end.patch(front_end.post()["url"], completed=True)["completed"] is True


def test_changes_are_there_when_it_is_fetched_again(front_end: FrontEnd) -> None:
    changed = front_end.patch(front_end.post()["url"], title="changed title", completed=True)
    for todo in (front_end.get(changed["url"]), *front_end.get()):
        assert (todo["title"], todo["completed"]) == ("changed title", True)


def test_one_can_be_deleted(front_end: FrontEnd) -> None:
    front_end.delete(front_end.post()["url"])
    assert front_end.get() == []


def test_one_can_be_made_with_an_order(front_end: FrontEnd) -> None:
    assert front_end.post(order=523)["order"] == 523


def test_an_order_can_be_changed(front_end: FrontEnd) -> None:
    assert front_end.patch(front_end.post(order=10)["url"], order=95)["order"] == 95


def test_an_order_is_remembered(front_end: FrontEnd) -> None:
    changed = front_end.patch(front_end.post(order=10)["url"], order=95)
    assert front_end.get(changed["url"])["order"] == 95


# ---- What front ends do beyond


def test_a_front_end_may_send_a_whole_todo_back(front_end: FrontEnd) -> None:
    todo = front_end.post(title="blah", tags=["a"])
    for completed in (True, False):  # as it was given it once: it knows nothing of versions
        changed = front_end.send("PATCH", todo["url"], todo | {"completed": completed, "collapsed": None})
        assert (changed["title"], changed["completed"]) == ("blah", completed)


def test_a_long_list_is_whole_whatever_keeps_it_out_of_caches(front_end: FrontEnd, root: str) -> None:
    front_end.send("POST", f"{root}lines", {"lines": "\n".join(f"To-do {number}" for number in range(120))})
    assert len(front_end.get()) == 120
    assert front_end.get(f"{root}?_=1763640000000") == front_end.get()


def test_what_front_ends_add_to_an_address_does_no_harm_in_a_header(front_end: FrontEnd) -> None:
    url = front_end.post()["url"]
    front_end.send("PATCH", f"{url}?_=%E2%82%AC%0d%0a%3E", {"completed": True})
    assert front_end.headers["Link"].endswith('?_=%E2%82%AC%0D%0A%3E>; rel="undo"')
    assert (
        front_end.send("POST", urljoin(url, front_end.headers["Link"][1:].partition(">")[0]))[0]["completed"] is False
    )


def test_a_browser_asks_first_whether_it_may(front_end: FrontEnd, root: str) -> None:
    asking = {"Access_Control_Request_Method": "PATCH", "Access_Control_Request_Headers": "content-type"}
    headers = {name.replace("_", "-"): value for name, value in asking.items()}
    for address in (root, front_end.post()["url"], f"{root}nowhere", re.sub("[^/]+/$", "wrong/", root)):
        front_end.send("OPTIONS", address, None, **headers)
        assert front_end.status == 204
        assert "PATCH" in front_end.headers["Access-Control-Allow-Methods"]
        assert "Content-Type" in front_end.headers["Access-Control-Allow-Headers"]


def test_no_answer_tells_the_address_on_or_is_kept(front_end: FrontEnd, root: str) -> None:
    front_end.get()
    assert front_end.headers["Referrer-Policy"] == "no-referrer"
    assert front_end.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in front_end.headers
    assert "Access-Control-Allow-Credentials" not in front_end.headers


def test_the_page_of_another_site_can_use_it(chromium: Browser, front_end: FrontEnd, root: str) -> None:
    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Elsewhere</title><link rel=icon href=data:,>")

        def log_message(self, *_: object) -> None:
            pass

    script = """async root => {
        const send = async (method, url, body) => (await fetch(url, {
            method, body: body && JSON.stringify(body), headers: {"Content-Type": "application/json"},
        }));
        const todo = await (await send("POST", root, {title: "From elsewhere"})).json();
        const other = await (await send("POST", root, {title: "Not for long"})).json();
        await send("PATCH", todo.url, {completed: true, order: 7});
        const gone = await send("DELETE", other.url);
        const list = await (await fetch(root)).json();
        return [gone.status, list.map(({title, completed, order}) => [title, completed, order])];
    }"""
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as site, chromium.new_context() as context:
        threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        watched = WatchedPage(context)
        watched.page.goto(f"http://127.0.0.1:{site.server_port}/")
        assert watched.page.evaluate(script, root) == [204, [["From elsewhere", True, 7]]]
        assert watched.violations == []
        site.shutdown()


# ---- Whose list it is


def test_the_secret_is_in_no_log(app: Flask, log_lines: io.StringIO) -> None:
    app.view_functions["compat.index"] = fail
    ana = Page(app)
    ana.enter()
    path = address_of(ana)
    answer = ana.http.get(path)
    assert answer.status_code == 500
    assert path not in answer.text
    logged = log_lines.getvalue()
    assert any("/compat/todo-backend/…/ [GET]" in json.loads(line)["message"] for line in logged.splitlines())
    assert path.split("/")[-2] not in logged


@pytest.fixture(params=[Page, TextPage, Fragment], ids=lambda kind: kind.__name__)
def ana(request: pytest.FixtureRequest, any_app: Flask) -> Page:
    visitor: Page = request.param(any_app)
    visitor.enter("Ana")
    return visitor


def address_of(visitor: Page) -> str:
    visitor.go("/settings")
    visitor.follow("Todo-Backend")
    visitor.press("Make an address")
    return visitor.shown_once()[0].removeprefix("http://localhost")


def test_it_is_off_until_an_address_is_made_and_shown_once(ana: Page) -> None:
    ana.go("/settings/todo-backend")
    assert "So far there is none." in ana.text()
    path = address_of(ana)
    assert "Your new Todo-Backend address" in ana.text()
    http = ana.app.test_client()
    todo = http.post(path, json={"title": "Buy milk"}).get_json()
    assert http.patch(todo["url"], json={"completed": True}).get_json()["completed"] is True
    ana.open()
    assert ana.completed() == ["Buy milk"]
    ana.go("/settings/todo-backend")
    assert path not in ana.answer.text
    assert "There is an address" in ana.text()


def test_deleting_all_puts_all_into_the_trash(ana: Page) -> None:
    path = address_of(ana)
    http = ana.app.test_client()
    for title in ("Buy milk", "Call Rui"):
        http.post(path, json={"title": title})
    answer = http.delete(path)
    assert answer.status_code == 204
    assert http.get(path).get_json() == []
    ana.go("/trash")
    assert "Buy milk" in ana.text()
    undo = answer.headers["Link"].partition(">")[0].removeprefix("<")
    assert [todo["title"] for todo in http.post(undo).get_json()] == ["Buy milk", "Call Rui"]
    assert [todo["title"] for todo in http.get(path).get_json()] == ["Buy milk", "Call Rui"]


def test_a_new_address_ends_the_old_one_and_revoking_ends_it_for_good(ana: Page) -> None:
    first = address_of(ana)
    ana.go("/settings/todo-backend")
    ana.press("Make a new address")
    second = ana.shown_once()[0].removeprefix("http://localhost")
    http = ana.app.test_client()
    assert [http.get(path).status_code for path in (first, second)] == [404, 200]
    ana.go("/settings/todo-backend")
    ana.press("Revoke the address")
    assert ana.alert() == "That address no longer works."
    assert http.get(second).status_code == 404


def test_a_stale_form_revokes_nothing(ana: Page) -> None:
    path = address_of(ana)
    answer = ana.ask("POST", "/settings/todo-backend/delete", {"submission": "RevokeForm.x.y.z"})
    assert answer.status_code == 422
    assert "This form is no longer valid. Send it again to save it." in answer.text
    assert ana.app.test_client().get(path).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH"])
def test_a_wrong_secret_opens_nothing_and_is_told_from_no_address(common_app: Flask, method: str) -> None:
    program = Program(common_app)
    program.enter()
    headers = {"Authorization": f"Bearer {program.token}"}  # a token is no key to another door
    for secret in ("x", "A" * 43, program.token, "%00", "ñ", "a b"):
        answer = program.http.open(f"/compat/todo-backend/{secret}/", method=method, json={}, headers=headers)
        assert answer.status_code == (405 if method == "PATCH" else 404)
        assert program.problem(answer)
        assert "WWW-Authenticate" not in answer.headers


def test_a_key_against_doing_it_twice_is_no_word_there(any_app: Flask) -> None:
    """The answers that are kept would tell the secret."""
    ana = Page(any_app)
    ana.enter()
    path = address_of(ana)
    for _ in range(2):
        answer = ana.http.post(path, json={"title": "Buy milk"}, headers={"Idempotency-Key": "a"})
        assert answer.status_code == 201
    ana.open()
    assert ana.titles() == ["Buy milk", "Buy milk"]


def test_a_password_is_asked_for_again_before_it_is_opened(any_app: Flask) -> None:
    ana = Page(any_app)
    ana.go("/register")
    ana.press("Make my account", user_name="ana", password="seven small boats at noon")
    with any_app.extensions["database"].transaction(write=True) as transaction:
        connection().execute(update(BrowserSession).values(confirmed_at=None))
        transaction.commit()
    ana.go("/settings/todo-backend")
    ana.press("Make an address")
    assert ana.url.startswith("/confirm?next=")


def test_a_front_end_may_put_what_others_patch(front_end: FrontEnd) -> None:
    todo = front_end.post(title="Buy milk", order=3)
    put = front_end.send("PUT", todo["url"], todo | {"completed": True})
    assert (front_end.status, put["completed"], put["title"]) == (200, True, "Buy milk")
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    front_end.send("OPTIONS", todo["url"], **asked)
    assert "PUT" in front_end.headers["Access-Control-Allow-Methods"]
