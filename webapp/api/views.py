"""The API's index: where a program begins."""

from flask import Blueprint, Response, url_for

from webapp.hybrid import public_origin, render

bp = Blueprint("index", __name__)


@bp.get("/")
def index() -> Response:
    return render("error.html", json={"todos": public_origin() + url_for("api.todos.index")})
