"""Runs the real server for the tests that come to it with real browsers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.support.tour import ADMINISTRATOR, PASSWORD
from tests.support.visitors import ChromiumVisitor, UnscriptedVisitor

ROOT = Path(__file__).resolve().parent.parent.parent


def environment(data: Path) -> dict[str, str]:
    """FLASK_DEBUG brings /debug/error; nobody is slowed down; the rest must not lead to anybody's real list."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("RECADO_")}
    return ours | {"RECADO_DATA": str(data), "FLASK_DEBUG": "1", "RECADO_RATE_LIMIT": "off"}


@contextmanager
def server(data: Path, *options: str, **settings: str) -> Iterator[str]:
    """Run `python -m webapp.server` with a list of its own, on a port that the system chooses; gives its address.

    settings: more of the environment. What the server says of what goes wrong is in the file `errors` in the folder.
    """
    command = [sys.executable, "-m", "webapp.server", "--port", "0", *options]
    with (
        (data / "errors").open("wb") as errors,
        subprocess.Popen(
            command, cwd=ROOT, env=environment(data) | settings, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        assert process.stdout
        greeting = process.stdout.readline()
        assert "http://" in greeting, (data / "errors").read_text("utf-8")
        try:
            yield next(word for word in greeting.split() if word.startswith("http://"))
        finally:
            process.kill()


@pytest.fixture(scope="session")
def live_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server for all tests; each comes as somebody new, with an empty list. Root administers."""
    folder = tmp_path_factory.mktemp("live")
    for name in (ADMINISTRATOR, "eva"):
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "user", "create", name, "--password-stdin"]
        subprocess.run(command, cwd=ROOT, env=environment(folder), input=PASSWORD, text=True, check=True)
    with server(folder) as url:
        yield url


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context(locale="en", reduced_motion="reduce") as context:
        yield context


@pytest.fixture
def eva(context: BrowserContext, live_url: str) -> Iterator[ChromiumVisitor]:
    """Eva has come with a browser in which nothing may go wrong unseen."""
    visitor = ChromiumVisitor(context, live_url)
    yield visitor
    assert visitor.complaints() == []


@pytest.fixture
def unscripted(chromium: Browser, live_url: str) -> Iterator[UnscriptedVisitor]:
    """Eva without JavaScript."""
    with chromium.new_context(locale="en", java_script_enabled=False) as context:
        visitor = UnscriptedVisitor(context, live_url)
        yield visitor
        assert visitor.complaints() == []
