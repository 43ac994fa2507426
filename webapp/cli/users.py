"""Commands for accounts: `flask --app wsgi user …`, for whoever may log in to the machine itself."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import current_app
from wtforms.validators import StopValidation

from webapp.auth import check_password
from webapp.cli.commands import Commands
from webapp.config import PREFIX, ConfigurationError, public_url
from webapp.db import Database, Missing
from webapp.forms import check_line
from webapp.logs import JSONLines
from webapp.models.accounts.account import NAME_LIMIT
from webapp.models.accounts.administration import (
    Person,
    find_person,
    is_last_administrator,
    people,
    remove_second_factor,
    set_administrator,
    shut_account,
)
from webapp.models.accounts.login import enable_account, register_account
from webapp.models.accounts.one_time_link import INVITE, RESET, add_link
from webapp.models.accounts.password import hash_password

users = Commands("user", help="Accounts that somebody can log in to.")
address = click.option("--url", help="Where people reach Recado; RECADO_PUBLIC_URL, if that is set.")
HEADINGS = ("USER NAME", "NAME", "SINCE", "LAST SEEN", "STATE")


@users.command("list")
def index() -> None:
    """Print who has an account."""
    database: Database = current_app.extensions["database"]
    with database.transaction(write=False):
        rows = [HEADINGS, *map(_row, people())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


@users.command("create")
@click.argument("user_name")
@click.option("--admin", is_flag=True, help="Let it administer; the first account does so anyway.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input rather than ask for it.")
def create(user_name: str, admin: bool, password_stdin: bool) -> None:
    """Make an account; asks for its password."""
    try:
        check_line(user_name := user_name.strip(), NAME_LIMIT, "Give a user name.")
        password = _piped() if password_stdin else _asked()
        check_password(password, user_name)
    except StopValidation as error:
        raise click.ClickException(str(error)) from error
    hashed = hash_password(password)
    with _writing():
        account = register_account(None, user_name, hashed)
        if account is None:
            raise click.ClickException(f"Somebody has the user name {user_name} already.")
        if admin:
            set_administrator(account, is_admin=True)
    _note("registered", user=account.user_name)
    click.echo(f"Made the account {account.user_name}{', which administers' * (admin or account.is_admin)}.")


def _piped() -> str:
    """The first line of standard input, without the byte order mark that some shells put before it."""
    return sys.stdin.buffer.readline().decode("utf-8-sig").rstrip("\r\n")


@users.command("invite")
@address
def invite(url: str | None) -> None:
    """Print a link by which one person can register within seven days."""
    if (registration := current_app.config["REGISTRATION"]) != "invite":
        raise click.ClickException(f"An invitation leads nowhere: RECADO_REGISTRATION is {registration}, not invite.")
    origin = _public_address(url)
    with _writing():
        token = add_link(INVITE, by=None)
    _note("invited")
    click.echo(origin + _path("accounts.register", invite=token))


@users.command("reset")
@click.argument("user_name")
@address
def reset(user_name: str, url: str | None) -> None:
    """Print a link by which USER_NAME can choose a new password within a day."""
    origin = _public_address(url)
    with _writing():
        account = _found(user_name).account
        token = add_link(RESET, by=None, account=account)
    _note("reset_link_made", user=account.user_name)
    click.echo(origin + _path("links.reset", token=token))


@users.command("disable")
@click.argument("user_name")
def disable(user_name: str) -> None:
    """Shut an account: its sessions end, and nobody can log in to it."""
    with _writing():
        account = _found(user_name).account
        if is_last_administrator(account):
            raise click.ClickException("Somebody has to administer; make another administrator first.")
        shut_account(account)
    _note("account_shut", user=account.user_name)
    click.echo(f"The account {account.user_name} is shut.")


@users.command("enable")
@click.argument("user_name")
def enable(user_name: str) -> None:
    """Open an account again that was shut."""
    with _writing():
        account = _found(user_name).account
        enable_account(account)
    _note("account_opened", user=account.user_name)
    click.echo(f"The account {account.user_name} is open.")


@users.command("second-factor-off")
@click.argument("user_name")
def take_off_second_factor(user_name: str) -> None:
    """Let USER_NAME, who has lost the second factor and the recovery codes, log in by the password alone."""
    with _writing():
        account = _found(user_name).account
        removed = remove_second_factor(account)
    if not removed:
        raise click.ClickException(f"{account.user_name} has no second factor.")
    _note("second_factor_removed", user=account.user_name)
    click.echo(f"{account.user_name} logs in by the password alone now, and is logged out everywhere.")


@contextmanager
def _writing() -> Iterator[None]:
    """A transaction that is kept unless an exception ends it."""
    database: Database = current_app.extensions["database"]
    with database.transaction(write=True) as transaction:
        yield
        transaction.commit()


def _note(event: str, **facts: str | None) -> None:
    """Say an event that bears on security as the server does: one line on standard error (webapp/logs.py)."""
    record = {"name": "recado.security", "levelname": "INFO", "msg": event, "facts": {"client": "command"} | facts}
    click.echo(JSONLines().format(logging.makeLogRecord(record)), err=True)


def _row(person: Person) -> tuple[str, ...]:
    state = "shut" if person.disabled_at else "leaving" if person.leaving_at else "open"
    return (
        person.account.user_name or "",
        person.account.name,
        f"{person.account.created_at:%Y-%m-%d}",
        f"{person.seen_at:%Y-%m-%d}" if person.seen_at else "-",
        f"{state}, administers" if person.account.is_admin else state,
    )


def _found(user_name: str) -> Person:
    try:
        return find_person(user_name=user_name)
    except Missing as error:
        raise click.ClickException(f"Nobody has the user name {user_name}.") from error


def _asked() -> str:
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _public_address(url: str | None) -> str:
    try:
        address = public_url(url, "--url", PREFIX)
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from error
    root = current_app.config["APPLICATION_ROOT"].rstrip("/")
    public = current_app.config["PUBLIC_ORIGIN"]
    if not (address or public):
        raise click.ClickException("Where do people reach Recado? Set RECADO_PUBLIC_URL, or give --url https://….")
    return address or f"{public}{root}"


def _path(endpoint: str, **values: Any) -> str:
    return current_app.url_map.bind("").build(endpoint, values)
