"""The visit of somebody who stays: from guest to account and out again, in Chromium, lynx and w3m."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.devices import code_of
from tests.support.people import PASSWORD
from tests.support.terminal import Lynx, W3m
from tests.support.visitors import ChromiumVisitor, TerminalVisitor, UnscriptedVisitor, Visitor
from tests.test_visit import titles_for

NEW_PASSWORD = "nine green doors by the sea"
pytest_plugins = ["tests.support.chromium", "tests.support.live_server"]


@pytest.fixture(params=[ChromiumVisitor, UnscriptedVisitor, Lynx, W3m], ids=lambda kind: kind.__name__)
def visitor(request: pytest.FixtureRequest, live_url: str) -> Iterator[Visitor]:
    """Somebody who has never been here."""
    if issubclass(request.param, ChromiumVisitor):
        scripted = request.param is not UnscriptedVisitor
        options = {"locale": "en", "java_script_enabled": scripted, "reduced_motion": "reduce"}
        with request.getfixturevalue("chromium").new_context(**options) as context:
            yield request.param(context, live_url)
    else:
        with request.param(live_url) as browser:
            yield TerminalVisitor(browser, live_url)


def downloaded(visitor: Visitor, name: str) -> dict[str, Any] | None:
    """The file behind a link; None where the browser would ask a question that is not ours."""
    if not isinstance(visitor, ChromiumVisitor):
        return None
    with visitor.page.expect_download() as found:
        visitor.control(name).click()
    assert re.fullmatch(r"recado-\d{4}-\d\d-\d\d\.json", found.value.suggested_filename)
    document: dict[str, Any] = json.loads(Path(found.value.path()).read_text("utf-8"))
    return document


def log_in(visitor: Visitor, name: str, password: str = PASSWORD) -> None:
    visitor.fill("User name", name)
    visitor.fill("Password", password)
    visitor.press("Log in")


def test_the_whole_visit_of_somebody_who_stays(visitor: Visitor) -> None:
    name = f"ana-{uuid4().hex[:12]}"
    visitor.open("/")
    visitor.fill("What's your name?", "Ana")
    visitor.press("Begin")
    visitor.fill("What needs to be done?", "Buy milk")
    visitor.press("Add")

    # ---- From guest to account
    visitor.press("Home")
    visitor.press("Keep this list")
    visitor.fill("User name", name)
    visitor.fill("Password", "too short")
    visitor.press("Make my account")
    assert "This has 9 characters; take 15 or more." in visitor.text()
    visitor.fill("Password", PASSWORD)
    visitor.press("Make my account")
    assert f"This list is yours for good, {name}: log in from anywhere." in visitor.text()
    assert visitor.titles() == ["Buy milk"]

    # ---- Out and in again
    visitor.press("Settings")
    visitor.press("Log out")
    assert "You are logged out." in visitor.text()
    visitor.open("/todos")
    assert "What's your name?" in visitor.text()
    visitor.press("Log in")
    visitor.fill("User name", name)
    visitor.fill("Password", "seven small boats at ten")
    visitor.press("Log in")
    assert "The user name or the password is wrong." in visitor.text()
    log_in(visitor, name)
    assert f"Welcome back, {name}!" in visitor.text()
    assert visitor.titles() == ["Buy milk"]

    # ---- A program
    visitor.press("Settings")
    visitor.press("Tokens for programs")
    visitor.fill("What is it for?", "Backup")
    visitor.press("Make a token")
    (token,) = re.findall(r"recado_[\w-]{43}", visitor.text())
    assert titles_for(visitor.url, token) == ["Buy milk"]
    visitor.press("Back to the settings")

    # ---- Where one is logged in, and another password
    visitor.press("Where you are logged in")
    assert "This browser" in visitor.text()
    visitor.press("Back to the settings")
    visitor.press("New password")
    visitor.fill("New password", NEW_PASSWORD)
    visitor.press("Save")
    assert "From now on your new password is the one that counts." in visitor.text()

    # ---- A second factor
    visitor.press("Second factor")
    (key,) = re.findall(r"(?:[A-Z2-7]{4}\s+){7}[A-Z2-7]{4}", visitor.text())
    visitor.fill("Code", code_of("".join(key.split())))
    visitor.press("Turn on")
    recovery_codes = re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", visitor.text())
    assert len(recovery_codes) == 10
    visitor.press("Back to the settings")

    # ---- Everything along
    visitor.press("Your data")
    assert "One file (JSON) with all that Recado keeps of you" in visitor.text()
    document = downloaded(visitor, "Download your data")
    if document:
        assert document["account"]["user_name"] == name
        assert [todo["title"] for todo in document["todos"]] == ["Buy milk"]
        assert len(document["tokens"]) == 1
    visitor.press("Back to the settings")

    # ---- Leaving, and a change of mind
    visitor.press("Delete my account")
    assert "After 7 days it is gone for good" in visitor.text()
    visitor.fill("User name", "somebody else")
    visitor.fill("Password", NEW_PASSWORD)
    visitor.press("Delete my account")
    assert "You are logged in by another user name." in visitor.text()
    visitor.fill("User name", name)
    visitor.fill("Password", NEW_PASSWORD)
    visitor.press("Delete my account")
    assert "Your account is shut. Log in within 7 days to keep it" in visitor.text()
    visitor.open("/todos")
    assert "What's your name?" in visitor.text()
    visitor.press("Log in")
    log_in(visitor, name, NEW_PASSWORD)
    visitor.fill("Code", recovery_codes[0])
    visitor.press("Log in")
    assert "9 recovery codes are left." in visitor.text()
    assert "Your account stays: it will not be deleted." in visitor.text()
    assert visitor.titles() == ["Buy milk"]
    assert titles_for(visitor.url, token) == ["Buy milk"]
    assert visitor.complaints() == []
