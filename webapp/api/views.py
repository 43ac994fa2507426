"""Where a program begins: the API's index, and the document that describes all of it."""

from flask import Blueprint, Response, url_for

from webapp.api.openapi import current_document
from webapp.api.schemas import IndexJSON
from webapp.http import public_origin
from webapp.hybrid import render

bp = Blueprint("index", __name__)


@bp.get("/")
def index() -> Response:
    origin = public_origin()
    addresses: IndexJSON = {
        "todos": origin + url_for("api.todos.index"),
        "changes": origin + url_for("api.changes.index"),
        "batch": origin + url_for("api.batch.create"),
        "trash": origin + url_for("api.trash.index"),
        "openapi": origin + url_for(".openapi"),
        "documentation": origin + url_for("reference.index"),
    }
    return render(json=addresses)


@bp.get("/openapi.json")
def openapi() -> Response:
    response = render(json=current_document())
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Accept-Language")
    return response
