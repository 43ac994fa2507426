"""A private PostgreSQL from the installed binaries, or the one that RECADO_TEST_POSTGRES_URL names."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

from tests.support.availability import require
from webapp.models import Base, Epoch

BINARIES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin")


@contextmanager
def server() -> Iterator[str]:
    """The address of a running server's `postgres` database; a private server is gone afterwards."""
    if url := os.environ.get("RECADO_TEST_POSTGRES_URL"):
        yield str(make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False))
        return
    initdb = _find("initdb")
    require(initdb, "PostgreSQL is not installed")
    assert initdb is not None
    with tempfile.TemporaryDirectory(prefix="recado-pg-", ignore_cleanup_errors=True) as folder:
        user = _not_root(Path(folder))
        data = f"{folder}/data"
        control = [str(initdb.with_name("pg_ctl")), "--pgdata", data, "--silent", "--wait"]
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        _run([str(initdb), "--pgdata", data, "--username=recado", "--auth=trust", "--no-sync", "--encoding=UTF8"], user)
        _run([*control, "--log", f"{folder}/log", "--options", options, "start"], user)
        try:
            yield f"postgresql+psycopg://recado@/postgres?host={folder}"
        finally:
            _run([*control, "--mode=immediate", "stop"], user)


@contextmanager
def database(server_url: str, name: str) -> Iterator[str]:
    """The address of an empty database that is dropped afterwards."""
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        engine.dispose()


def empty(engine: Engine) -> None:
    """Take all rows out of a database; for a few rows, DELETE is four times as fast as TRUNCATE."""
    tables = [table.name for table in reversed(Base.metadata.sorted_tables) if table is not Epoch.__table__]
    with engine.begin() as connection:  # the epoch is one row, which a migration makes
        if connection.exec_driver_sql("SELECT 1 FROM todo OFFSET 1000 LIMIT 1").first():
            connection.exec_driver_sql("TRUNCATE account CASCADE")  # else a trigger is run for each of them
        connection.exec_driver_sql("; ".join(f"DELETE FROM {name}" for name in tables))


def _find(program: str) -> Path | None:
    if found := shutil.which(program):
        return Path(found)
    places = [place for pattern in BINARIES for place in sorted(Path("/").glob(f"{pattern[1:]}/{program}"))]
    return places[-1] if places else None


def _not_root(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root: give the folder to `nobody` then."""
    if not hasattr(os, "getuid") or os.getuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return "nobody"


def _run(command: list[str], user: str | None) -> None:
    subprocess.run(command, check=True, user=user, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd="/")
