"""The API for people to read: every operation with examples, from the same document as programs get."""

from typing import Any

from flask import Blueprint, Response, current_app

from webapp.api.code_samples import curl, pretty, python
from webapp.api.openapi import BODIES, body_of, current_document
from webapp.api.responses import EVERYWHERE
from webapp.http import public_origin
from webapp.hybrid import render
from webapp.hybrid.problem_types import PROBLEM_TYPES
from webapp.models.sessions.submission import KEY_AGE
from webapp.models.todos.filters import PAGE_LIMIT
from webapp.models.todos.sync import SINCE_AGE

bp = Blueprint("reference", __name__)


@bp.get("")
def index() -> Response:
    document = current_document()
    base = public_origin() + document["servers"][0]["url"]
    shapes = document["components"]["schemas"]
    return render(
        "api/index.html",
        base=base,
        groups=_groups(document, base),
        shapes={
            name: shape | {"example": pretty(shape["examples"][0])}
            for name, shape in shapes.items()
            if name not in BODIES.values()  # they stand with their operations
        },
        problems=PROBLEM_TYPES,
        everywhere=EVERYWHERE,
        days=KEY_AGE.days,
        since=SINCE_AGE.days,
        most=PAGE_LIMIT,
        limit=current_app.config["MAX_CONTENT_LENGTH"] // 1024,
    )


def _groups(document: dict[str, Any], base: str) -> dict[str, list[dict[str, Any]]]:
    """The operations by their tags, each with its method, its path and how it is called."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for name in current_app.extensions["contract"].operations:  # in whose order they are best read
        method, _, path = name.partition(" ")
        told = document["paths"][path][method.lower()] | {"method": method, "path": path}
        told |= {"curl": curl(told, base), "python": python(told), "body": body_of(told, document)}
        groups.setdefault(told["tags"][0], []).append(told)
    return groups
