"""What `bench.exactly_once` counts: the wishes of a crowd, of the impatient, and of those whose servers are killed."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Thread

from bench.exactly_once.browser import Browser
from bench.exactly_once.people import IMPATIENCE, blank, settle, told, visitor
from bench.exactly_once.servers import Servers, Stack

KILL_EVERY = 0.5  # seconds
HANG_UP = 0.15  # of all requests, while processes are killed
POLLERS = 3
TRIES = 100  # until a stack must be broken


@dataclass(frozen=True)
class Count:
    """What became of the wishes of one measurement: every row flashed one message."""

    rows: int
    missing: int  # wishes without a row
    lost: int  # messages never shown
    twice: int  # messages shown again
    keys: int = 0  # of the session, lost


def count(servers: Servers, browser: Browser, titles: list[str], keys: bool = False) -> Count:
    rows = Counter(servers.titles())
    left = json.loads(browser.ask("/bench/keys").text) if keys else []
    return Count(
        rows=sum(rows[title] for title in titles),
        missing=sum(not rows[title] for title in titles),
        lost=sum(max(0, rows[title] - browser.seen[title]) for title in titles),
        twice=sum(browser.seen[title] > rows[title] for title in titles),
        keys=sum(f"key-{title}" not in left for title in titles if rows[title]) if keys else 0,
    )


def crowd(servers: Servers, stack: Stack, titles: list[str], at_once: int, polls: bool) -> Browser:
    """Send each wish once, from as many open tabs; their redirects, or other tabs meanwhile, show the messages."""
    browser = visitor(stack, servers.ports)
    tabs = [blank(browser, stack) for _ in titles]
    over = Event()

    def send(number: int) -> None:
        page, form = tabs[number]
        go = browser.ask if polls else browser.load
        go(form.action, form.fields | {"title": titles[number]}, page)

    def poll() -> None:
        while not over.is_set():
            browser.load("/todos")

    pollers = [Thread(target=poll, daemon=True) for _ in range(POLLERS if polls else 0)]
    for poller in pollers:
        poller.start()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(send, range(len(titles))))
    over.set()
    for poller in pollers:
        poller.join()
    while browser.load("/todos").messages:
        pass
    return browser


def impatient(servers: Servers, stack: Stack, case: str, wishes: int) -> Count:
    browser = visitor(stack, servers.ports)
    titles = [f"{case} {number:03}" for number in range(wishes)]
    for title in titles:
        IMPATIENCE[case](browser, stack, title)
    settle(browser, stack)
    return count(servers, browser, titles)


def troubled(servers: Servers, stack: Stack, wishes: int, seed: int) -> tuple[Browser, Count]:
    """Somebody sends each wish until told that it is done, while processes are killed in turn."""
    browser = visitor(stack, servers.ports)
    browser.hang_up_at_times(HANG_UP, seed)
    titles = [f"trouble {number:03}" for number in range(wishes)]
    over = Event()

    def kill() -> None:
        while not over.wait(KILL_EVERY):
            servers.kill(servers.kills % 2)

    killer = Thread(target=kill, daemon=True)
    killer.start()
    for title in titles:
        if not any(told(browser, stack, title) for _ in range(TRIES)):
            raise SystemExit(f"{stack.name} never answers: {servers.log}")
    over.set()
    killer.join()
    browser.hang_up_at_times(0, seed)
    settle(browser, stack)
    return browser, count(servers, browser, titles)
