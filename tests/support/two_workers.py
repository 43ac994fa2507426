"""The fixtures of the tests for which two workers run on one database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support import postgresql
from tests.support.faults import Browser
from tests.support.workers import Site


@contextmanager
def running(folder: Path, url: str) -> Iterator[Site]:
    site = Site(folder, url)
    try:
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="session")
def sqlite_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("faults")
    with running(folder, f"sqlite:///{folder / 'test.sqlite3'}") as site:
        yield site


@pytest.fixture(scope="session")
def postgresql_site(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("faults")
    with postgresql.database(postgresql_url, f"faults_{uuid4().hex}") as url, running(folder, url) as site:
        yield site


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest) -> Site:
    """Two workers on each engine in turn; each test comes as somebody new."""
    site: Site = request.getfixturevalue(f"{request.param}_site")
    site.wait()
    return site


@pytest.fixture
def zoe(site: Site) -> Browser:
    """Somebody with a list."""
    return Browser(site).enter()


@pytest.fixture
def nobody(site: Site) -> Browser:
    """Somebody who has not said who it is."""
    return Browser(site)
