"""How the list is being looked at: which to-dos, in which arrangement, by an address that survives reload and Back."""

from typing import Any
from urllib.parse import urlencode

from flask import abort, request, url_for
from flask_babel import gettext as _

from webapp.hybrid import current_account
from webapp.models.todo import SHOWS, TodoRow, count_todos


def surroundings() -> dict[str, Any]:
    """What the list's partials need beside the to-dos themselves."""
    return {
        "show": shown(),
        "arrange": arranging(),
        "query": query(),
        "counts": lambda: count_todos(current_account()),
    }


def query() -> str:
    """How the list is being looked at, as its address says it; nothing where it is as usual."""
    view = {"show": shown()} if shown() != SHOWS[0] else {}
    view |= {"arrange": "1"} if arranging() else {}
    return f"?{urlencode(view)}" if view else ""


def shown() -> str:
    """Which to-dos are asked for: `?show=all`, `active` or `completed`."""
    wanted = request.args.get("show", SHOWS[0])
    if wanted not in SHOWS:
        abort(400, _("Show can be: %(shows)s.", shows=", ".join(SHOWS)))
    return wanted


def arranging() -> bool:
    """Whether the rows show the buttons that move them: `?arrange=1`."""
    return request.args.get("arrange") == "1"


def address(todo: TodoRow | None = None) -> str:
    """The list as it is being looked at, at the to-do that changed."""
    return url_for(".index") + query() + (f"#todo-{todo.id}" if todo else "")


def short_title(title: str) -> str:
    """The title for a message: messages travel in the session's cookie, whose space is small."""
    return title if len(title) <= 60 else title[:59] + "…"
