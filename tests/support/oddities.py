"""Views that misbehave, as a room's may: what the hall makes of their answers is the same whoever wrote them."""

from typing import NoReturn

import flask
from flask import Blueprint, Response, abort, flash, request, session
from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import TooManyRequests

from webapp import hybrid
from webapp.db import Conflict, connection
from webapp.models.todos.write import add_todo
from webapp.sessions import current_account
from webapp.welcome.forms import NameForm

bp = Blueprint("odd", __name__, url_prefix="/odd")
BOTH = ("GET", "POST")


def mount(app: flask.Flask) -> None:
    """Open these views to every client; possible before an app's first request only."""
    app.register_blueprint(bp)
    app.register_blueprint(bp, name="odd_api", url_prefix="/api/v1/odd")


@bp.route("/fail", methods=BOTH)
def fail() -> NoReturn:
    raise RuntimeError("a secret detail")


@bp.route("/own-words", methods=BOTH)
def own_words() -> NoReturn:
    abort(int(request.args["status"]), "Not on <Sundays>.")


@bp.route("/busy", methods=BOTH)
def busy() -> NoReturn:
    raise TooManyRequests(retry_after=30)


@bp.route("/conflict", methods=BOTH)
def conflict() -> NoReturn:
    raise Conflict


@bp.route("/doubled", methods=BOTH)
def doubled() -> NoReturn:
    raise IntegrityError("INSERT", {}, Exception("somebody else was faster, again and again"))


@bp.route("/broken", methods=BOTH)
def broken() -> NoReturn:
    connection().execute(text("SELECT * FROM nowhere"))
    raise AssertionError


@bp.post("/uncommitted")
def uncommitted() -> Response:
    """Add a to-do and answer well, but the database cannot keep it."""

    def full(_: Connection) -> NoReturn:
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    event.listen(connection(), "commit", full)
    add_todo(current_account(), "Lost")
    return Response("ok")


@bp.post("/refuse")
def refuse() -> NoReturn:
    """Change everything that a view can, and refuse the request then."""
    add_todo(current_account(), "Lost")
    session["kept"] = "Lost"
    flash("Lost")
    abort(int(request.args["status"]))


@bp.route("/redirect", methods=BOTH)
def redirect() -> Response:
    response = flask.redirect(request.args["to"])
    if "abort" in request.args:
        abort(response)
    return response  # type: ignore[return-value]


@bp.post("/beside")
def beside() -> Response:
    """Change nothing but what follows: a region beside it."""
    form = NameForm(blank=True)
    return hybrid.redirect("/todos", regions=("partials/welcome/name_form.html",), form=form, account=None, next=None)


@bp.route("/flash", methods=BOTH)
def say() -> Response:
    flash("Said")
    return Response('<p id="said"></p>', int(request.args.get("status", 200)))


@bp.get("/tagged")
def tagged() -> Response:
    response = Response('<p id="tagged"></p>')
    response.set_etag("same", weak="weak" in request.args)
    return response


@bp.get("/slash/")
def slash() -> Response:
    return Response('<p id="slash"></p>')
