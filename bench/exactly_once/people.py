"""What people do with a stack in `bench.exactly_once`: with patience, without, and until they know that it is done."""

from collections.abc import Callable
from time import monotonic, sleep

from bench.exactly_once.browser import FAILURES, Browser, Form, Page
from bench.exactly_once.servers import Stack

DELAY = 300  # ms that a view takes for impatient people


def visitor(stack: Stack, ports: list[int]) -> Browser:
    """Somebody new, who has told a name if that is asked for."""
    browser = Browser(ports)
    page = browser.load(stack.form)
    if form := page.form("name"):
        browser.load(form.action, form.fields | {"name": "Ana"}, page)
        browser.load("/todos")
    return browser


def blank(browser: Browser, stack: Stack) -> tuple[Page, Form]:
    """The page with a fresh form."""
    page = browser.load(stack.form)
    form = page.form("title")
    if not form:
        raise SystemExit(f"{stack.name}: no form at {page.path}, but {page.status} {page.text[:500]}")
    return page, form


def settle(browser: Browser, stack: Stack) -> None:
    """Load the list until nothing new has been said for as long as the stack may take to say it again."""
    began = quiet_since = monotonic()
    empty = 0
    while empty < 3 or (monotonic() < quiet_since + stack.patience and monotonic() < began + 2 * stack.patience):
        if any(browser.load("/todos").messages):
            quiet_since, empty = monotonic(), 0
        else:
            empty += 1
            sleep(min(stack.patience, 0.5))


# ---- Impatience: the same wish sent again


def double_click(browser: Browser, stack: Stack, title: str) -> None:
    page, form = blank(browser, stack)
    first = browser.send(form.action, form.fields | {"title": title}, page)
    sleep(0.05)
    browser.load(form.action, form.fields | {"title": title}, page)
    first.close()


def sent_again_in_flight(browser: Browser, stack: Stack, title: str) -> None:
    page, form = blank(browser, stack)
    first = browser.send(form.action, form.fields | {"title": title}, page)
    sleep(0.15)
    first.close()
    browser.load(form.action, form.fields | {"title": title}, page)


def reloaded_in_flight(browser: Browser, stack: Stack, title: str) -> None:
    page, form = blank(browser, stack)
    first = browser.send(form.action, form.fields | {"title": title}, page)
    sleep(0.1)
    first.close()
    page, form = blank(browser, stack)
    browser.load(form.action, form.fields | {"title": title}, page)


def answer_lost(browser: Browser, stack: Stack, title: str) -> None:
    """The form is opened again, and sent again unless its page says that it is done."""
    lose_answer(browser, title, *blank(browser, stack))
    page, form = blank(browser, stack)
    if title not in page.messages:
        browser.load(form.action, form.fields | {"title": title}, page)


def answer_lost_other_tab(browser: Browser, stack: Stack, title: str) -> None:
    """The form was open in another tab, which nobody has told anything, and is sent from there."""
    other, form = blank(browser, stack)
    lose_answer(browser, title, *blank(browser, stack))
    browser.load(form.action, form.fields | {"title": title}, other)


def back(browser: Browser, stack: Stack, title: str) -> None:
    page, form = blank(browser, stack)
    for _ in range(2):
        browser.load(form.action, form.fields | {"title": title}, page)


def lose_answer(browser: Browser, title: str, page: Page, form: Form) -> None:
    first = browser.send(form.action, form.fields | {"title": title}, page)
    sleep(0.05)
    first.close()
    sleep(DELAY / 1000 + 0.5)  # it is done by then


IMPATIENCE: dict[str, Callable[[Browser, Stack, str], None]] = {
    "double click": double_click,
    "sent again in flight": sent_again_in_flight,
    "form reloaded in flight, sent": reloaded_in_flight,
    "answer lost, form reopened, sent unless told": answer_lost,
    "answer lost, sent from another open tab": answer_lost_other_tab,
    "Back, sent again": back,
}


# ---- Perseverance: a wish is sent until somebody says that it is done


def told(browser: Browser, stack: Stack, title: str) -> bool:
    """Open the form and send the wish, unless the page says that it is done; whether there was an answer."""
    page = insist(browser, stack.form)
    form = page.form("title")
    if browser.seen[title]:
        return True
    try:
        page = browser.ask(form.action, form.fields | {"title": title}, page) if form else page
    except FAILURES:
        return False
    if page.location:
        insist(browser, page.location, page)
    return bool(page.location) or browser.seen[title] > 0


def insist(browser: Browser, path: str, page: Page | None = None) -> Page:
    """Load a page until it comes."""
    while True:
        try:
            return browser.load(path, page=page)
        except FAILURES:
            sleep(0.01)
