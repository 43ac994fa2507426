"""Commands: `flask --app wsgi …`."""

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from wtforms.validators import StopValidation

from webapp.db import Database
from webapp.hybrid import check_line
from webapp.models.account import NAME_LIMIT, accounts_named, add_account
from webapp.models.token import add_token

tokens = AppGroup("token", help="Bearer tokens, which let programs act on a list.")


def init_app(app: Flask) -> None:
    app.cli.add_command(tokens)


@tokens.command("create")
@click.argument("name")
def create_token(name: str) -> None:
    """Make a token for the account NAME, and the account where there is none; prints it once."""
    try:
        check_line(name := name.strip(), NAME_LIMIT, "Give a name.")
    except StopValidation as error:
        raise click.ClickException(str(error)) from error
    database: Database = current_app.extensions["database"]
    with database.transaction(write=True) as transaction:
        accounts = accounts_named(name)
        if len(accounts) > 1:
            raise click.ClickException(f"{len(accounts)} accounts have this name; make the token on the page instead.")
        token = add_token(accounts[0] if accounts else add_account(name))
        transaction.commit()
    click.echo(token)
