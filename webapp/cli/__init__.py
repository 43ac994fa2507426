"""Commands: `flask --app wsgi …`."""

import click
from flask import Flask, current_app
from wtforms.validators import StopValidation

from webapp.cli.backup import backup
from webapp.cli.commands import Commands
from webapp.cli.users import users
from webapp.db import Database
from webapp.forms import check_line
from webapp.models.accounts.account import NAME_LIMIT, accounts_named, add_account
from webapp.models.accounts.administration import end_all_sessions
from webapp.models.accounts.token import COUNT_LIMIT, add_token, may_add_token
from webapp.models.accounts.token import NAME_LIMIT as TOKEN_NAME_LIMIT
from webapp.models.housekeeping import prune_deleted, prune_expired

tokens = Commands("token", help="Bearer tokens, which let programs act on a list.")
sessions = Commands("sessions", help="Browsers' sessions.")
trash = Commands("trash", help="Deleted to-dos.")


def init_app(app: Flask) -> None:
    for group in (tokens, users, sessions, trash):
        app.cli.add_command(group)
    app.cli.add_command(backup)


@sessions.command("prune")
def prune() -> None:
    """Delete what has expired: sessions, submissions and undo information."""
    click.echo(f"Deleted {prune_expired(_database())} expired rows.")


@sessions.command("end")
@click.option("--guests", is_flag=True, help="Of guests, too: nobody can open their lists any more.")
def end(guests: bool) -> None:
    """Log everybody out who has an account, in every browser."""
    with _database().transaction(write=True) as transaction:
        ended = end_all_sessions(guests=guests)
        transaction.commit()
    click.echo(f"Ended {ended} sessions.")


@trash.command("prune")
def prune_trash() -> None:
    """Delete for good what lies in the trash for too long."""
    click.echo(f"Deleted {prune_deleted(_database())} to-dos for good.")


@tokens.command("create")
@click.argument("name")
@click.argument("purpose", default="")
def create_token(name: str, purpose: str) -> None:
    """Make a token for the account NAME, and the account where there is none; prints it once.

    PURPOSE, if given, says on the page what the token is for. It may read and change the list, and never expires.
    """
    try:
        check_line(name := name.strip(), NAME_LIMIT, "Give a name.")
        if purpose := purpose.strip():
            check_line(purpose, TOKEN_NAME_LIMIT, "Give a purpose.")
    except StopValidation as error:
        raise click.ClickException(str(error)) from error
    with _database().transaction(write=True) as transaction:
        accounts = accounts_named(name)
        if len(accounts) > 1:
            raise click.ClickException(f"{len(accounts)} accounts have this name; make the token on the page instead.")
        account = accounts[0] if accounts else add_account(name)
        if not may_add_token(account):
            raise click.ClickException(f"The account has {COUNT_LIMIT} tokens, and there can be no more.")
        token = add_token(account, purpose)
        transaction.commit()
    click.echo(token)


def _database() -> Database:
    return current_app.extensions["database"]  # type: ignore[no-any-return]
