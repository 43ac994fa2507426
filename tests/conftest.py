"""What every test may ask for: an app on a real database, and the clients that each behaviour is told for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from jinja2 import MemcachedBytecodeCache

from tests.support import oddities, postgresql
from tests.support.clients import CLIENTS, Fragment, Page, Program
from tests.support.people import BROWSERS, register
from webapp import create_app
from webapp.config import Config
from webapp.db import Database
from webapp.health import Readiness

HOOKS = ("before_request_funcs", "after_request_funcs", "teardown_request_funcs", "view_functions")
SECRET = "a secret key that only the tests know"
Visitor = Page | Fragment | Program


class Compiled(dict[str, bytes]):
    """A place for compiled templates that all apps of this test process share: compiling takes longer than a test."""

    def set(self, key: str, value: bytes, timeout: int | None = None) -> None:
        self[key] = value


COMPILED_TEMPLATES = MemcachedBytecodeCache(Compiled())  # type: ignore[arg-type]


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
    url: str = request.getfixturevalue("postgresql_url")
    postgresql.empty(url)
    return url


@pytest.fixture(scope="session")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Path]]:
    """One app for all tests, since making one takes longer than most of them; and a migrated database to copy."""
    folder = tmp_path_factory.mktemp("shared")
    template = folder / "test.sqlite3"
    for app in running(folder, f"sqlite:///{template}"):
        app.extensions["database"].close()
        yield app, template


@pytest.fixture
def app(tmp_path: Path, shared_app: tuple[Flask, Path]) -> Iterator[Flask]:
    """The app on a SQLite file, for what does not depend on the engine."""
    yield from lent(*shared_app, f"sqlite:///{tmp_path / 'test.sqlite3'}")


@pytest.fixture
def any_app(database_url: str, shared_app: tuple[Flask, Path]) -> Iterator[Flask]:
    """The app on each engine in turn."""
    yield from lent(*shared_app, database_url)


def lent(app: Flask, template: Path, database_url: str) -> Iterator[Flask]:
    """The shared app on a database of the test's own; whatever the test changes of the app is put back."""
    if database_url.startswith("sqlite"):
        Path(database_url.removeprefix("sqlite:///")).write_bytes(template.read_bytes())
    database = Database(database_url)
    database.upgrade()
    kept = [(part, _copy(part)) for part in (app.config, app.extensions, app.jinja_env.globals)]
    kept += [(part, _copy(part)) for name in HOOKS for part in [getattr(app, name)]]
    app.extensions |= {"database": database, "readiness": Readiness(database)}
    yield app
    app.extensions["database"].engine.dispose()
    database.engine.dispose()
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
