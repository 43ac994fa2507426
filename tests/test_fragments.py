"""What htmx gets is the very part of the page that it changes, and what follows the change out of band."""

import re

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tests.support.addresses import pages
from tests.support.clients import Fragment, Page

TOKEN = re.compile(r'name="(csrf_token|submission)" value="[^"]*"|data-html="[^"]*"')  # new for each answer
WHOLE = ("/forget", "/settings", "/settings/export", "/api")  # pages that have no heart of their own
UNSAFE = (
    "/todos",
    "/todos/lines",
    "/todos/<id>",
    "/todos/<id>/complete",
    "/todos/<id>/move/top",
    "/todos/<id>/delete",
    "/trash/<id>/restore",
    "/trash/empty",
    "/todos/complete",
    "/todos/reopen",
    "/todos/clear",
    "/settings/tokens",
    "/language/es",
    "/theme/dark",
    "/",
)


@pytest.fixture
def todo(fragment: Fragment) -> str:
    fragment.add("Buy milk")
    return fragment.id_of("Buy milk")


def test_each_fragment_stands_in_its_page_just_so(fragment: Fragment, todo: str) -> None:
    for title in ("<Call> & 'Rui'", "Sleep", "Eat"):
        fragment.add(title)
    fragment.complete("Sleep")
    trashed = fragment.id_of("Eat")
    fragment.delete("Eat")
    paths = pages(fragment.app, todo, trashed)
    assert len(paths) >= 19
    for path in [*paths, "/todos?show=active", "/todos?show=completed", "/todos?arrange=1", "/?next=/todos"]:
        part = fragment.ask("GET", path)
        whole = fragment.ask("GET", path, headers={"HX-Request": "false"})
        if whole.status_code != 200:  # a guest is led on, or finds nothing there
            assert part.status_code in (404, 410) or "HX-Redirect" in part.headers
            continue
        assert "<html" in whole.text
        assert not {"HX-Retarget", "HX-Reswap"} & {*part.headers.keys()}  # what asked for it says where it goes
        if path not in WHOLE and not path.startswith(("/trash/", "/api/problems")):
            assert "<html" not in part.text
            assert TOKEN.sub("", part.text) in TOKEN.sub("", whole.text)
        assert part.headers["Vary"].startswith("HX-Request, HX-Boosted")


def test_no_page_swaps_itself_out_of_band(page: Page) -> None:
    page.add("Buy milk")
    paths = pages(page.app, page.id_of("Buy milk"))
    for path in [*paths, "/nowhere"]:
        page.go(path)
        assert "hx-swap-oob" not in page.answer.text


def test_what_only_shows_changes_nothing_out_of_band(fragment: Fragment, todo: str) -> None:
    for path in pages(fragment.app, todo):
        answer = fragment.ask("GET", path)
        assert answer.status_code >= 400 or "hx-swap-oob" not in answer.text


def test_every_change_renews_the_alerts_once_or_leads_away(fragment: Fragment, todo: str) -> None:
    for path in UNSAFE:
        answer = fragment.ask("POST", path.replace("<id>", todo), {"title": "", "lines": "", "name": "Ana"})
        assert answer.status_code in (200, 422)
        regions = answer.text.count('<template><div data-hx-swap-oob="innerHTML:#alerts">')
        assert regions == (0 if "HX-Redirect" in answer.headers else 1)


def test_a_change_without_a_word_takes_the_old_alert_away(fragment: Fragment, todo: str) -> None:
    assert fragment.alert() == "Added “Buy milk”."
    fragment.press("Add", title="")
    assert fragment.answer.text.endswith('<template><div data-hx-swap-oob="innerHTML:#alerts"></div></template>')
    assert fragment.alert() == ""


def test_the_count_and_the_buttons_follow_each_change(fragment: Fragment, todo: str) -> None:
    assert "1 item left" in fragment.text()
    fragment.complete("Buy milk")
    assert "0 items left" in fragment.text()
    assert "Reopen all" in fragment.controls()
    fragment.delete("Buy milk")
    assert "Nothing here yet." in fragment.text()


def test_a_filter_without_any_says_so(fragment: Fragment, todo: str) -> None:
    fragment.open("completed")
    assert "Nothing completed yet." in fragment.text()
    fragment.open()
    fragment.complete("Buy milk")
    fragment.open("completed")
    assert "Nothing completed yet." not in fragment.text()


@pytest.mark.parametrize("show", ["active", "completed"])
def test_a_filtered_list_changes_in_place_as_a_reload_would_show_it(fragment: Fragment, show: str) -> None:
    for title in ("Buy milk", "Call Rui"):
        fragment.add(title)
    fragment.complete("Call Rui")
    fragment.open(show)
    fragment.add("Sleep")
    (fragment.complete if show == "active" else fragment.reopen)(fragment.titles()[0])
    shown = fragment.titles()
    fragment.open(show)
    assert fragment.titles() == shown


def test_an_answer_replaces_nothing_but_what_it_names(fragment: Fragment, todo: str) -> None:
    for path in UNSAFE:
        answer = fragment.ask("POST", path.replace("<id>", todo), {"title": "Buy bread", "lines": "a", "name": "Ana"})
        if "HX-Redirect" in answer.headers or answer.headers["HX-Reswap"] in ("none", "delete", "beforeend"):
            continue
        root = BeautifulSoup(answer.text, "html.parser").find(True)
        assert root is not None
        assert answer.headers["HX-Retarget"] == f"#{root['id']}"  # type: ignore[index]
        assert answer.headers["HX-Reswap"] == "outerHTML"


@pytest.mark.parametrize(
    "forged",
    [
        {"HX-Current-URL": "https://evil.example/todos"},
        {"HX-Current-URL": "javascript:alert(1)"},
        {"HX-Current-URL": "\x00\xff"},
        {"HX-Current-URL": "//["},
        {"HX-Target": "<script>"},
        {"HX-Trigger": "junk\xff", "HX-Trigger-Name": "../..", "HX-Prompt": "%00"},
        {"HX-Boosted": "junk"},
        {"HX-Request-Type": "partial", "HX-Source": "x#y"},
        {"HX-History-Restore-Request": "maybe"},
    ],
)
def test_forged_words_of_htmx_change_nothing(fragment: Fragment, todo: str, forged: dict[str, str]) -> None:
    answer = fragment.ask("POST", f"/todos/{todo}/complete", headers=forged)
    assert answer.status_code == 200
    assert answer.headers["HX-Retarget"] == f"#todo-{todo}"
    for value in forged.values():
        assert value not in answer.text
        assert value not in str(answer.headers)


def test_words_of_htmx_mean_nothing_to_the_api(common_app: Flask) -> None:
    headers = {"HX-Request": "true", "HX-Boosted": "true", "HX-Current-URL": "http://localhost/todos"}
    answer = common_app.test_client().get("/api/v1/todos", headers=headers)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert not [name for name, _ in answer.headers if name.startswith("HX-")]


@pytest.mark.parametrize("verb", ["complete", "move/down/1"])
def test_the_row_of_what_another_tab_deleted_goes_when_it_is_pressed(fragment: Fragment, todo: str, verb: str) -> None:
    tab = Page(fragment.app)
    tab.http = fragment.http
    tab.open()
    tab.delete("Buy milk")
    answer = fragment.ask("POST", f"/todos/{todo}/{verb}")
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (404, f"#todo-{todo}")
    assert fragment.problem(answer) == "This to-do is not there any more, or it is not yours."
