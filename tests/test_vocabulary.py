"""Proves the vocabulary of the other tests, the browsers and checkers, against a small application of its own."""

import html
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser

from tests.support import chromium, validator
from tests.support.availability import require
from tests.support.chromium import WatchedPage
from tests.support.terminal import ROWS, Lynx, TextBrowser, W3m

pytest_plugins = ["tests.support.chromium"]

POLICY = "default-src 'none'; script-src 'self'; require-trusted-types-for 'script'; trusted-types default"
PAGE = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{}</title>{}</head><body>{}</body></html>'
CLEAN = PAGE.format("Clean", "", '<main><h1>Clean</h1><p><input aria-label="Title" enterkeyhint="done"></p></main>')
PAGES = {
    "/clean": CLEAN,
    "/unlabelled": CLEAN.replace('aria-label="Title" ', ""),
    "/inline": CLEAN.replace("</main>", "<script>document.title = 'x'</script></main>"),
    "/injected": CLEAN.replace("</head>", '<script src="/injected.js" defer></script></head>'),
    "/broken": CLEAN.replace("</head>", '<script src="/broken.js"></script></head>'),
    "/long": PAGE.format("Long", "", "<p>line</p>" * ROWS),
    "/injected.js": "try { document.body.innerHTML = '<p>Injected</p>'; } catch {}",
    "/broken.js": "missing();",
}
# Lynx sends a form by GET, whatever its method, unless some field of it has a name.
ROW = """<li><form method="post" action="/complete"><input type="hidden" name="item" value="{0}">
  <input type="submit" value="Complete"></form> {0} <a href="/edit?item={1}">Edit</a>
  <form method="post" action="/delete"><input type="hidden" name="item" value="{0}">
  <input type="submit" value="Delete"></form></li>"""
FORMS = """<h1>List</h1><p>Visits: {visits}. Cookie: {cookie}.</p>
<p>Added “Buy milk” and “Comprar pan – año”. Complete, edit or delete “Delete the old files”.</p>
<form method="post" action="/add"><label for="title">Title</label> <input id="title" name="title" value="old">
  <input type="submit" value="Add"></form>
<ul>{rows}</ul>
<form method="post" action="/save"><p><label for="notes">Notes</label><br>
  <textarea id="notes" name="notes" rows="2">old</textarea></p>
  <p><label for="list">List</label> <select id="list" name="list"><option>Home<option>Work<option>Homework</select></p>
  <p><label><input type="checkbox" name="done"> Done</label> <input type="submit" value="Save"></p></form>
<form method="post" action="/refuse"><p><input type="submit" name="a" value="Refuse"></p></form>"""


class Application(ThreadingHTTPServer):
    """A to-do list that keeps what was sent to it for the tests to see."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.items = ["Buy milk", "Delete the old files", "Comprar pan – año"]
        self.sent: list[tuple[str, dict[str, str]]] = []
        self.visits = 0
        self.delay = 0.0


class Handler(BaseHTTPRequestHandler):
    """Answers a form with a redirect to the list, save /refuse."""

    server: Application

    def do_GET(self) -> None:
        time.sleep(self.server.delay)
        if self.path in PAGES:
            self._answer(200, PAGES[self.path])
        elif self.path.startswith("/edit") or self.path == "/":
            self.server.visits += 1
            self._answer(200, self._list())
        else:
            self._answer(404, "Not found")

    def do_POST(self) -> None:
        time.sleep(self.server.delay)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.server.sent.append((self.path, form))
        if self.path == "/refuse":
            self._answer(422, PAGE.format("Refused", "", f"<p>Refusal {len(self.server.sent)}</p>"))
            return
        if self.path == "/add":
            self.server.items.append(form["title"])
        elif self.path == "/delete":
            self.server.items.remove(form["item"])
        self.send_response(303)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass

    def _list(self) -> str:
        rows = "".join(ROW.format(html.escape(item), number) for number, item in enumerate(self.server.items))
        cookie = self.headers.get("Cookie", "none")
        return PAGE.format("To do", "", FORMS.format(rows=rows, visits=self.server.visits, cookie=cookie))

    def _answer(self, status: int, document: str) -> None:
        self.send_response(status)
        kind = "text/javascript" if self.path.endswith(".js") else "text/html"
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Set-Cookie", "visitor=42; Path=/; HttpOnly; SameSite=Lax")
        self.end_headers()
        self.wfile.write(document.encode())


@pytest.fixture
def application() -> Iterator[Application]:
    """A running application with a fresh list."""
    with Application() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(params=[Lynx, W3m], ids=["lynx", "w3m"])
def browser(request: pytest.FixtureRequest, application: Application) -> Iterator[TextBrowser]:
    """A text browser that shows the list."""
    with request.param(application.url) as started:
        yield started


@pytest.fixture
def watched(chromium: Browser) -> Iterator[WatchedPage]:
    """A page in a fresh context of Chromium."""
    with chromium.new_context() as context:
        yield WatchedPage(context)


@pytest.mark.parametrize("title", ["Comprar café – mañana", "a;", "-l [?] \\ $HOME 'x' ;"])
def test_fills_a_field_and_sends_the_form(application: Application, browser: TextBrowser, title: str) -> None:
    browser.fill("Title", title)
    browser.press("Add")
    assert application.sent == [("/add", {"title": title})]
    assert browser.text().count(title) == 1
    assert browser.url() == f"{application.url}/"


def test_presses_the_control_that_belongs_to_a_text(application: Application, browser: TextBrowser) -> None:
    browser.press("Delete", after="Delete the old files")
    browser.press("Complete", before="Comprar pan – año")
    browser.press("Delete")
    browser.press("Delete", after="Comprar pan – año")
    assert application.sent == [
        ("/delete", {"item": "Delete the old files"}),
        ("/complete", {"item": "Comprar pan – año"}),
        ("/delete", {"item": "Buy milk"}),
        ("/delete", {"item": "Comprar pan – año"}),
    ]
    assert "Edit" not in browser.text()


def test_finds_a_control_behind_wide_characters(application: Application, browser: TextBrowser) -> None:
    application.items = ["買牛奶"]
    browser.reload()
    browser.press("Delete", after="買牛奶")
    assert application.sent == [("/delete", {"item": "買牛奶"})]


def test_fills_every_kind_of_field(application: Application, browser: TextBrowser) -> None:
    browser.fill("Notes", "uno – ñ\ndos\ntres\ncuatro\ncinco")  # more lines than there were
    browser.choose("List", "Homework", after="Notes")
    browser.press("Done")
    browser.press("Save")
    assert application.sent == [
        ("/save", {"notes": "uno – ñ\r\ndos\r\ntres\r\ncuatro\r\ncinco", "list": "Homework", "done": "on"})
    ]


def test_follows_links_and_goes_back(application: Application, browser: TextBrowser) -> None:
    browser.follow("Edit", after="Comprar pan – año")
    assert browser.url() == f"{application.url}/edit?item=2"
    browser.back()
    assert browser.url() == f"{application.url}/"
    browser.open(f"{application.url}/clean")
    assert browser.text().startswith("Clean")


def test_keeps_cookies_and_reloads(browser: TextBrowser) -> None:
    assert "Visits: 1. Cookie: none." in browser.text()
    browser.reload()
    browser.wait_for("Visits: 2. Cookie: visitor=42")
    browser.wait_gone("Visits: 1.")


def test_reloads_the_answer_to_a_form(application: Application, browser: TextBrowser) -> None:
    browser.press("Refuse")
    assert "Refusal 1" in browser.text()
    browser.reload()
    browser.open(f"{application.url}/clean")
    assert browser.text().startswith("Clean")


def test_an_action_waits_for_a_slow_application(application: Application, browser: TextBrowser) -> None:
    application.delay = 0.3
    browser.fill("Title", "Slow")
    browser.press("Add")
    assert "Slow" in browser.text()


def test_a_failure_shows_the_screen(application: Application, browser: TextBrowser) -> None:
    with pytest.raises(AssertionError, match=r"(?s)'Sell milk' did not appear within 0\.1 s in .*Buy milk"):
        browser.wait_for("Sell milk", timeout=0.1)
    with pytest.raises(AssertionError, match=r"(?s)'Buy milk' did not go away within 0\.1 s in .*Buy milk"):
        browser.wait_gone("Buy milk", timeout=0.1)
    with pytest.raises(AssertionError, match=r"(?s)no control 'Sell' after 'Buy milk' in .*Buy milk"):
        browser.press("Sell", after="Buy milk")
    with pytest.raises(AssertionError, match=r"(?s)no control 'Delete' before 'Sell milk' in .*Buy milk"):
        browser.press("Delete", before="Sell milk")
    with pytest.raises(AssertionError, match=r"(?s)no field with the label 'Buy milk' in .*Buy milk"):
        browser.fill("Buy milk", "")
    browser.open(f"{application.url}/long")
    with pytest.raises(AssertionError, match="the page is longer than the terminal"):
        browser.text()
    browser.back()
    with pytest.raises(AssertionError, match=r"no option 'Garden' among \['Home', 'Work', 'Homework'\]"):
        browser.choose("List", "Garden", after="Notes")


def test_chromium_and_axe_accept_a_clean_page(application: Application, watched: WatchedPage) -> None:
    response = watched.page.goto(f"{application.url}/clean")
    assert response is not None
    assert response.header_value("Content-Security-Policy") == POLICY
    assert chromium.axe(watched.page) == []
    assert watched.violations == []


def test_axe_finds_a_field_without_a_label(application: Application, watched: WatchedPage) -> None:
    watched.page.goto(f"{application.url}/unlabelled")
    (finding,) = chromium.axe(watched.page)
    assert finding.startswith("label (critical) at input: Fix any of the following: ")
    assert watched.violations == []


@pytest.mark.parametrize(
    ("path", "violation"),
    [
        ("/inline", "policy violation: script-src-elem blocked inline"),
        ("/injected", "policy violation: require-trusted-types-for blocked trusted-types-sink Element innerHTML"),
        ("/broken", "page error: missing is not defined"),
        ("/missing.png", "console error: Failed to load resource"),
    ],
)
def test_chromium_reports_what_is_wrong(
    application: Application, watched: WatchedPage, path: str, violation: str
) -> None:
    watched.page.goto(application.url + path)
    assert any(found.startswith(violation) for found in watched.violations), watched.violations


def test_the_environment_chooses_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECADO_TEST_BROWSER", "/opt/browser")
    assert chromium.executable() == "/opt/browser"
    monkeypatch.setenv("RECADO_TEST_BROWSER", "")
    assert chromium.executable() is None


def test_the_validator_tells_errors_from_false_alarms() -> None:
    assert validator.errors(
        {
            "clean": CLEAN,
            "GET /untitled": CLEAN.replace("<title>Clean", "<title>"),
            "misspelt": CLEAN.replace("enterkeyhint", "\nenterkeyhin"),
        }
    ) == [
        "GET /untitled:1: Element “title” must not be empty.",
        "misspelt:2: Attribute “enterkeyhin” not allowed on element “input” at this point.",
    ]


def test_a_missing_tool_skips_a_test_but_fails_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    require(True, "nothing is missing")
    with pytest.raises(pytest.fail.Exception, match="no tool"):
        require(False, "no tool")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="no tool"):
        require(False, "no tool")
