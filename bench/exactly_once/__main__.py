"""Measure what is lost and what happens twice, in Recado and in three stacks as their documentation has them.

    python -m bench.exactly_once [--runs 5] [--only recado,flask,flask-session,django] [--cache FOLDER] [--quick]

Prints Markdown tables. Each stack serves a form whose view adds a row, flashes one message and sets one session key, by
Waitress with 8 threads in two processes on one SQLite file; the client is a browser of our own, without JavaScript. The
first run installs the rivals into the cache folder. Figures are medians of the runs. Needs a system that can fork.
Ends with 1 if Recado itself lost or doubled anything in any run.
"""

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import venv
from collections.abc import Collection
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import gettempdir
from time import sleep
from typing import Any

from bench.exactly_once.browser import Browser
from bench.exactly_once.measures import HANG_UP, KILL_EVERY, Count, count, crowd, impatient, troubled
from bench.exactly_once.people import DELAY, IMPATIENCE
from bench.exactly_once.servers import Stack, running

RIVALS = {
    "Flask": "3.1.3",
    "Flask-WTF": "1.3.0",
    "Flask-SQLAlchemy": "3.1.1",
    "SQLAlchemy": "2.1.9",
    "Flask-Session": "0.8.0",
    "Django": "5.2.19",
    "waitress": "3.0.2",
}
PEERS = "bench.exactly_once.peers"
STACKS = {
    "recado": Stack("Recado", "bench.exactly_once.recado", "/bench", patience=12),
    "flask": Stack("Flask, cookie session", f"{PEERS}.plain_flask"),
    "flask-session": Stack("Flask-Session, SQLAlchemy", f"{PEERS}.flask_session_db"),
    "django": Stack("Django, default", f"{PEERS}.django_app"),
}
CROWDS = {
    "one redirect each, 8 at once": (8, False),
    "32 at once": (32, False),
    "polls meanwhile, 8 at once": (8, True),
    "polls, 32 at once": (32, True),
}
BUSY_DELAY = 50  # ms that a view takes where processes are killed


@dataclass(frozen=True)
class Scale:
    runs: int
    crowd: int = 200
    wishes: int = 10
    troubled: int = 200


@dataclass
class Result:
    """The counts of one stack, one a run."""

    crowds: dict[str, list[Count]]
    impatience: dict[str, Count]
    trouble: list[Count]
    kills: int
    hung_up: int

    def flaws(self, scale: Scale) -> list[str]:
        """Every measurement in which anything at all was lost or doubled."""
        counted = [(case, count, scale.crowd) for case, counts in self.crowds.items() for count in counts]
        counted += [(case, count, scale.wishes) for case, count in self.impatience.items()]
        counted += [("processes killed", count, scale.troubled) for count in self.trouble]
        clean = Count(0, missing=0, lost=0, twice=0)
        return [f"{case}: {count}" for case, count, rows in counted if count != replace(clean, rows=rows)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="of each measurement (5)")
    parser.add_argument("--only", default=",".join(STACKS), help="the stacks to measure, separated by commas")
    parser.add_argument("--cache", type=Path, default=Path(gettempdir()) / "recado-bench-peers", help="for the rivals")
    parser.add_argument("--quick", action="store_true", help="one run with few wishes, to try it out")
    options = parser.parse_args()
    if unknown := set(options.only.split(",")) - set(STACKS):
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(STACKS)}")
    scale = Scale(1, 40, 2, 20) if options.quick else Scale(options.runs)
    stacks = {name: STACKS[name] for name in STACKS if name in options.only.split(",")}
    if set(stacks) - {"recado"}:
        python = installed(options.cache)
        stacks = {name: stack if name == "recado" else replace(stack, python=python) for name, stack in stacks.items()}
    introduce()
    results = {}
    for name, stack in stacks.items():
        print(f"measuring {stack.name}", file=sys.stderr)
        results[name] = measure(stack, scale)
    report({stacks[name].name: result for name, result in results.items()}, scale)
    flaws = results["recado"].flaws(scale) if "recado" in results else []
    for flaw in flaws:
        print(f"\nRecado failed. {flaw}")
    return 1 if flaws else 0


def installed(cache: Path) -> str:
    """Install the rivals into an environment of their own, if they are not there; returns its Python."""
    python, note = cache / "bin" / "python", cache / "versions.json"
    wanted = json.dumps([sys.version, RIVALS])
    if not note.exists() or note.read_text() != wanted:
        venv.create(cache, clear=True, with_pip=True)
        pins = [f"{name}=={number}" for name, number in RIVALS.items()]
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *pins],
            check=True,
            stdout=sys.stderr,
        )
        note.write_text(wanted)
    return str(python)


def introduce() -> None:
    numbers = ", ".join(f"{name} {number}" for name, number in RIVALS.items())
    print(
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}. Rivals: {numbers}. Recado: Flask {version('flask')}, "
        f"SQLAlchemy {version('sqlalchemy')}, waitress {version('waitress')}."
    )


def measure(stack: Stack, scale: Scale) -> Result:
    crowds: dict[str, list[Count]] = {}
    browsers: list[tuple[str, Browser, list[str]]] = []
    with running(stack) as servers:
        for run in range(scale.runs):
            for number, (name, (at_once, polls)) in enumerate(CROWDS.items()):
                titles = [f"run {run}, crowd {number}, {wish:03}" for wish in range(scale.crowd)]
                browsers.append((name, crowd(servers, stack, titles, at_once, polls), titles))
        sleep(stack.patience)
        for name, browser, titles in browsers:  # what comes late, comes now
            browser.load("/todos")
            crowds.setdefault(name, []).append(count(servers, browser, titles, keys=True))
    with running(stack, DELAY) as servers:
        impatience = {case: impatient(servers, stack, case, scale.wishes) for case in IMPATIENCE}
    trouble, kills, hung_up = [], 0, 0
    for run in range(scale.runs):
        with running(stack, BUSY_DELAY) as servers:
            browser, counted = troubled(servers, stack, scale.troubled, run)
        trouble.append(counted)
        kills, hung_up = kills + servers.kills, hung_up + browser.hung_up
    return Result(crowds, impatience, trouble, kills, hung_up)


def report(results: dict[str, Result], scale: Scale) -> None:
    print(f"\n{scale.crowd} POSTs of one browser, each with a message and a key: lost / shown twice / keys lost\n")
    table(CROWDS, {name: [crowd_cell(result.crowds[case]) for case in CROWDS] for name, result in results.items()})
    print(f"\nRows for {scale.wishes} wishes (a view of {DELAY} ms)\n")
    table(IMPATIENCE, {name: [result.impatience[case].rows for case in IMPATIENCE] for name, result in results.items()})
    kills, hung_up = (sum(getattr(result, name) for result in results.values()) for name in ("kills", "hung_up"))
    runs = scale.runs * len(results)
    print(
        f"\n{scale.troubled} wishes, each sent until its sender was told, while a process was killed every "
        f"{KILL_EVERY} s ({kills / runs:.0f} in a run) and {HANG_UP:.0%} of all requests were hung up on "
        f"({hung_up / runs:.0f} in a run)\n"
    )
    parts = {"rows": "rows", "wishes without a row": "missing", "messages lost": "lost", "shown twice": "twice"}
    troubles = {name: [spread(result.trouble, part) for part in parts.values()] for name, result in results.items()}
    table(parts, troubles)
    for name, result in results.items():
        missing = sum(count.missing for counts in result.crowds.values() for count in counts)
        missing += sum(count.missing for count in result.impatience.values())
        if missing:
            print(f"\n{name} refused {missing} wishes of the first two tables: these are not in their numbers.")


def table(columns: Collection[str], rows: dict[str, list[Any]]) -> None:
    print(f"| | {' | '.join(columns)} |")
    print("|---" * (len(columns) + 1) + "|")
    for name, cells in rows.items():
        print(f"| {name} | {' | '.join(map(str, cells))} |")


def crowd_cell(counts: list[Count]) -> str:
    return " / ".join(f"{median(getattr(count, part) for count in counts):g}" for part in ("lost", "twice", "keys"))


def spread(counts: list[Count], part: str) -> str:
    """The median, least and most of the runs."""
    values = [getattr(count, part) for count in counts]
    return f"{median(values):g}" + (f" ({min(values)}–{max(values)})" if min(values) < max(values) else "")


if __name__ == "__main__":
    sys.exit(main())
