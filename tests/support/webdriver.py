"""Firefox and WebKitGTK as a person has them, driven by WebDriver: real keys, one by one, and real clicks.

    with Firefox() as firefox:
        firefox.go("http://127.0.0.1:8000/todos")
        firefox.type(firefox.find("#new-title"), "Buy milk" + ENTER)  # key by key, as fast as the browser takes them
        firefox.js("return document.title")

Both speak the commands of https://www.w3.org/TR/webdriver2/: WebKitGTK over HTTP to WebKitWebDriver, Firefox over a
socket in its own words for the same, Marionette, since Debian has no geckodriver. `command` sends any of them. Starting
one takes seconds: ask for the fixtures `firefox`, `unscripted_firefox` and `webkit`, which run one for all tests and
forget its cookies. `DrivenVisitor` in tests/support/visitors.py has the words of all visitors.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, ClassVar, Self

import pytest

from tests.support.availability import require

ENTER, TAB, BACKSPACE, ESCAPE = "\ue007", "\ue004", "\ue003", "\ue00c"
CONTROL, END = "\ue009", "\ue010"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name under which WebDriver hands out an element
START = 30.0  # seconds that a browser may take to start

# What each command is over HTTP; the parameter `id` is the element in its path.
PATHS = {
    "Navigate": ("POST", "/url"),
    "GetCurrentURL": ("GET", "/url"),
    "Back": ("POST", "/back"),
    "Refresh": ("POST", "/refresh"),
    "FindElements": ("POST", "/elements"),
    "ElementClick": ("POST", "/element/{id}/click"),
    "ElementClear": ("POST", "/element/{id}/clear"),
    "ElementSendKeys": ("POST", "/element/{id}/value"),
    "ExecuteScript": ("POST", "/execute/sync"),
    "PerformActions": ("POST", "/actions"),
    "ReleaseActions": ("DELETE", "/actions"),
    "DeleteAllCookies": ("DELETE", "/cookie"),
    "DeleteSession": ("DELETE", ""),
}


class WebDriverError(Exception):
    """What the browser answers to a command that it cannot carry out."""


class Driven(ABC):
    """A browser that is driven by WebDriver, in one window."""

    def __init__(self) -> None:
        self._open = ExitStack()
        try:
            self._start(Path(self._open.enter_context(_folder())))
        except BaseException:
            self._open.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @abstractmethod
    def _start(self, home: Path) -> None:
        """Start the browser, with nothing of anybody's own in it."""

    @abstractmethod
    def command(self, name: str, **parameters: Any) -> Any:
        """Send a command of WebDriver, such as "ElementClick"; raises WebDriverError."""

    # What a person does.

    def go(self, url: str) -> None:
        self.command("Navigate", url=url)

    def back(self) -> None:
        self.command("Back")

    def reload(self) -> None:
        self.command("Refresh")

    def click(self, element: str) -> None:
        """Click in the middle of an element, once nothing covers it."""
        self.js("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", {ELEMENT: element})
        self.command("ElementClick", id=element)

    def type(self, element: str, keys: str) -> None:
        """Put the focus into an element and press keys there, one after the other."""
        self.command("ElementSendKeys", id=element, text=keys)

    def clear(self, element: str) -> None:
        self.command("ElementClear", id=element)

    def press(self, *keys: str) -> None:
        """Press keys wherever the focus is; each goes down and up before the next."""
        strokes = [{"type": kind, "value": key} for key in "".join(keys) for kind in ("keyDown", "keyUp")]
        self.command("PerformActions", actions=[{"type": "key", "id": "keyboard", "actions": strokes}])

    def forget(self) -> None:
        """Be a browser that has never been at the site whose page it shows."""
        self.command("DeleteAllCookies")
        self.go("about:blank")

    # What it shows.

    def url(self) -> str:
        return str(self.command("GetCurrentURL"))

    def find_all(self, selector: str) -> list[str]:
        found = self.command("FindElements", using="css selector", value=selector)
        return [element[ELEMENT] for element in found]

    def find(self, selector: str) -> str:
        """The first element that a CSS selector names."""
        found = self.find_all(selector)
        assert found, f"no {selector} at {self.url()}"
        return found[0]

    def js(self, script: str, *arguments: Any) -> Any:
        """What a script returns. A browser with JavaScript off runs it all the same, but none of the page's own."""
        return self.command("ExecuteScript", script=script, args=list(arguments))

    def wait_for(self, script: str, *arguments: Any, timeout: float = 10.0) -> Any:
        """Wait until a script returns something true, and return that."""

        def asked() -> Any:
            try:
                return self.js(script, *arguments)
            except WebDriverError:  # between two pages there is none to ask
                return None

        return _until(asked, f"not true: {script}", timeout)


class Firefox(Driven):
    """Firefox without a window."""

    scripted: ClassVar[bool] = True
    NAMES = ("firefox-esr", "firefox")

    def _start(self, home: Path) -> None:
        program = next(filter(None, map(shutil.which, self.NAMES)), None)
        require(program, "firefox-esr is not installed")
        assert program
        settings = {
            "marionette.port": 0,  # any that is free
            "javascript.enabled": self.scripted,
            "intl.accept_languages": "en",
            "ui.prefersReducedMotion": 1,
            "app.update.auto": False,
            "browser.shell.checkDefaultBrowser": False,
            "datareporting.policy.dataSubmissionEnabled": False,
            "network.captive-portal-service.enabled": False,
            "network.connectivity-service.enabled": False,
        }
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in settings.items()]
        (home / "user.js").write_text("".join(lines))
        arguments = ["--marionette", "--headless", "--no-remote", "--profile", str(home), "about:blank"]
        _run(self._open, [program, *arguments], home)
        port = int(_until(lambda: _read(home / "MarionetteActivePort"), "Firefox did not start", START))
        self._socket = self._open.enter_context(socket.create_connection(("127.0.0.1", port), START))
        self._stream = self._open.enter_context(self._socket.makefile("rb"))
        self._sent = 0
        self._receive()  # its greeting
        self.command("NewSession", pageLoadStrategy="normal")

    def command(self, name: str, **parameters: Any) -> Any:
        self._sent += 1
        message = json.dumps([0, self._sent, f"WebDriver:{name}", parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _kind, _number, error, result = self._receive()
        if error:
            raise WebDriverError(f"{name}: {error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and "value" in result else result

    def _receive(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self._stream.read(1)
        return json.loads(self._stream.read(int(length[:-1])))


class UnscriptedFirefox(Firefox):
    """Firefox with JavaScript off."""

    scripted = False


class WebKit(Driven):
    """WebKitGTK, in the small browser that comes with it."""

    def _start(self, home: Path) -> None:
        for tool in ("WebKitWebDriver", "Xvfb"):
            require(shutil.which(tool), f"{tool} is not installed")
        screen = _display(self._open, home)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = probe.getsockname()[1]
        _run(self._open, ["WebKitWebDriver", f"--port={self._port}"], home, DISPLAY=screen, LANG="en_US.UTF-8")
        _until(self._is_up, "WebKitWebDriver did not start", START)
        self._session = ""
        asked = {"capabilities": {"alwaysMatch": {"pageLoadStrategy": "normal"}}}
        self._session = self._ask("POST", "", asked)["sessionId"]

    def command(self, name: str, **parameters: Any) -> Any:
        method, path = PATHS[name]
        return self._ask(method, path.format(id=parameters.pop("id", "")), parameters)

    def _ask(self, method: str, path: str, parameters: dict[str, Any]) -> Any:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=START)
        at = f"/session/{self._session}{path}" if self._session else "/session"
        connection.request(method, at, json.dumps(parameters) if method == "POST" else None)
        answer = connection.getresponse()
        value = json.loads(answer.read())["value"]
        connection.close()
        if answer.status >= 400:
            raise WebDriverError(f"{method} {path}: {value['error']}: {value['message']}")
        return value

    def _is_up(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), 1).close()
        except OSError:
            return False
        return True


@pytest.fixture(scope="session")
def firefox_process() -> Iterator[Firefox]:
    with Firefox() as browser:
        yield browser


@pytest.fixture(scope="session")
def unscripted_firefox_process() -> Iterator[UnscriptedFirefox]:
    with UnscriptedFirefox() as browser:
        yield browser


@pytest.fixture(scope="session")
def webkit_process() -> Iterator[WebKit]:
    with WebKit() as browser:
        yield browser


@pytest.fixture
def firefox(firefox_process: Firefox) -> Iterator[Firefox]:
    """Firefox that has never been anywhere."""
    yield firefox_process
    firefox_process.forget()


@pytest.fixture
def unscripted_firefox(unscripted_firefox_process: UnscriptedFirefox) -> Iterator[UnscriptedFirefox]:
    """The same with JavaScript off."""
    yield unscripted_firefox_process
    unscripted_firefox_process.forget()


@pytest.fixture
def webkit(webkit_process: WebKit) -> Iterator[WebKit]:
    """WebKitGTK that has never been anywhere."""
    yield webkit_process
    webkit_process.forget()


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="webdriver-", ignore_cleanup_errors=True)


def _run(opened: ExitStack, command: list[str], home: Path, **environment: str) -> None:
    """Run a program, with a home of its own, until the rest is closed."""
    ours = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "LANG": "C.UTF-8"}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=ours | environment, stdout=quiet, stderr=quiet, start_new_session=True)
    opened.callback(_end, process)


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, 15)  # a browser is several processes
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()


def _display(opened: ExitStack, home: Path) -> str:
    """Start a screen that nobody sees; its number is the first that is free."""
    number = home / "display"
    with number.open("wb") as file:
        arguments = ["-displayfd", str(file.fileno()), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
        process = subprocess.Popen(
            ["Xvfb", *arguments], pass_fds=[file.fileno()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    opened.callback(_end_one, process)
    return ":" + str(_until(lambda: _read(number), "Xvfb did not start", START))


def _end_one(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()


def _read(file: Path) -> str:
    return file.read_text().strip() if file.exists() else ""


def _until(condition: Callable[[], Any], complaint: str, timeout: float) -> Any:
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        assert time.monotonic() < deadline, f"{complaint} within {timeout} s"
        time.sleep(0.02)
    return result
