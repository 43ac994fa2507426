"""Todo-Backend (todobackend.com): the list's own verbs at a secret address, and what is otherwise at its root."""

from typing import Any

from flask import Blueprint, Response, url_for
from flask.blueprints import BlueprintSetupState

from webapp.http.exchange import exchange
from webapp.hybrid import redirect, render
from webapp.hybrid.undo import offer_undo
from webapp.i18n import ngettext
from webapp.models.todos.bulk import BULK_LIMIT
from webapp.models.todos.todo import todos_of
from webapp.models.todos.trash import clear_all
from webapp.schemas import todos_json
from webapp.sessions import current_account, login_required

PREFIX = "/compat/todo-backend/<secret>"


def blueprint(todos: Blueprint) -> Blueprint:
    """The blueprint of to-dos at the secret address; its root means all to-dos, by rules that come first."""
    bp = Blueprint("compat", __name__, url_prefix=PREFIX)
    bp.url_value_preprocessor(_leave_secret_out)
    bp.url_defaults(_stay_at_this_address)
    bp.add_url_rule("/", view_func=index)
    bp.add_url_rule("/", view_func=clear, methods=["DELETE"])
    bp.register_blueprint(todos, url_prefix="/")
    bp.record(_put_as_patch)
    return bp


def _put_as_patch(state: BlueprintSetupState) -> None:
    """Let front ends that send a to-do whole say PUT."""
    state.add_url_rule("/<uuid:id>", endpoint="todos.update", methods=["PUT"])


@login_required
def index() -> Response:
    """The whole list, whatever stands in the query: these front ends know no pages. No browser shows more than this."""
    return render(json=lambda: todos_json(todos_of(current_account(), most=BULK_LIMIT)))


@login_required
def clear() -> Response:
    """Put all to-dos into the trash."""
    edits = clear_all(current_account())
    said = ngettext("Deleted %(num)s to-do.", "Deleted %(num)s to-dos.", len(edits))
    offer_undo(said, edits, view="compat.todos.undo")
    return redirect(url_for("compat.todos.index"))


def _leave_secret_out(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Spare the views what was read already."""
    (values or {}).pop("secret", None)


def _stay_at_this_address(_endpoint: str, values: dict[str, Any]) -> None:
    values.setdefault("secret", exchange().secret)
