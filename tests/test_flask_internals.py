"""What Recado needs of Flask beyond its public face does what it is needed for, by the Flask that is installed."""

from flask import Flask, flash, g, get_flashed_messages, request, session
from werkzeug.test import EnvironBuilder

from webapp.http.flask_internals import addresses, forget_host, request_within, start_over


def test_the_addresses_are_those_of_the_request(app: Flask) -> None:
    with app.test_request_context("/todos"):
        ours = addresses()
        assert ours
        assert ours.test("/todos", "GET")
        assert not ours.test("/nowhere", "GET")


def test_a_request_to_no_host_of_ours_has_links_all_the_same(app: Flask) -> None:
    with app.test_request_context("/", base_url="http://elsewhere.example"):
        forget_host()
        ours = addresses()
        assert ours
        assert ours.build("todos.index") == "/todos"
        assert request.host == ""


def test_a_second_attempt_finds_nothing_of_the_first(app: Flask) -> None:
    with app.test_request_context("/todos"):
        flash("Added.")
        get_flashed_messages()
        first = session._get_current_object()  # type: ignore[attr-defined]
        again = start_over(app)
        assert again is not first
        assert session._get_current_object() is again  # type: ignore[attr-defined]


def test_a_request_within_has_its_own_path_and_its_own_g(app: Flask) -> None:
    with app.test_request_context("/todos"):
        g.mine = "outer"
        with request_within(EnvironBuilder("/trash").get_environ()) as within:
            assert within is app
            assert request.path == "/trash"
            assert "mine" not in g
            g.mine = "inner"
        assert (request.path, g.mine) == ("/todos", "outer")
