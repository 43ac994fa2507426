"""The commands of `flask --app wsgi`."""

from flask import Flask

from tests.clients import Page, Program


def test_a_token_is_made_for_a_new_account(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["token", "create", "Ana"])
    assert result.exit_code == 0
    program = Program(app)
    program.token = result.output.strip()
    assert program.call("POST", "/todos", {"title": "Buy milk"})["title"] == "Buy milk"


def test_a_token_is_made_for_the_account_of_that_name(app: Flask) -> None:
    ana = Page(app)
    ana.enter("Ana")
    ana.add("Buy milk")
    program = Program(app)
    program.token = app.test_cli_runner().invoke(args=["token", "create", "Ana"]).output.strip()
    assert program.titles() == ["Buy milk"]


def test_of_two_of_the_same_name_none_is_guessed_at(app: Flask) -> None:
    for _ in range(2):
        Page(app).enter("Ana")
    result = app.test_cli_runner().invoke(args=["token", "create", "Ana"])
    assert result.exit_code == 1
    assert "2 accounts have this name" in result.output


def test_a_name_that_the_page_refuses_is_refused_here_too(app: Flask) -> None:
    for name in ("", "  ", "x" * 61, "a\tb"):
        result = app.test_cli_runner().invoke(args=["token", "create", name])
        assert result.exit_code == 1
        assert "Traceback" not in result.output
