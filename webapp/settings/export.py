"""Your data: all that Recado keeps of you, as one file."""

from typing import Any

from flask import Blueprint, Response, url_for

from webapp.db import now
from webapp.http import log_event_after_commit
from webapp.hybrid import redirect, render
from webapp.models.todos.export import export_of
from webapp.sessions import confirmation_required, current_account, is_confirmed, language, login_required, theme
from webapp.settings.downloads import download

bp = Blueprint("export", __name__, url_prefix="/settings/export")
FORMAT, VERSION = "recado", 1  # what the file says it is; the version changes when its readers would have to


@bp.get("")
@confirmation_required
def index() -> Response:
    return render("settings/export.html")


@bp.get("/recado.json")
@login_required
def take() -> Response:
    if not is_confirmed():
        return redirect(url_for(".index"))  # which asks: a file is no page to be led back to
    log_event_after_commit("exported")
    return download(f"recado-{now():%Y-%m-%d}.json", _document)


def _document() -> dict[str, Any]:
    about = {"format": FORMAT, "version": VERSION, "exported_at": now()}
    return about | {"preferences": {"language": language(), "theme": theme()}} | export_of(current_account())
