"""The list: show, add, complete, change, move, delete, restore, clear; each verb once, for every client."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.hybrid import current_account, login_required, redirect, render, with_action
from webapp.models.todo import (
    MOVES,
    SHOWS,
    TodoRow,
    add_todo,
    change_todo,
    clear_completed,
    complete_todos,
    count_todos,
    delete_todo,
    find_todo,
    is_shown,
    move_todo,
    restore_todo,
    todos_of,
)
from webapp.todos.forms import ChangeForm, LinesForm, TodoForm
from webapp.todos.labels import labels
from webapp.todos.schemas import todo_json

bp = Blueprint("todos", __name__)
TOOLBAR = "partials/todos/toolbar.html"
NEW_FORM = "partials/todos/new_form.html"


@bp.get("/todos")
@login_required
def index() -> Response:
    todos = todos_of(current_account(), _show())
    return render(
        "todos/index.html",
        "partials/todos/list.html",
        json=lambda: [todo_json(todo) for todo in todos],
        todos=todos,
        form=TodoForm(),
        **_surroundings(),
    )


@bp.get("/todos/new")
@login_required
def new() -> Response:
    return render("todos/new.html", "partials/todos/lines_form.html", form=LinesForm(), **_surroundings())


@bp.post("/todos")
@login_required
def create() -> Response:
    form = TodoForm()
    if not form.validate_on_submit():
        todos = todos_of(current_account(), _show())
        return render("todos/index.html", NEW_FORM, form=form, todos=todos, **_surroundings())
    completed = bool(form.completed.data)
    todo = add_todo(current_account(), form.title.text, completed=completed, position=form.order.data)
    flash(_("Added “%(title)s”.", title=_short(todo)), "success")
    return redirect(
        _index(),  # without #: the browser puts the focus back into the text box, for the next one
        "partials/todos/item.html" if is_shown(todo, _show()) else None,
        into="todos",
        regions=(NEW_FORM, TOOLBAR),
        json=lambda: todo_json(todo),
        status=201,
        todo=todo,
        form=TodoForm(blank=True),
        **_surroundings(),
    )


@bp.post("/todos/lines")
@login_required
def create_lines() -> Response:
    form = LinesForm()
    if not form.validate_on_submit():
        return render("todos/new.html", "partials/todos/lines_form.html", form=form, **_surroundings())
    todos = [add_todo(current_account(), title) for title in form.titles]
    flash(ngettext("Added %(num)s to-do.", "Added %(num)s to-dos.", len(todos)), "success")
    return redirect(_index(), json=lambda: [todo_json(todo) for todo in todos], status=201)


@bp.get("/todos/<uuid:id>")
@login_required
def show(id: UUID) -> Response:
    todo = find_todo(current_account(), id)
    return render(
        "todos/show.html",
        "partials/todos/item.html",
        json=lambda: todo_json(todo),
        todo=todo,
        **_surroundings(),
    )


@bp.get("/todos/<uuid:id>/edit")
@login_required
def edit(id: UUID) -> Response:
    todo = find_todo(current_account(), id)
    form = ChangeForm(data={"title": todo.title})
    return render("todos/edit.html", "partials/todos/edit_fields.html", form=form, todo=todo, **_surroundings())


@bp.route("/todos/<uuid:id>", methods=["POST", "PATCH"])
@login_required
def update(id: UUID) -> Response:
    todo = find_todo(current_account(), id)
    form = ChangeForm()
    if form.wants_deletion:
        return delete(id)
    if not form.validate_on_submit():
        return render("todos/edit.html", "partials/todos/edit_fields.html", form=form, todo=todo, **_surroundings())
    return _changed(change_todo(todo, title=form.title.data, completed=form.completed.data, position=form.order.data))


@bp.post("/todos/<uuid:id>/complete", defaults={"completed": True})
@bp.post("/todos/<uuid:id>/reopen", defaults={"completed": False})
@login_required
def complete(id: UUID, completed: bool) -> Response:
    return _changed(change_todo(find_todo(current_account(), id), completed=completed))


@bp.post(f"/todos/<uuid:id>/move/<any({','.join(MOVES)}):to>")
@login_required
def move(id: UUID, to: str) -> Response:
    account = current_account()
    todo = move_todo(account, find_todo(account, id), to, _show())
    return _list_changed(_index(todo), lambda: todo_json(todo))


@bp.post("/todos/<uuid:id>/delete")
@bp.delete("/todos/<uuid:id>")
@login_required
def delete(id: UUID) -> Response:
    todo = find_todo(current_account(), id, deleted=True)
    if not todo.deleted_at:
        delete_todo(todo)
        undo = url_for(".restore", id=id) + _query()
        flash(with_action(_("Deleted “%(title)s”.", title=_short(todo)), _("Undo"), undo), "success")
    return redirect(_index(), gone=f"todo-{id}", regions=(TOOLBAR,), **_surroundings())


@bp.post("/todos/<uuid:id>/restore")
@login_required
def restore(id: UUID) -> Response:
    todo = restore_todo(find_todo(current_account(), id, deleted=True))
    return _list_changed(_index(todo), lambda: todo_json(todo))


@bp.post("/todos/complete", defaults={"completed": True})
@bp.post("/todos/reopen", defaults={"completed": False})
@login_required
def complete_all(completed: bool) -> Response:
    complete_todos(current_account(), completed=completed)
    return _list_changed(_index())


@bp.post("/todos/clear")
@login_required
def clear() -> Response:
    if count := clear_completed(current_account()):
        flash(ngettext("Cleared %(num)s completed to-do.", "Cleared %(num)s completed to-dos.", count), "success")
    return _list_changed(_index())


@bp.delete("/todos")
@login_required
def delete_shown() -> Response:
    if _show() != "completed":
        abort(400, _("Only ?show=completed can be deleted at once."))
    return clear()


def _changed(todo: TodoRow) -> Response:
    """One item is not as it was: it changes in its place, or leaves a list that it no longer belongs to."""
    shown = is_shown(todo, _show())
    return redirect(
        _index(todo),
        "partials/todos/item.html" if shown else None,
        gone=None if shown else f"todo-{todo.id}",
        regions=(TOOLBAR,),
        json=lambda: todo_json(todo),
        todo=todo,
        **_surroundings(),
    )


def _list_changed(location: str, json: Any = None) -> Response:
    todos = todos_of(current_account(), _show())
    return redirect(location, "partials/todos/list.html", regions=(TOOLBAR,), json=json, todos=todos, **_surroundings())


def _surroundings() -> dict[str, Any]:
    """What the list's partials need beside the to-dos themselves."""
    return {
        "show": _show(),
        "arrange": _arrange(),
        "query": _query(),
        "counts": count_todos(current_account()),
        "labels": labels(),
    }


def _query() -> str:
    """How the list is being looked at, as its address says it; nothing where it is as usual."""
    view = {"show": _show()} if _show() != SHOWS[0] else {}
    view |= {"arrange": "1"} if _arrange() else {}
    return f"?{urlencode(view)}" if view else ""


def _show() -> str:
    """Which to-dos are asked for: `?show=all`, `active` or `completed`."""
    wanted = request.args.get("show", SHOWS[0])
    if wanted not in SHOWS:
        abort(400, _("Show can be: %(shows)s.", shows=", ".join(SHOWS)))
    return wanted


def _arrange() -> bool:
    """Whether the rows show the buttons that move them: `?arrange=1`."""
    return request.args.get("arrange") == "1"


def _index(todo: TodoRow | None = None) -> str:
    """The list as it is being looked at, at the to-do that changed."""
    return url_for(".index") + _query() + (f"#todo-{todo.id}" if todo else "")


def _short(todo: TodoRow) -> str:
    """The title for a message: messages travel in the session's cookie, whose space is small."""
    title: str = todo.title
    return title if len(title) <= 60 else title[:59] + "…"
