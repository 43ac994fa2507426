"""Undo: what was done is said with a button that takes it back; programs get a Link to the same (RFC 8288)."""

from urllib.parse import urlencode

from flask import flash, request, url_for

from webapp.http.exchange import exchange
from webapp.hybrid import with_action
from webapp.i18n import gettext as _
from webapp.models.todos.bulk import BULK_LIMIT
from webapp.models.todos.write import Edits


def with_rest(said: str, count: int) -> str:
    """What was done to so many at once; and, where that is as many as may be, what to do about the others."""
    rest = _("That is as many as go at once: if any are left, do it again.")
    return f"{said} {rest}" if count >= BULK_LIMIT else said


def offer_undo(said: str, edits: Edits, *, undoes: bool = False, again: bool = True, view: str = ".undo") -> None:
    """Say what was done, with a button to `view`, which takes it back; what changed nothing is not worth a word.

    undoes: whether it took something back itself. again: whether that, too, can be taken back.
    """
    if not edits:
        return
    if not undoes:
        said = with_rest(said, len(edits))
    here = f"?{urlencode([*request.args.items(multi=True)])}".removesuffix("?")
    undo = exchange().undo = url_for(view, id=edits.undo_id) + here if again else None
    label, shortcut = (_("Redo"), "Control+Shift+Z") if undoes else (_("Undo"), "Control+Z")
    flash(with_action(said, label, undo, shortcut) if undo else said, "success")
