"""How the list is looked at, by an address that survives reload and Back; finding a to-do, showing what changed."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, abort, request, url_for

from webapp.db import Missing
from webapp.forms import CURSOR, ROWS, Rows, page, rows
from webapp.http import parameter
from webapp.hybrid import Page, check_version, problem, redirect
from webapp.hybrid.undo import offer_undo
from webapp.i18n import gettext as _
from webapp.models.todos.filters import PAGE, SORTS, TodoFilter, page_of
from webapp.models.todos.todo import SHOWS, TodoRow, count_todos, find_todo, is_shown
from webapp.models.todos.write import Edits
from webapp.schemas import todo_json, todos_json
from webapp.sessions import current_account
from webapp.todos.forms import ListQuery

TOOLBAR = "partials/todos/toolbar.html"


def list_context() -> dict[str, Any]:
    """What the list's partials need beside the to-dos themselves."""
    return {
        "show": current_filter(),
        "arrange": is_arranging(),
        "query": query(),
        "cursor": request.args.get(CURSOR),
        "counts": lambda: count_todos(current_account()),
    }


def shown_todos() -> Rows:
    """The to-dos that a page shows: never more than ROWS of them, however long the list is."""
    wish = TodoFilter(current_filter(), None, None, SORTS[0], list_id=None)
    return rows(ListQuery, lambda after: page_of(current_account(), wish, ROWS, after), **view())


def list_page() -> Page:
    """The page of the list that a program asks for."""
    query = ListQuery().checked()
    todos, last = page_of(current_account(), query.wish, query.limit.data or PAGE, query.cursor.data)
    return page(todos_json(todos), query.cursor.after(query, last) if last else None)


def query() -> str:
    """How the list is being looked at, as its address says it; nothing where it is as usual."""
    here = view() | ({CURSOR: request.args[CURSOR]} if CURSOR in request.args else {})
    return f"?{urlencode(here)}" if here else ""


def view() -> dict[str, Any]:
    """The same, wherever in the list."""
    view = {"show": current_filter()} if current_filter() != SHOWS[0] else {}
    return view | ({"arrange": "1"} if is_arranging() else {})


def current_filter() -> str:
    """Which to-dos are asked for: `?show=all`, `active` or `completed`."""
    show = parameter("show", SHOWS[0])
    if show not in SHOWS:
        said = _("Show can be: %(shows)s.", shows=", ".join(SHOWS))
        abort(problem(422, said, errors=[{"detail": said, "parameter": "show"}]))
    return show


def is_arranging() -> bool:
    """Whether the rows show the buttons that move them: `?arrange=1`."""
    return request.args.get("arrange") == "1"


def list_url(todo: TodoRow | None = None) -> str:
    """The list as it is being looked at, at the to-do that changed."""
    return url_for(".index") + query() + (f"#todo-{todo.id}" if todo else "")


def todo_or_404(id: UUID, *, deleted: bool = False, typed: bool = False) -> TodoRow:
    """The to-do that a request is about, in the version that it is meant for.

    The row of one that is not there goes away, unless it holds what somebody `typed`.
    """
    try:
        todo = find_todo(current_account(), id, deleted=deleted)
    except Missing:
        said = _("This to-do is not there any more, or it is not yours.")
        return abort(problem(404, said, gone=None if typed else f"todo-{id}"))
    check_version(todo.version)
    return todo


def item_changed(todo: TodoRow, edits: Edits, said: str) -> Response:
    """One to-do is not as it was: it changes in its place, or leaves a list that it no longer belongs to."""
    offer_undo(said, edits)
    todo = edits.latest(todo)
    belongs = is_shown(todo, current_filter())  # where it is shown, it was on this page before
    return redirect(
        list_url(todo),
        "partials/todos/item.html" if belongs else None,
        gone=None if belongs else f"todo-{todo.id}",
        regions=(TOOLBAR,),
        json=lambda: todo_json(todo),
        todo=todo,
        **list_context(),
    )


def list_changed(location: str, json: Any = None) -> Response:
    return redirect(
        location,
        "partials/todos/list.html",
        regions=(TOOLBAR,),
        json=json,
        todos=shown_todos,
        **list_context(),
    )
