"""Two workers on one database, what happens to them, and what happens at the same time."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import text, update
from sqlalchemy.orm import InstrumentedAttribute

from tests.conftest import SECRET
from webapp.db import Database, now

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 20  # seconds
Thing = TypeVar("Thing")


class Site:
    """Two workers on one database, their folder, and a look at what they wrote."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.database = Database(url)
        self.database.upgrade()
        self.ports = [_free_port(), _free_port()]
        command = [sys.executable, "-m", "tests.support.faulty", *map(str, self.ports)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RECADO_")}
        environment |= {"RECADO_DATA": str(folder), "RECADO_DATABASE_URL": url, "RECADO_SECRET_KEY": SECRET}
        environment |= {"RECADO_RATE_LIMIT": "off"}
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        with (folder / "errors").open("wb") as errors:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=pipe, stdout=nowhere, stderr=errors
            )

    def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.database.engine.dispose()

    def wait(self) -> None:
        """Return when both workers listen."""
        for port in self.ports:
            wait_for(lambda port=port: listens(port))  # type: ignore[misc]

    def kill(self, worker: int) -> None:
        """End a worker at once, as a power cut would; another takes its place. Returns when it is dead."""
        pid = self._pid(worker)
        with suppress(ProcessLookupError):  # the one before it, which was killed; the new one is still starting
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not alive(pid))

    def _pid(self, worker: int) -> int:
        return int((self.folder / f"{self.ports[worker]}.pid").read_text())

    @contextmanager
    def hold(self, point: str) -> Iterator["Hold"]:
        hold = Hold(self.folder, point)
        try:
            yield hold
        finally:
            hold.release()

    def all(self, query: str, **values: Any) -> list[Any]:
        with self.database.engine.connect() as opened:
            return [row[0] if len(row) == 1 else tuple(row) for row in opened.execute(text(query), values)]

    def age(self, column: InstrumentedAttribute[Any], **by: float) -> None:
        """Let all moments in a column lie so far in the past, as if that much time had passed."""
        moved = update(column.class_).where(column.is_not(None)).values({column: now() - timedelta(**by)})
        with self.database.transaction(write=True) as transaction:
            transaction.connection.execute(moved)
            transaction.commit()

    def titles(self, name: str) -> list[str]:
        """What stands on the list of whoever has this name."""
        query = "SELECT title FROM todo JOIN account ON account.id = account_id WHERE name = :name ORDER BY todo.id"
        return self.all(query, name=name)


class Hold:
    """Requests with these headers stop at a point, until they are released."""

    def __init__(self, folder: Path, point: str) -> None:
        self.path = folder / uuid4().hex
        self.headers = {"Hold": f"{point}/{self.path.name}"}

    def wait(self, number: int = 1) -> None:
        """Return when so many requests have come to the point."""
        wait_for(lambda: len(list(self.path.parent.glob(f"{self.path.name}*.held"))) >= number)

    def release(self) -> None:
        self.path.with_suffix(".go").touch()


def waits(future: Future[Any], seconds: float = 0.1) -> bool:
    """Whether something is still under way after a while."""
    time.sleep(seconds)
    return not future.done()


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "this takes too long"
        time.sleep(0.003)


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


# ---- At the same time


def begin(action: Callable[[], Thing]) -> Future[Thing]:
    """Let something happen beside what follows."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(action)
    pool.shutdown(wait=False)
    return future


def at_once(number: int, action: Callable[[int], Thing], among: int | None = None) -> list[Thing]:
    """Let something happen so many times, all at once or so many of them at any one time."""
    with ThreadPoolExecutor(among or number) as pool:
        return list(pool.map(action, range(number)))
