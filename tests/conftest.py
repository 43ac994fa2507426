"""What every test may ask for: an app on a real database, and the clients that each behaviour is told for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import MemcachedBytecodeCache

from tests.support import oddities, postgresql
from tests.support.clients import CLIENTS, Fragment, Page, Program
from tests.support.people import BROWSERS, register
from webapp import create_app
from webapp.config import Config
from webapp.db import Database
from webapp.health import Readiness
from webapp.models.accounts import password

HOOKS = ("before_request_funcs", "after_request_funcs", "teardown_request_funcs", "view_functions")
SECRET = "a secret key that only the tests know"
Visitor = Page | Fragment | Program


class Compiled(dict[str, bytes]):
    """A place for compiled templates that all apps of this test process share: compiling takes longer than a test."""

    def set(self, key: str, value: bytes, timeout: int | None = None) -> None:
        self[key] = value


COMPILED_TEMPLATES = MemcachedBytecodeCache(Compiled())  # type: ignore[arg-type]


# Left out by `--quick`: real browsers, servers and clocks, and what takes long for other reasons.
SLOW = """
    accessibility account_visit admin api_cases attackers browser clock clock_jumps deletion despair editing
    export exposure fast_fingers growth guessing headers health leaving logs looks manage messages old_browsers
    origin own_address own_sessions passkeys password_change planted prefix rate_limits registration reset
    second_factor server state_machine surroundings sync text_browsers texts tokens two_tabs typing
    unscripted_text visit vocabulary writers
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="what takes under a minute: SQLite alone, in this process")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--quick"):
        slow = [each for each in items if each.path.stem[5:] in SLOW.split() or "postgresql" in each.name]
        config.hook.pytest_deselected(items=slow)
        left_out = set(slow)
        items[:] = [each for each in items if each not in left_out]


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL database of this test process; making one for each test would take longer than the tests."""
    with postgresql.server() as server, postgresql.database(server, f"test_{uuid4().hex}") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a row in it, once on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite3'}"
    return str(request.getfixturevalue("empty_postgresql_url"))


@pytest.fixture
def empty_postgresql_url(postgresql_url: str) -> str:
    """The same database, with no row in it."""
    database = Database(postgresql_url)
    database.upgrade()
    postgresql.empty(database.engine)
    database.engine.dispose()
    return postgresql_url


CHOSEN_HASHER = password._hasher


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> None:
    """Hash passwords by Argon2id's least parameters: its 44 ms prove nothing in hundreds of tests."""
    password._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def costly_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash passwords as the app does."""
    monkeypatch.setattr(password, "_hasher", CHOSEN_HASHER)
    password._nobodys.cache_clear()
    yield
    password._nobodys.cache_clear()


class SharedDatabases:
    """One database of each engine for all tests of this process, emptied before each: what a new engine would have to
    compile anew takes longer than most tests. One that a test has listened to is given up."""

    def __init__(self, folder: Path, template: Path) -> None:
        self._file, self._template = folder / "shared.sqlite3", template
        self._open: dict[str, tuple[Database, int]] = {}

    def empty(self, url: str) -> Database:
        """The database at a PostgreSQL address, or a SQLite file, with no row in it."""
        if kept := self._open.pop(url, None):
            database, listeners = kept
            if _listeners(database) == listeners:
                return self._kept(url, database)
            database.engine.dispose()
        if not url:
            self._renew()
        database = Database(url or f"sqlite:///{self._file}")
        database.upgrade()
        return self._kept(url, database)

    def close(self) -> None:
        for database, _count in self._open.values():
            database.engine.dispose()

    def _kept(self, url: str, database: Database) -> Database:
        if url:
            postgresql.empty(database.engine)
        else:
            database.engine.dispose()
            self._renew()
        self._open[url] = database, _listeners(database)
        return database

    def _renew(self) -> None:
        for beside in ("", "-wal", "-shm"):
            Path(f"{self._file}{beside}").unlink(missing_ok=True)
        self._file.write_bytes(self._template.read_bytes())


def _listeners(database: Database) -> int:
    """How many functions are told of what its engine does."""
    told = (database.engine.dispatch, database.engine.pool.dispatch)
    return sum(len(getattr(each, name)) for each in told for name in each._event_names)


@pytest.fixture(scope="session")
def shared_databases(
    shared_app: tuple[Flask, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedDatabases]:
    databases = SharedDatabases(tmp_path_factory.mktemp("databases"), shared_app[1])
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Path]]:
    """One app for all tests, since making one takes longer than most of them; and a migrated database to copy."""
    folder = tmp_path_factory.mktemp("shared")
    template = folder / "test.sqlite3"
    for app in running(folder, f"sqlite:///{template}"):
        app.extensions["database"].close()
        yield app, template


@pytest.fixture
def app(shared_app: tuple[Flask, Path], shared_databases: SharedDatabases) -> Iterator[Flask]:
    """The app on a SQLite file, for what does not depend on the engine."""
    yield from lent(shared_app[0], shared_databases.empty(""))


@pytest.fixture(params=["sqlite", "postgresql"])
def any_app(
    request: pytest.FixtureRequest, shared_app: tuple[Flask, Path], shared_databases: SharedDatabases
) -> Iterator[Flask]:
    """The app on each engine in turn."""
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else ""
    yield from lent(shared_app[0], shared_databases.empty(url))


def lent(app: Flask, database: Database) -> Iterator[Flask]:
    """The shared app on an empty database; whatever the test changes of the app is put back."""
    kept = [(part, _copy(part)) for part in (app.config, app.extensions, app.jinja_env.globals)]
    kept += [(part, _copy(part)) for name in HOOKS for part in [getattr(app, name)]]
    app.extensions |= {"database": database, "readiness": Readiness(database)}
    yield app
    if app.extensions["database"] is not database:
        app.extensions["database"].engine.dispose()
    for part, before in kept:
        part.clear()
        part.update(before)


def _copy(part: dict[Any, Any]) -> dict[Any, Any]:
    return {name: list(value) if isinstance(value, list) else value for name, value in part.items()}


def running(data: Path, database_url: str, **settings: Any) -> Iterator[Flask]:
    app = create_app(Config(data, database_url, SECRET, debug_routes=True, **settings))
    app.jinja_env.bytecode_cache = COMPILED_TEMPLATES
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture(scope="session")
def common_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One app for all tests whose visitors touch only what is their own; it has odd views, too."""
    folder = tmp_path_factory.mktemp("common")
    for app in running(folder, f"sqlite:///{folder / 'test.sqlite3'}"):
        oddities.mount(app)
        yield app


@pytest.fixture(params=CLIENTS, ids=lambda kind: kind.__name__)
def visitor(request: pytest.FixtureRequest, common_app: Flask) -> Visitor:
    """Somebody with a list, as each client in turn."""
    somebody: Visitor = request.param(common_app)
    somebody.enter()
    return somebody


@pytest.fixture(params=CLIENTS, ids=lambda kind: kind.__name__)
def stranger(request: pytest.FixtureRequest, common_app: Flask) -> Visitor:
    """Somebody who has not said who it is, as each client in turn."""
    nobody: Visitor = request.param(common_app)
    if not isinstance(nobody, Program):
        nobody.go("/")
    return nobody


@pytest.fixture(params=CLIENTS, ids=lambda kind: kind.__name__)
def ana(request: pytest.FixtureRequest, any_app: Flask) -> Visitor:
    """Ana owns a list; she comes as each client in turn, on each engine."""
    visitor: Visitor = request.param(any_app)
    visitor.enter("Ana")
    return visitor


@pytest.fixture
def bob(request: pytest.FixtureRequest, ana: Visitor) -> Visitor:
    """Bob is the stranger: the same kind of client as Ana, with a list of his own."""
    visitor = type(ana)(ana.app)
    visitor.enter("Bob")
    return visitor


@pytest.fixture(params=BROWSERS, ids=lambda kind: kind.__name__)
def newcomer(request: pytest.FixtureRequest, any_app: Flask) -> Page:
    """Somebody who has said nothing yet, at each kind of browser, on each engine."""
    nobody: Page = request.param(any_app)
    nobody.go("/")
    return nobody


@pytest.fixture
def member(newcomer: Page) -> Page:
    """Ana, who can log in, at each kind of browser, on each engine."""
    register(newcomer)
    return newcomer


@pytest.fixture
def owner(app: Flask) -> Page:
    """Ana, who can log in, where neither the browser nor the engine matters."""
    somebody = Page(app)
    register(somebody)
    return somebody


@pytest.fixture
def page(app: Flask) -> Page:
    visitor = Page(app)
    visitor.enter()
    return visitor


@pytest.fixture
def fragment(app: Flask) -> Fragment:
    visitor = Fragment(app)
    visitor.enter()
    return visitor


@pytest.fixture
def program(app: Flask) -> Program:
    visitor = Program(app)
    visitor.enter()
    return visitor
