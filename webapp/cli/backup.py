"""Backing up a SQLite database while Recado runs."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from webapp.db import Database


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
def backup(file: Path) -> None:
    """Write a whole copy of the SQLite database to FILE, in the place of an earlier copy, while Recado runs."""
    database: Database = current_app.extensions["database"]
    if database.engine.dialect.name != "sqlite":
        raise click.ClickException("This copies SQLite databases. Use pg_dump for PostgreSQL.")
    draft = file.with_name(f"{file.name}.new")
    try:
        with closing(os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w")):
            pass  # nobody else may read it from the beginning
        name = str(database.engine.url.database)
        with closing(sqlite3.connect(name)) as source, closing(sqlite3.connect(draft)) as copy:
            source.backup(copy)
        draft.replace(file)
    except OSError as error:
        raise click.ClickException(f"Cannot write {error.filename or file}: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise click.ClickException(f"The database cannot be copied to {file}: {error}.") from error
    click.echo(f"Copied the database to {file}.")
