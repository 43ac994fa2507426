"""The plain Flask app with Flask-Session, which keeps the session in a table of the same database."""

from flask import Flask
from flask_session import Session

from bench.exactly_once.peers import plain_flask


def make_app() -> Flask:
    app = plain_flask.make_app()
    app.config["SESSION_TYPE"] = "sqlalchemy"
    app.config["SESSION_SQLALCHEMY"] = plain_flask.db
    Session(app)
    return app
