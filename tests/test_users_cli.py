"""`flask --app wsgi user …`: accounts from the command line, for whoever runs Recado."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from tests.conftest import running
from tests.support.clients import Page
from tests.support.people import PASSWORD, log_in, make_account, turn_on, user_names
from webapp.db import now

NEW = "four green kites by the sea"
URL = "https://todo.example.org"


@pytest.fixture
def invite_app(tmp_path: Path) -> Iterator[Flask]:
    yield from running(tmp_path, f"sqlite:///{tmp_path / 'test.sqlite3'}", registration="invite")


def run(app: Flask, *args: str, **kwargs: Any) -> Result:
    return app.test_cli_runner().invoke(args=["user", *args], **kwargs)


def event(result: Result) -> dict[str, Any]:
    """What a command writes for whoever keeps what bears on security, without the moment."""
    (line,) = result.stderr.splitlines()
    return {name: value for name, value in json.loads(line).items() if name != "time"}


def refusal(app: Flask, *args: str, **kwargs: Any) -> str:
    """What a command says that fails; it does so in one sentence."""
    result = run(app, *args, **kwargs)
    assert result.exit_code == 1
    return result.output.splitlines()[-1].removeprefix("Error: ")


def test_an_account_is_made_with_a_password_that_is_asked_for_twice(any_app: Flask) -> None:
    result = run(any_app, "create", "Ana", input=f"{PASSWORD}\n{PASSWORD}\n")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "Made the account ana, which administers.")
    assert PASSWORD not in result.output
    result = run(any_app, "create", "bob", input=f"{PASSWORD}\nanother one, mistyped\n{PASSWORD}\n{PASSWORD}\n")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "Made the account bob.")
    visitor = Page(any_app)
    log_in(visitor, "ana")
    visitor.go("/admin")
    visitor.follow("bob")
    assert "Administrator" not in visitor.text()


def test_a_password_is_read_from_standard_input(app: Flask) -> None:
    assert run(app, "create", "ana", "--password-stdin", input=f"{PASSWORD}\n").exit_code == 0
    result = run(app, "create", "bob", "--admin", "--password-stdin", input=PASSWORD)
    assert result.stdout == "Made the account bob, which administers.\n"
    visitor = Page(app)
    log_in(visitor, "bob")
    assert visitor.alert() == "Welcome back, bob!"
    visitor.go("/admin")
    assert visitor.status == 200


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("ana", PASSWORD, "Somebody has the user name ana already."),
        ("ANA", PASSWORD, "Somebody has the user name ANA already."),
        (" ", PASSWORD, "Give a user name."),
        ("x" * 61, PASSWORD, "This has 61 characters; 60 is the most."),
        ("bob", "short", "This has 5 characters; take 15 or more."),
        ("bob", "", "This has 0 characters; take 15 or more."),
        ("zebulon", "Zebulon recado Zebulon", "This is one of the first that somebody would try."),
    ],
)
def test_what_the_page_refuses_is_refused_here_too(app: Flask, name: str, password: str, said: str) -> None:
    make_account(app, "ana")
    assert refusal(app, "create", name, "--password-stdin", input=password).startswith(said)
    assert user_names(app) == ["ana"]


def test_the_list_is_a_table_of_those_with_an_account(app: Flask) -> None:
    make_account(app, "root")
    make_account(app, "ana")
    Page(app).enter("Guest")
    visitor = Page(app)
    log_in(visitor, "root")
    run(app, "disable", "ana")
    today = f"{now():%Y-%m-%d}"
    assert run(app, "list").stdout.splitlines() == [
        "USER NAME  NAME  SINCE       LAST SEEN   STATE",
        f"ana        ana   {today}  -           shut",
        f"root       root  {today}  {today}  open, administers",
    ]


def test_an_invitation_leads_to_an_account(invite_app: Flask) -> None:
    result = run(invite_app, "invite", "--url", f"{URL}/")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{URL}/register?invite=")
    visitor = Page(invite_app)
    visitor.go(result.stdout.strip().removeprefix(URL))
    visitor.press("Make my account", user_name="ana", password=PASSWORD)
    assert user_names(invite_app) == ["ana"]


def test_where_it_leads_nowhere_none_is_made(app: Flask) -> None:
    said = "An invitation leads nowhere: RECADO_REGISTRATION is open, not invite."
    assert refusal(app, "invite", "--url", URL) == said


def test_a_reset_link_leads_to_a_new_password(app: Flask) -> None:
    make_account(app, "ana")
    link = run(app, "reset", "ANA", "--url", URL).stdout.strip()
    visitor = Page(app)
    visitor.go(link.removeprefix(URL))
    visitor.press("Change my password", new_password=NEW)
    log_in(visitor, "ana", NEW)
    assert visitor.url == "/todos"


def test_the_public_address_is_the_links_own(tmp_path: Path) -> None:
    settings = {"public_url": URL, "registration": "invite"}
    for app in running(tmp_path, f"sqlite:///{tmp_path / 'test.sqlite3'}", **settings):
        make_account(app, "ana")
        for args in (["invite"], ["reset", "ana"]):
            assert run(app, *args).stdout.startswith(f"{URL}/re")
            assert run(app, *args, "--url", "http://localhost:8000").stdout.startswith("http://localhost:8000/re")


def test_without_an_address_there_is_no_link(invite_app: Flask) -> None:
    make_account(invite_app, "ana")
    for args in (["invite"], ["reset", "ana"]):
        assert "Set RECADO_PUBLIC_URL" in refusal(invite_app, *args)
        assert refusal(invite_app, *args, "--url", "todo.example.org").startswith("--url is not an address")


def test_an_account_is_shut_and_opened_again(app: Flask) -> None:
    make_account(app, "root")
    make_account(app, "ana")
    visitor = Page(app)
    log_in(visitor, "ana")
    assert run(app, "disable", "ana").stdout == "The account ana is shut.\n"
    visitor.go("/todos")
    assert visitor.url == "/?next=/todos"
    log_in(visitor, "ana")
    assert visitor.error() == "This account is shut. Whoever runs Recado here can open it again."
    for _ in range(2):
        assert run(app, "enable", "ana").stdout == "The account ana is open.\n"
    log_in(visitor, "ana")
    assert visitor.url == "/todos"


def test_who_lost_the_second_factor_gets_in_by_the_password(any_app: Flask) -> None:
    make_account(any_app, "ana")
    visitor = Page(any_app)
    log_in(visitor, "ana")
    assert refusal(any_app, "second-factor-off", "ana") == "ana has no second factor."
    _, (code, *_) = turn_on(visitor)
    result = run(any_app, "second-factor-off", "ANA")
    assert result.stdout == "ana logs in by the password alone now, and is logged out everywhere.\n"
    assert event(result)["message"] == "second_factor_removed"
    visitor.go("/todos")
    assert visitor.url == "/?next=/todos"
    log_in(visitor, "ana")
    assert visitor.url == "/todos"
    turn_on(visitor)
    other = Page(any_app)
    log_in(other, "ana")
    other.press("Log in", code=code)  # of the one that was lost
    assert other.status == 422


def test_what_a_command_did_is_written_as_the_server_writes_it(invite_app: Flask) -> None:
    deeds = (
        (["create", "ana", "--password-stdin"], "registered"),
        (["reset", "ana", "--url", URL], "reset_link_made"),
        (["create", "bob", "--password-stdin"], "registered"),
        (["disable", "bob"], "account_shut"),
        (["enable", "bob"], "account_opened"),
    )
    common = {"level": "info", "logger": "recado.security", "client": "command"}
    for args, message in deeds:
        result = run(invite_app, *args, input=PASSWORD)
        assert event(result) == common | {"message": message, "user": args[1]}
        assert PASSWORD not in result.stderr
    result = run(invite_app, "invite", "--url", URL)
    assert event(result) == common | {"message": "invited"}
    assert run(invite_app, "list").stderr == ""
    assert run(invite_app, "disable", "ana").stderr.startswith("Error: ")  # and nothing else was done


def test_the_last_administrator_stays(app: Flask) -> None:
    make_account(app, "root")
    assert refusal(app, "disable", "root") == "Somebody has to administer; make another administrator first."
    assert run(app, "create", "eva", "--admin", "--password-stdin", input=PASSWORD).exit_code == 0
    assert run(app, "disable", "root").exit_code == 0


@pytest.mark.parametrize(
    "args", [["reset", "eva", "--url", URL], ["disable", "eva"], ["enable", "eva"], ["second-factor-off", "eva"]]
)
def test_nobody_is_told_by_name(app: Flask, args: list[str]) -> None:
    make_account(app, "ana")
    Page(app).enter("eva")  # a guest has a name, but no user name
    assert refusal(app, *args) == "Nobody has the user name eva."
