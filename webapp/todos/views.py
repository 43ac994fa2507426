"""The list: show, add, complete, change, move, delete, clear, undo; each verb once, for every client."""

from uuid import UUID

from flask import Blueprint, Response, abort, flash

from webapp.db import Missing, now
from webapp.hybrid import redirect, render
from webapp.hybrid.undo import offer_undo
from webapp.i18n import gettext as _
from webapp.i18n import ngettext
from webapp.models.todos.bulk import complete_todos
from webapp.models.todos.filters import PAGE_LIMIT
from webapp.models.todos.positions import MOVES, Crowded, move_todo
from webapp.models.todos.todo import find_todo, is_shown
from webapp.models.todos.trash import clear_completed, delete_todo
from webapp.models.todos.undo import undo_change
from webapp.models.todos.write import add_todo, add_todos, change_todo
from webapp.schemas import todo_json, todos_json
from webapp.sessions import current_account, login_required
from webapp.todos.forms import ChangeForm, LinesForm, TodoForm
from webapp.todos.listing import (
    TOOLBAR,
    current_filter,
    item_changed,
    list_changed,
    list_context,
    list_page,
    list_url,
    shown_todos,
    todo_or_404,
)

bp = Blueprint("todos", __name__, url_prefix="/todos")
NEW_FORM = "partials/todos/new_form.html"
EDIT_FIELDS = "partials/todos/edit_fields.html"


@bp.get("")
@login_required
def index() -> Response:
    return render(
        "todos/index.html",
        "partials/todos/list.html",
        json=list_page,
        todos=shown_todos,
        form=TodoForm(),
        **list_context(),
    )


@bp.get("/new")
@login_required
def new() -> Response:
    return render("todos/new.html", "partials/todos/lines_form.html", form=LinesForm(), **list_context())


@bp.post("")
@login_required
def create() -> Response:
    form = TodoForm()
    if not (form.validate_on_submit() and form.has_room()):
        return render("todos/index.html", NEW_FORM, form=form, todos=shown_todos, **list_context())
    edits = add_todo(current_account(), **form.given)
    todo = edits.todos[0]
    offer_undo(_("Added “%(title)s”.", title=todo.title), edits)
    return redirect(
        list_url(),  # without #: the browser puts the focus back into the text box, for the next one
        "partials/todos/item.html" if is_shown(todo, current_filter()) else None,
        into="todos",
        regions=(NEW_FORM, TOOLBAR),
        json=lambda: todo_json(todo),
        status=201,
        todo=todo,
        form=lambda: TodoForm(blank=True),
        **list_context(),
    )


@bp.post("/lines")
@login_required
def create_lines() -> Response:
    form = LinesForm()
    if not (form.validate_on_submit() and form.has_room()):
        return render("todos/new.html", "partials/todos/lines_form.html", form=form, **list_context())
    edits = add_todos(current_account(), form.lines.texts)
    offer_undo(ngettext("Added %(num)s to-do.", "Added %(num)s to-dos.", len(edits)), edits)
    return redirect(list_url(), json=lambda: todos_json(edits.todos), status=201)


@bp.get("/<uuid:id>")
@login_required
def show(id: UUID) -> Response:
    todo = todo_or_404(id)
    return render(
        "todos/show.html", "partials/todos/item.html", json=lambda: todo_json(todo), todo=todo, **list_context()
    )


@bp.get("/<uuid:id>/edit")
@login_required
def edit(id: UUID) -> Response:
    todo = find_todo(current_account(), id)
    form = ChangeForm()
    form.fill(todo)
    return render("todos/edit.html", EDIT_FIELDS, form=form, todo=todo, **list_context())


@bp.route("/<uuid:id>", methods=["POST", "PATCH"])
@login_required
def update(id: UUID) -> Response:
    form = ChangeForm()
    # First: sent again, it is answered again, whatever became of the to-do.
    valid = form.wants_deletion or form.validate_on_submit()
    todo = todo_or_404(id, deleted=bool(form.original.data), typed=True)
    gone = form.wants_deletion and todo.deleted_at
    if not valid or (not gone and form.check_conflict(todo)):
        status = 409 if valid else 422
        return render("todos/edit.html", EDIT_FIELDS, status=status, form=form, todo=todo, **list_context())
    if form.wants_deletion:
        return delete(id)
    edits = change_todo(current_account(), todo, **form.given)
    return item_changed(todo, edits, _("Saved “%(title)s”.", title=edits.latest(todo).title))


@bp.post("/<uuid:id>/complete", defaults={"completed": True})
@bp.post("/<uuid:id>/reopen", defaults={"completed": False})
@login_required
def complete(id: UUID, completed: bool) -> Response:
    todo = todo_or_404(id)
    said = _("Completed “%(title)s”.", title=todo.title) if completed else _("Reopened “%(title)s”.", title=todo.title)
    edits = change_todo(current_account(), todo, completed_at=now() if completed else None)
    return item_changed(todo, edits, said)


@bp.post(f"/<uuid:id>/move/<any({','.join(MOVES)}):to>", defaults={"position": None})
@bp.post(f"/<uuid:id>/move/<any({','.join(MOVES)}):to>/<int(signed=True):position>")
@login_required
def move(id: UUID, to: str, position: int | None) -> Response:
    todo = todo_or_404(id)
    try:
        edits = move_todo(current_account(), todo, to, current_filter(), position)
    except Crowded:
        abort(409, _("Too many to-dos share this place. Move it to the top or to the bottom."))
    offer_undo(_("Moved “%(title)s”.", title=todo.title), edits)
    return list_changed(list_url(todo), lambda: todo_json(find_todo(current_account(), id)))


@bp.post("/<uuid:id>/delete")
@bp.delete("/<uuid:id>")
@login_required
def delete(id: UUID) -> Response:
    todo = todo_or_404(id, deleted=True)
    offer_undo(_("Deleted “%(title)s”.", title=todo.title), delete_todo(current_account(), todo))
    return redirect(list_url(), gone=f"todo-{id}", regions=(TOOLBAR,), **list_context())


@bp.post("/complete", defaults={"completed": True})
@bp.post("/reopen", defaults={"completed": False})
@login_required
def complete_all(completed: bool) -> Response:
    edits = complete_todos(current_account(), completed=completed)
    if completed:
        said = ngettext("Completed %(num)s to-do.", "Completed %(num)s to-dos.", len(edits))
    else:
        said = ngettext("Reopened %(num)s to-do.", "Reopened %(num)s to-dos.", len(edits))
    offer_undo(said, edits)
    return list_changed(list_url())


@bp.post("/clear", defaults={"show": "completed"})
@bp.delete("")
@login_required
def clear(show: str | None = None) -> Response:
    if (show or current_filter()) != "completed":
        abort(400, _("Only ?show=completed can be deleted at once."))
    edits = clear_completed(current_account())
    offer_undo(ngettext("Cleared %(num)s completed to-do.", "Cleared %(num)s completed to-dos.", len(edits)), edits)
    return list_changed(list_url())


@bp.post("/undo/<uuid:id>")
@login_required
def undo(id: UUID) -> Response:
    try:
        undone = undo_change(current_account(), id)
    except Missing:
        abort(410, _("It is too late to undo this."))
    todos = undone.edits.todos
    if not todos and not undone.before:
        flash(_("It was changed again since; nothing was undone."), "warning")
    said = _("Undone.") if undone.again else _("Done again.")
    offer_undo(said, undone.edits, undoes=True, again=undone.again)
    return list_changed(list_url(todos[0] if len(todos) == 1 else None), lambda: todos_json(todos[:PAGE_LIMIT]))
