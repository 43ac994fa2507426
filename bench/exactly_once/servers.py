"""What is measured by `bench.exactly_once`: one app, served by two processes that share a database file."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from bench.exactly_once.browser import FAILURES, Browser

TOP = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Stack:
    """One of the rivals: what serves it, and where things are in it."""

    name: str
    module: str
    form: str = "/"  # the address of the page with the form; the list is /todos everywhere
    patience: float = 0  # seconds after which it may show a message again that did not seem to arrive
    python: str = sys.executable


class Servers:
    """Two server processes with one database file."""

    def __init__(self, stack: Stack, folder: Path, delay: int) -> None:
        self.database = folder / "bench.sqlite3"
        self.ports: list[int] = []
        self.kills = 0
        self._workers: list[int] = []
        self._parents: list[subprocess.Popen[str]] = []
        self._log = folder / "log"
        environ = os.environ | {"BENCH_DATA": str(folder), "BENCH_DELAY_MS": str(delay)}
        try:
            for _ in range(2):  # one after the other: the first makes the tables
                self._start(stack, environ)
        except (ValueError, *FAILURES):
            self.close()
            raise SystemExit(f"{stack.name} does not start:\n{self.log}") from None

    def _start(self, stack: Stack, environ: dict[str, str]) -> None:
        command = [stack.python, "-m", "bench.exactly_once.peers.server", stack.module]
        with self._log.open("a") as log:
            parent = subprocess.Popen(
                command, cwd=TOP, env=environ, text=True, stdout=subprocess.PIPE, stderr=log, start_new_session=True
            )
        self._parents.append(parent)
        self.ports.append(self._read_number(parent))
        self._workers.append(self._read_number(parent))
        Thread(target=self._note_workers, args=[len(self._workers) - 1], daemon=True).start()
        Browser(self.ports[-1:]).load(stack.form)

    def kill(self, number: int) -> None:
        with suppress(ProcessLookupError):  # it is being started again
            os.kill(self._workers[number], signal.SIGKILL)
            self.kills += 1

    def titles(self) -> list[str]:
        """The title of each row."""
        with closing(sqlite3.connect(self.database)) as database:
            return [title for (title,) in database.execute("SELECT title FROM todo")]

    @property
    def log(self) -> str:
        """The end of what the processes complained about."""
        return self._log.read_text()[-3000:]

    def close(self) -> None:
        for parent in self._parents:
            with suppress(ProcessLookupError):
                os.killpg(parent.pid, signal.SIGKILL)
            parent.wait()

    def _note_workers(self, number: int) -> None:
        with suppress(ValueError):  # the end
            while True:
                self._workers[number] = self._read_number(self._parents[number])

    @staticmethod
    def _read_number(parent: subprocess.Popen[str]) -> int:
        return int(parent.stdout.readline()) if parent.stdout else 0


@contextmanager
def running(stack: Stack, delay: int = 0) -> Iterator[Servers]:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ends the processes, too, as Ctrl+C does
    with TemporaryDirectory(prefix="recado-bench-", ignore_cleanup_errors=True) as folder:
        servers = Servers(stack, Path(folder), delay)
        try:
            yield servers
        finally:
            servers.close()
