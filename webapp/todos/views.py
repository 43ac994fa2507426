"""The list: show, add, complete, change, move, delete, restore, clear; each verb once, for every client."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, flash, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.hybrid import current_account, login_required, redirect, render, with_action
from webapp.models.todo import (
    MOVES,
    TodoRow,
    add_todo,
    add_todos,
    change_todo,
    clear_completed,
    complete_todos,
    delete_todo,
    find_todo,
    is_shown,
    move_todo,
    restore_todo,
    todos_of,
)
from webapp.todos.forms import ChangeForm, LinesForm, TodoForm
from webapp.todos.listing import address, query, short_title, shown, surroundings
from webapp.todos.schemas import todo_json, todos_json

bp = Blueprint("todos", __name__)
TOOLBAR = "partials/todos/toolbar.html"
NEW_FORM = "partials/todos/new_form.html"


@bp.get("/todos")
@login_required
def index() -> Response:
    todos = todos_of(current_account(), shown())
    return render(
        "todos/index.html",
        "partials/todos/list.html",
        json=lambda: todos_json(todos),
        todos=todos,
        form=TodoForm(),
        **surroundings(),
    )


@bp.get("/todos/new")
@login_required
def new() -> Response:
    return render("todos/new.html", "partials/todos/lines_form.html", form=LinesForm(), **surroundings())


@bp.post("/todos")
@login_required
def create() -> Response:
    form = TodoForm()
    if not form.validate_on_submit():
        todos = todos_of(current_account(), shown())
        return render("todos/index.html", NEW_FORM, form=form, todos=todos, **surroundings())
    completed = bool(form.completed.data)
    todo = add_todo(current_account(), form.title.text, completed=completed, position=form.order.data)
    flash(_("Added “%(title)s”.", title=short_title(todo.title)), "success")
    return redirect(
        address(),  # without #: the browser puts the focus back into the text box, for the next one
        "partials/todos/item.html" if is_shown(todo, shown()) else None,
        into="todos",
        regions=(NEW_FORM, TOOLBAR),
        json=lambda: todo_json(todo),
        status=201,
        todo=todo,
        form=TodoForm(blank=True),
        **surroundings(),
    )


@bp.post("/todos/lines")
@login_required
def create_lines() -> Response:
    form = LinesForm()
    if not form.validate_on_submit():
        return render("todos/new.html", "partials/todos/lines_form.html", form=form, **surroundings())
    todos = add_todos(current_account(), form.titles)
    flash(ngettext("Added %(num)s to-do.", "Added %(num)s to-dos.", len(todos)), "success")
    return redirect(address(), json=lambda: todos_json(todos), status=201)


@bp.get("/todos/<uuid:id>")
@login_required
def show(id: UUID) -> Response:
    todo = find_todo(current_account(), id)
    return render(
        "todos/show.html", "partials/todos/item.html", json=lambda: todo_json(todo), todo=todo, **surroundings()
    )


@bp.get("/todos/<uuid:id>/edit")
@login_required
def edit(id: UUID) -> Response:
    todo = find_todo(current_account(), id)
    form = ChangeForm(data={"title": todo.title})
    return render("todos/edit.html", "partials/todos/edit_fields.html", form=form, todo=todo, **surroundings())


@bp.route("/todos/<uuid:id>", methods=["POST", "PATCH"])
@login_required
def update(id: UUID) -> Response:
    todo = find_todo(current_account(), id)
    form = ChangeForm()
    if form.wants_deletion:
        return delete(id)
    if not form.validate_on_submit():
        return render("todos/edit.html", "partials/todos/edit_fields.html", form=form, todo=todo, **surroundings())
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
    todo = move_todo(account, find_todo(account, id), to, shown())
    return _list_changed(address(todo), lambda: todo_json(todo))


@bp.post("/todos/<uuid:id>/delete")
@bp.delete("/todos/<uuid:id>")
@login_required
def delete(id: UUID) -> Response:
    todo = find_todo(current_account(), id, deleted=True)
    if not todo.deleted_at:
        delete_todo(todo)
        undo = url_for(".restore", id=id) + query()
        flash(with_action(_("Deleted “%(title)s”.", title=short_title(todo.title)), _("Undo"), undo), "success")
    return redirect(address(), gone=f"todo-{id}", regions=(TOOLBAR,), **surroundings())


@bp.post("/todos/<uuid:id>/restore")
@login_required
def restore(id: UUID) -> Response:
    todo = restore_todo(find_todo(current_account(), id, deleted=True))
    return _list_changed(address(todo), lambda: todo_json(todo))


@bp.post("/todos/complete", defaults={"completed": True})
@bp.post("/todos/reopen", defaults={"completed": False})
@login_required
def complete_all(completed: bool) -> Response:
    complete_todos(current_account(), completed=completed)
    return _list_changed(address())


@bp.post("/todos/clear")
@login_required
def clear() -> Response:
    if count := clear_completed(current_account()):
        flash(ngettext("Cleared %(num)s completed to-do.", "Cleared %(num)s completed to-dos.", count), "success")
    return _list_changed(address())


@bp.delete("/todos")
@login_required
def delete_shown() -> Response:
    if shown() != "completed":
        abort(400, _("Only ?show=completed can be deleted at once."))
    return clear()


def _changed(todo: TodoRow) -> Response:
    """One item is not as it was: it changes in its place, or leaves a list that it no longer belongs to."""
    belongs = is_shown(todo, shown())
    return redirect(
        address(todo),
        "partials/todos/item.html" if belongs else None,
        gone=None if belongs else f"todo-{todo.id}",
        regions=(TOOLBAR,),
        json=lambda: todo_json(todo),
        todo=todo,
        **surroundings(),
    )


def _list_changed(location: str, json: Any = None) -> Response:
    return redirect(
        location,
        "partials/todos/list.html",
        regions=(TOOLBAR,),
        json=json,
        todos=lambda: todos_of(current_account(), shown()),
        **surroundings(),
    )
