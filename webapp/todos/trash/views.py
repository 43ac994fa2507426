"""The trash: look into it, bring back, delete for good, empty."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, url_for

from webapp.db import Missing, now
from webapp.forms import ROWS, Rows, page, rows
from webapp.hybrid import Page, check_version, redirect, render
from webapp.hybrid.undo import offer_undo, with_rest
from webapp.i18n import gettext as _
from webapp.i18n import ngettext
from webapp.models.todos.filters import PAGE
from webapp.models.todos.todo import COUNTED, TRASH_AGE, TodoRow, find_todo
from webapp.models.todos.trash import count_trash, destroy_todo, empty_trash, restore_todo, trash_page_of
from webapp.schemas import todo_json
from webapp.sessions import current_account, login_required
from webapp.todos.trash.forms import DeleteForm, EmptyQuery, TrashQuery
from webapp.todos.trash.schemas import trash_json

bp = Blueprint("trash", __name__, url_prefix="/trash")
LIST = "partials/trash/list.html"


@bp.get("")
@login_required
def index() -> Response:
    return render("trash/index.html", LIST, json=_json_page, todos=_page, days=TRASH_AGE.days)


@bp.post("/<uuid:id>/restore")
@login_required
def restore(id: UUID) -> Response:
    todo = _wanted(id)
    edits = restore_todo(current_account(), todo)
    offer_undo(_("“%(title)s” is back on your list.", title=todo.title), edits, view="todos.undo")
    return _changed(json=lambda: todo_json(edits.latest(todo)))


@bp.get("/<uuid:id>/delete")
@login_required
def ask_to_delete(id: UUID) -> Response:
    return render("trash/delete.html", todo=_in_trash(id), form=DeleteForm())


@bp.post("/<uuid:id>/delete")
@bp.delete("/<uuid:id>")
@login_required
def delete(id: UUID) -> Response:
    form = DeleteForm()
    valid = form.validate_on_submit()  # before it is looked for: sent twice, it is gone the second time
    todo = _in_trash(id)
    if not valid:
        return render("trash/delete.html", todo=todo, form=form)
    destroy_todo(current_account(), todo)
    flash(_("Deleted “%(title)s” for good.", title=todo.title), "success")
    return _changed()


@bp.get("/empty")
@login_required
def ask_to_empty() -> Response:
    count = count_trash(current_account())
    return render("trash/empty.html", count=count, is_capped=count >= COUNTED, until=now().isoformat())


@bp.post("/empty")
@bp.delete("")
@login_required
def empty() -> Response:
    until = EmptyQuery().checked().until.data or now()
    if count := empty_trash(current_account(), until):
        said = ngettext("Deleted %(num)s to-do for good.", "Deleted %(num)s to-dos for good.", count)
        flash(with_rest(said, count), "success")
    return _changed()


def _json_page() -> Page:
    """The page of the trash that a program asks for."""
    query = TrashQuery().checked()
    todos, last = trash_page_of(current_account(), query.limit.data or PAGE, query.cursor.data)
    return page(trash_json(todos), query.cursor.after(query, last) if last else None)


def _page() -> Rows:
    """What a page of the trash shows."""
    return rows(TrashQuery, lambda after: trash_page_of(current_account(), ROWS, after))


def _wanted(id: UUID) -> TodoRow:
    todo = find_todo(current_account(), id, deleted=True)
    check_version(todo.version)
    return todo


def _in_trash(id: UUID) -> TodoRow:
    todo = _wanted(id)
    if not todo.deleted_at:
        raise Missing
    return todo


def _changed(**outcome: Any) -> Response:
    return redirect(url_for(".index"), LIST, todos=_page, days=TRASH_AGE.days, **outcome)
