"""What the `type` of each problem leads to: a page for whoever writes a program."""

from flask import Blueprint, Response

from webapp.db import Missing
from webapp.hybrid import render
from webapp.hybrid.problem_types import PROBLEM_TYPES

bp = Blueprint("problems", __name__)


@bp.get("")
def index() -> Response:
    return render("api/problems.html", kinds=PROBLEM_TYPES)


@bp.get("/<problem>")
def show(problem: str) -> Response:
    if problem not in PROBLEM_TYPES:
        raise Missing
    return render("api/problem.html", name=problem, kind=PROBLEM_TYPES[problem])
