"""The whole visit, told once: with JavaScript by mouse and by keyboard, without it, and in the text browsers."""

import json
import re
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.support.dialogs import ELinks, Links
from tests.support.edbrowse import EdbrowseVisitor
from tests.support.terminal import Lynx, W3m
from tests.support.visitors import (
    ChromiumVisitor,
    DrivenVisitor,
    KeyboardVisitor,
    TerminalVisitor,
    UnscriptedVisitor,
    Visitor,
)
from tests.support.webdriver import Firefox, UnscriptedFirefox, WebKit

pytest_plugins = ["tests.support.chromium", "tests.support.webdriver", "tests.support.live_server"]
CHROMIUM = [ChromiumVisitor, KeyboardVisitor, UnscriptedVisitor]
DRIVEN = {Firefox: "firefox", UnscriptedFirefox: "unscripted_firefox", WebKit: "webkit"}


@pytest.fixture(params=[*CHROMIUM, *DRIVEN, Lynx, W3m, Links, ELinks, EdbrowseVisitor], ids=lambda kind: kind.__name__)
def visitor(request: pytest.FixtureRequest, live_url: str) -> Iterator[Visitor]:
    """Somebody who has never been here."""
    if issubclass(request.param, ChromiumVisitor):
        scripted = request.param is not UnscriptedVisitor
        options = {"locale": "en", "java_script_enabled": scripted, "reduced_motion": "reduce"}  # it scrolls at once
        with request.getfixturevalue("chromium").new_context(**options) as context:
            yield request.param(context, live_url)
    elif request.param in DRIVEN:
        yield DrivenVisitor(request.getfixturevalue(DRIVEN[request.param]), live_url)
    elif request.param is EdbrowseVisitor:
        with EdbrowseVisitor(live_url) as somebody:
            yield somebody
    else:
        with request.param(live_url) as browser:
            yield TerminalVisitor(browser, live_url)


def test_the_whole_visit(visitor: Visitor) -> None:
    visitor.open("/")
    assert "did not answer" not in visitor.text()  # that is said only when it is so
    visitor.fill("What's your name?", " ")
    visitor.press("Begin")
    assert "Write a name; any will do." in visitor.text()
    visitor.fill("What's your name?", "Ana")
    visitor.press("Begin")
    assert "Welcome, Ana!" in visitor.text()

    for title in ("Buy milk", "Call Rui", "Comprar pan – año"):
        visitor.fill("What needs to be done?", title)
        visitor.press("Add")
    assert "Added “Comprar pan – año”." in visitor.text()
    assert visitor.titles() == ["Buy milk", "Call Rui", "Comprar pan – año"]

    visitor.press("Complete", "Call Rui")
    assert visitor.completed() == ["Call Rui"]
    assert "2 items left" in visitor.text()

    visitor.press("Edit", "Buy milk")
    visitor.fill("To-do", "Buy bread")
    visitor.press("Save")
    assert visitor.titles() == ["Buy bread", "Call Rui", "Comprar pan – año"]

    visitor.press("Delete", "Call Rui")
    assert visitor.titles() == ["Buy bread", "Comprar pan – año"]
    assert "Deleted “Call Rui”." in visitor.text()
    visitor.press("Undo")
    assert visitor.rows() == [("Buy bread", False), ("Call Rui", True), ("Comprar pan – año", False)]

    visitor.press("Active")
    visitor.reload()
    assert (visitor.filter(), visitor.titles()) == ("Active", ["Buy bread", "Comprar pan – año"])
    visitor.press("Completed")
    assert (visitor.filter(), visitor.titles()) == ("Completed", ["Call Rui"])
    visitor.back()
    assert (visitor.filter(), visitor.titles()) == ("Active", ["Buy bread", "Comprar pan – año"])
    visitor.press("All")

    visitor.press("Rearrange")
    visitor.press("Down", "Buy bread")
    visitor.press("To the top", "Comprar pan – año")
    visitor.press("Done")
    assert visitor.titles() == ["Comprar pan – año", "Call Rui", "Buy bread"]

    visitor.press("Mark all as complete")
    assert visitor.completed() == visitor.titles()
    visitor.press("Reopen", "Buy bread")
    visitor.press("Clear completed")
    assert "Cleared 2 completed to-dos." in visitor.text()
    assert visitor.titles() == ["Buy bread"]
    visitor.press("Undo")
    assert "Undone." in visitor.text()
    assert len(visitor.titles()) == 3
    visitor.press("Redo")
    assert visitor.titles() == ["Buy bread"]

    visitor.press("Trash")
    assert "stays here for 30 days" in visitor.text()
    visitor.press("Restore")
    assert "is back on your list." in visitor.text()
    visitor.press("Delete for good")
    assert "This cannot be undone." in visitor.text()
    visitor.press("Delete for good")
    assert "for good." in visitor.text()
    assert "The trash is empty." in visitor.text()
    visitor.press("To-dos")
    assert len(visitor.titles()) == 2
    visitor.press("Clear completed")
    assert visitor.titles() == ["Buy bread"]

    visitor.press("Español")
    assert "Queda 1 tarea" in visitor.text()
    visitor.press("English")
    assert "1 item left" in visitor.text()
    visitor.press("Dark")
    assert visitor.theme() in ("dark", None)

    visitor.press("Settings")
    visitor.press("Tokens for programs")
    visitor.fill("What is it for?", "Backup")
    visitor.press("Make a token")
    (token,) = re.findall(r"recado_[\w-]+", visitor.text())
    assert titles_for(visitor.url, token) == ["Buy bread"]
    visitor.press("Revoke")
    with pytest.raises(HTTPError, match="401"):
        titles_for(visitor.url, token)

    visitor.press("Home")
    visitor.press("Forget me")
    visitor.press("Forget me and my list")
    assert "You are forgotten, and so is your list." in visitor.text()
    visitor.open("/todos")
    assert "What's your name?" in visitor.text()
    assert visitor.complaints() == []


def titles_for(url: str, token: str) -> list[str]:
    """What a program with this token finds on the list."""
    request = Request(f"{url}/api/v1/todos", headers={"Authorization": f"Bearer {token}"})
    with urlopen(request) as answer:
        return [todo["title"] for todo in json.load(answer)]
