"""The way to everything that belongs to a person beside the list."""

from flask import Blueprint, Response

from webapp.hybrid import render
from webapp.sessions import current_account, login_required

bp = Blueprint("settings", __name__, url_prefix="/settings")


@bp.get("")
@login_required
def index() -> Response:
    return render("settings/index.html", account=current_account())
