"""People at real browsers, who share a few words: by mouse, by keyboard, without JavaScript, at a terminal.

`press` works for links and buttons alike. In a list it says whose it is: `press("Delete", "Buy milk")`.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit
from uuid import uuid4

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Route

from tests.support.chromium import WatchedPage
from tests.support.terminal import TextBrowser
from tests.support.webdriver import BACKSPACE, ELEMENT, END, Driven, UnscriptedFirefox

ROW = re.compile(r"(Complete|Reopen)(?: ?\])? (?:Completed: )?(.+?) Edit (?:\[ ?)?Delete")  # a to-do in a terminal
SETTLED = (
    """() => document.readyState === "complete" && !document.querySelector(".htmx-request, [aria-disabled=true]")"""
)
NAME = """element => element.ariaLabel || (element.labels?.[0] ?? element).innerText || element.value"""
FOCUS = """wanted => {
    const element = document.activeElement;
    const {outlineStyle, outlineWidth} = getComputedStyle(element);
    const {x, y, width, height} = element.getBoundingClientRect();
    const top = document.elementFromPoint(x + width / 2, y + height / 2);
    return {
        there: element === wanted,
        visible: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && element.contains(top),
        back: Boolean(element.compareDocumentPosition(wanted) & Node.DOCUMENT_POSITION_PRECEDING),
    };
}"""

# What a driven browser is asked.
CONTROL = """
const [name, of] = arguments;
const rows = [...document.querySelectorAll("li.todo")];
const place = of ? rows.find((row) => row.querySelector(".title")?.textContent === of) : document.body;
const controls = [...(place?.querySelectorAll("input[type=submit], a, summary") ?? [])];
return controls.find((control) => (control.value || control.textContent.trim()) === name);
"""
FIELD = """
const label = [...document.querySelectorAll("label")].find((label) => label.textContent === arguments[0]);
return label.control;
"""
ROWS = """
const rows = [...document.querySelectorAll("#todos > li")].filter((row) => row.querySelector(".title"));
return rows.map((row) => [row.querySelector(".title").textContent, row.matches(".done")]);
"""


class Visitor(ABC):
    """What a person does and sees, whatever the browser."""

    url: str

    @abstractmethod
    def open(self, path: str) -> None:
        """Go to an address of the site."""

    @abstractmethod
    def press(self, name: str, of: str = "") -> None:
        """Press a button or follow a link, of the to-do `of` if there is one for each."""

    @abstractmethod
    def fill(self, label: str, text: str) -> None:
        """Replace what stands in a field."""

    @abstractmethod
    def reload(self) -> None: ...

    @abstractmethod
    def back(self) -> None: ...

    @abstractmethod
    def text(self) -> str:
        """All that can be read on the page, as one line."""

    @abstractmethod
    def rows(self) -> list[tuple[str, bool]]:
        """The to-dos on the list, and whether each is completed."""

    @abstractmethod
    def filter(self) -> str:
        """Which to-dos the page says that it shows."""

    def theme(self) -> str | None:
        """The theme of the page; None for a terminal, which has colours of its own."""
        return None

    def complaints(self) -> list[str]:
        """What the browser has against the pages so far."""
        return []

    def titles(self) -> list[str]:
        return [title for title, _ in self.rows()]

    def completed(self) -> list[str]:
        return [title for title, done in self.rows() if done]


class ChromiumVisitor(Visitor):
    """Somebody at Chromium with JavaScript; the server answers, or the tests do in its place."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        context.set_default_timeout(10_000)
        self.watched = WatchedPage(context)
        self.page = self.watched.page
        self.allowed = ["status of 422"]  # Chromium itself notes every such answer on the console

    def has(self, *titles: str, name: str = "Ana") -> None:
        """Be somebody with this list, without the way there, and look at it."""
        self.post("/", name=name)
        if titles:
            self.post("/todos/lines", lines="\n".join(titles))
        self.context.request.get(urljoin(self.url, "/todos"))  # where its messages are read
        self.open("/todos")

    def post(self, path: str, **form: str) -> None:
        """Send a form as another tab of the same browser would."""
        answer = self.context.request.post(
            urljoin(self.url, path), form=dict(form), headers={"Sec-Fetch-Site": "same-origin"}, max_redirects=0
        )
        assert answer.status == 303, answer.text()

    def open(self, path: str) -> None:
        self.page.goto(urljoin(self.url, path))

    def press(self, name: str, of: str = "") -> None:
        control = self.control(name, of)
        if control.evaluate("control => control.matches('a:not([data-hx-get])')"):
            with self.page.expect_navigation():
                self.activate(control)
        else:
            self.activate(control)
            self.settle()

    def activate(self, control: Locator) -> None:
        control.click()

    def fill(self, label: str, text: str) -> None:
        self.field(label).fill(text)

    def reload(self) -> None:
        self.page.reload()

    def back(self) -> None:
        self.page.go_back()

    def text(self) -> str:
        return " ".join(self.page.inner_text("body").split())

    def rows(self) -> list[tuple[str, bool]]:
        script = "rows => rows.map(row => [row.querySelector('.title').textContent, row.matches('.done')])"
        return [(title, done) for title, done in self.page.locator("#todos > li:has(.title)").evaluate_all(script)]

    def filter(self) -> str:
        return self.page.inner_text("#toolbar [aria-current=page]")

    def theme(self) -> str | None:
        return self.page.locator("html").get_attribute("data-bs-theme") or "auto"

    def complaints(self) -> list[str]:
        return [found for found in self.watched.violations if not any(words in found for words in self.allowed)]

    def settle(self) -> None:
        """Wait until all that was pressed is answered and shown."""
        self.page.wait_for_function(SETTLED)

    def control(self, name: str, of: str = "") -> Locator:
        place = self.row(of) if of else self.page.locator("body")
        return place.locator(f"[value='{name}'], a:text-is('{name}')").first

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    def row(self, title: str) -> Locator:
        exactly = re.compile(f"^{re.escape(title)}$")
        return self.page.locator("li.todo").filter(has=self.page.locator(".title", has_text=exactly))

    def alert(self) -> str:
        """What the alerts say now."""
        return " ".join(self.page.locator("#alerts .alert-text").all_inner_texts())

    def focus(self) -> str:
        """The name of what has the focus, as a screen reader says it."""
        found: str = self.page.locator(":focus").evaluate(NAME)
        return found

    def js(self, script: str) -> Any:
        return self.page.evaluate(script)


class KeyboardVisitor(ChromiumVisitor):
    """Somebody at Chromium without a mouse, who wants to see at each step where the focus is."""

    def activate(self, control: Locator) -> None:
        self.walk_to(control)
        self.page.keyboard.press("Enter" if control.evaluate("control => control.matches('a')") else "Space")

    def fill(self, label: str, text: str) -> None:
        self.walk_to(self.field(label))
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)

    def walk_to(self, control: Locator) -> None:
        wanted = control.element_handle()
        for _ in range(100):
            focus = self.page.evaluate(FOCUS, wanted)
            if focus["there"]:
                assert focus["visible"], f"nobody can see that the focus is on {self.focus()!r}"
                return
            self.page.keyboard.press("Shift+Tab" if focus["back"] else "Tab")
        raise AssertionError(f"the Tab key does not lead to {control}")


class UnscriptedVisitor(ChromiumVisitor):
    """Somebody at Chromium with JavaScript off, where every press loads a page."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        super().__init__(context, url)
        self.errors: list[str] = []
        self.page.on("console", self._note)

    def press(self, name: str, of: str = "") -> None:
        with self.page.expect_navigation():
            self.activate(self.control(name, of))

    def complaints(self) -> list[str]:
        return self.errors  # `violations` would wait for a script

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in self.allowed):
            self.errors.append(message.text)


class DrivenVisitor(Visitor):
    """Somebody at Firefox or WebKitGTK, who types key by key."""

    def __init__(self, browser: Driven, url: str) -> None:
        self.browser = browser
        self.url = url

    def open(self, path: str) -> None:
        self.browser.go(urljoin(self.url, path))

    def press(self, name: str, of: str = "") -> None:
        control = self.control(name, of)
        arguments = {ELEMENT: control}
        loads = self.browser.js("return arguments[0].matches('a:not([data-hx-get])')", arguments)
        if loads or isinstance(self.browser, UnscriptedFirefox):
            with self.leaving():
                self.browser.click(control)
        else:
            self.browser.click(control)
            self.browser.wait_for(f"return ({SETTLED})()")

    def fill(self, label: str, text: str) -> None:
        field = self.browser.js(FIELD, label)[ELEMENT]
        old = self.browser.js("return arguments[0].value", {ELEMENT: field})
        self.browser.type(field, END + BACKSPACE * len(old) + text)  # WebDriver's own clearing leaves the field

    def reload(self) -> None:
        with self.leaving():
            self.browser.reload()

    def back(self) -> None:
        with self.leaving():
            self.browser.back()

    def text(self) -> str:
        return " ".join(self.browser.js("return document.body.innerText").split())

    def rows(self) -> list[tuple[str, bool]]:
        return [(title, done) for title, done in self.browser.js(ROWS)]

    def filter(self) -> str:
        return str(self.browser.js("return document.querySelector('#toolbar [aria-current=page]').innerText"))

    def theme(self) -> str | None:
        return str(self.browser.js("return document.documentElement.dataset.bsTheme || 'auto'"))

    def control(self, name: str, of: str = "") -> str:
        return str(self.browser.wait_for(CONTROL, name, of)[ELEMENT])

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Do something that leads to another page, and wait until that is there."""
        mark = uuid4().hex
        self.browser.js("document.documentElement.dataset.mark = arguments[0]", mark)
        yield
        self.browser.wait_for(
            "return document.readyState === 'complete' && document.documentElement.dataset.mark !== arguments[0]", mark
        )


class TextVisitor(Visitor):
    """Somebody at a text browser, where the address tells what is shown."""

    @abstractmethod
    def address(self) -> str:
        """The address of the page."""

    def filter(self) -> str:
        return parse_qs(urlsplit(self.address()).query).get("show", ["all"])[0].capitalize()


class TerminalVisitor(TextVisitor):
    """Somebody at a text browser that fills a terminal."""

    def __init__(self, browser: TextBrowser, url: str) -> None:
        self.browser = browser
        self.url = url

    def open(self, path: str) -> None:
        self.browser.open(urljoin(self.url, path))

    def press(self, name: str, of: str = "") -> None:
        if of and name in ("Complete", "Reopen"):
            self.browser.press(name, before=of)
        else:
            self.browser.press(name, after=of)

    def fill(self, label: str, text: str) -> None:
        self.browser.fill(label, text)

    def reload(self) -> None:
        self.browser.reload()

    def back(self) -> None:
        self.browser.back()

    def text(self) -> str:
        return self.browser.text()

    def rows(self) -> list[tuple[str, bool]]:
        return [(title, button == "Reopen") for button, title in ROW.findall(self.browser.screen())]

    def address(self) -> str:
        return self.browser.url()


class SlowLine:
    """Keeps what htmx sends until it is let through."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.kept: list[Route] = []
        self.slow = True
        page.route("**/*", self._take)

    def _take(self, route: Route) -> None:
        if self.slow and "hx-request" in route.request.headers:
            self.kept.append(route)
        else:
            route.continue_()

    def sent(self) -> int:
        """How many requests were sent, as soon as there is one."""
        for _ in range(500):
            if self.kept:
                break
            self.page.wait_for_timeout(10)
        return len(self.kept)

    def let_through(self) -> None:
        self.slow = False
        for route in self.kept:
            route.continue_()
        self.page.wait_for_function("() => !document.querySelector('.htmx-request')")
