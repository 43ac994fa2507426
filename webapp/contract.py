"""What the API promises: its operations one by one, as far as routes, forms and shapes do not say it themselves."""

from typing import Any

from flask_babel import lazy_gettext as _

from webapp.api.operations import Contract, Operation
from webapp.api.schemas import IndexJSON
from webapp.models.order import MOVES
from webapp.models.todo import LINES_LIMIT, SHOWS, TITLE_LIMIT
from webapp.todos.forms import ChangeForm, LinesForm, TodoForm
from webapp.todos.schemas import TodoJSON
from webapp.trash.schemas import RestoredJSON, TrashedJSON

ID = "01930e5a-7c1e-7d33-9f0a-3f5b8f0e4a11"  # in examples
SITE = "https://todo.example.org/api/v1"
MOMENT = "2026-11-20T10:00:00.000000Z"
TODO: dict[str, Any] = {
    "id": ID,
    "title": "Buy milk",
    "completed": False,
    "order": 1,
    "url": f"{SITE}/todos/{ID}",
    "created_at": MOMENT,
    "updated_at": MOMENT,
    "completed_at": None,
    "version": 1,
}
TRASHED = {"id": ID, "title": "Buy milk", "deleted_at": MOMENT, "kept_until": "2026-12-20T10:00:00.000000Z"}
RESTORED = {"url": TODO["url"]}
INDEX = {"todos": f"{SITE}/todos", "openapi": f"{SITE}/openapi.json"}
ERROR = {"detail": _("Write what needs to be done."), "pointer": "#/title"}
PROBLEM = {
    "type": "about:blank",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": _("See what is said beside each value."),
    "errors": [ERROR],
}
EXAMPLES = {
    "Todo": TODO,
    "Trashed": TRASHED,
    "Restored": RESTORED,
    "Index": INDEX,
    "Error": ERROR,
    "Problem": PROBLEM,
}
DONE = TODO | {"completed": True, "completed_at": MOMENT, "version": 2}
TODOS, MANY, ORDER, TRASH, ABOUT = _("To-dos"), _("Many to-dos at once"), _("Order"), _("Trash"), _("About the API")
SHOW = {"show": {"type": "string", "enum": list(SHOWS)}}
COMPLETED = {"show": {"type": "string", "enum": ["completed"]}}
ITEM = (412,)  # what has a version

OPERATIONS = {
    "GET /todos": Operation(TODOS, _("The list, in its order"), list[TodoJSON], query=SHOW, example=[TODO]),
    "POST /todos": Operation(
        TODOS,
        _("Add a to-do"),
        TodoJSON,
        TodoForm,
        201,
        sends={"title": "Call Rui"},
        example=TODO | {"title": "Call Rui", "order": 2},
    ),
    "GET /todos/{id}": Operation(TODOS, _("One to-do"), TodoJSON, errors=ITEM, example=TODO),
    "PATCH /todos/{id}": Operation(
        TODOS,
        _("Change what is given of a to-do"),
        TodoJSON,
        ChangeForm,
        errors=ITEM,
        sends={"completed": True, "version": 1},
        example=DONE,
        undo=True,
    ),
    "POST /todos/{id}": Operation(
        TODOS,
        _("The same as PATCH, from where that cannot be sent"),
        TodoJSON,
        ChangeForm,
        errors=ITEM,
        sends={"title": "Buy bread"},
        example=TODO | {"title": "Buy bread", "version": 2},
        undo=True,
    ),
    "DELETE /todos/{id}": Operation(
        TODOS, _("Put a to-do into the trash; again, and it stays there"), status=204, errors=ITEM, undo=True
    ),
    "POST /todos/{id}/complete": Operation(
        TODOS, _("Complete a to-do"), TodoJSON, errors=ITEM, example=DONE, undo=True
    ),
    "POST /todos/{id}/reopen": Operation(TODOS, _("Reopen a to-do"), TodoJSON, errors=ITEM, example=TODO, undo=True),
    "POST /todos/{id}/move/{to}": Operation(
        ORDER,
        _("Move a to-do past its neighbour among those shown, or to an end"),
        TodoJSON,
        errors=ITEM,
        query=SHOW,
        example=TODO,
        undo=True,
    ),
    "POST /todos/{id}/move/{to}/{position}": Operation(
        ORDER,
        _("The same, unless it has left that place already: sent twice, it moves once"),
        TodoJSON,
        errors=ITEM,
        query=SHOW,
        example=TODO,
        undo=True,
    ),
    "POST /todos/lines": Operation(
        MANY,
        _("Add a to-do for each line"),
        list[TodoJSON],
        LinesForm,
        201,
        sends={"lines": "Call Rui\nSleep"},
        example=[TODO | {"title": "Call Rui", "order": 2}, TODO | {"title": "Sleep", "order": 3}],
    ),
    "POST /todos/complete": Operation(MANY, _("Complete all to-dos"), status=204, undo=True),
    "POST /todos/reopen": Operation(MANY, _("Reopen all to-dos"), status=204, undo=True),
    "DELETE /todos": Operation(
        MANY, _("Put the completed to-dos into the trash"), status=204, query=COMPLETED, needs=("show",), undo=True
    ),
    "POST /todos/undo/{id}": Operation(
        MANY,
        _("Take a change back, where its Link says so; it answers what that changed"),
        list[TodoJSON],
        errors=(410,),
        example=[TODO | {"version": 3}],
        undo=True,
    ),
    "GET /trash": Operation(TRASH, _("What was deleted, the latest first"), list[TrashedJSON], example=[TRASHED]),
    "POST /trash/{id}/restore": Operation(
        TRASH,
        _("Bring a to-do back to its place"),
        RestoredJSON,
        errors=ITEM,
        example=RESTORED,
    ),
    "DELETE /trash/{id}": Operation(TRASH, _("Delete it for good"), status=204, errors=ITEM),
    "DELETE /trash": Operation(
        TRASH,
        _("Delete for good what is in the trash"),
        status=204,
        query={"until": {"type": "string", "format": "date-time"}},
    ),
    "GET /": Operation(
        ABOUT,
        _("Where a program begins"),
        IndexJSON,
        public=True,
        example=INDEX,
    ),
    "GET /openapi.json": Operation(
        ABOUT, _("All of this as OpenAPI 3.1"), dict[str, Any], errors=ITEM, tagged=True, public=True
    ),
}

# HTML asks before it deletes, and can only POST: programs have no use for its routes, though the same views are there.
FOR_HTML = frozenset(
    {
        "GET /todos/new",
        "GET /todos/{id}/edit",
        "POST /todos/{id}/delete",
        "POST /todos/clear",
        "GET /trash/{id}/delete",
        "POST /trash/{id}/delete",
        "GET /trash/empty",
        "POST /trash/empty",
    }
)
WORDS = {
    "title": _("One line; spaces around it are taken off."),
    "lines": _("1 to %(most)s lines of 1 to %(limit)s characters.", most=LINES_LIMIT, limit=TITLE_LIMIT),
    "completed": _("Whether it is done: what it shall be, not the other way round."),
    "order": _("Its place in the list, lowest first; without one, a new to-do comes last."),
    "version": _("Grows with each change; sent along, it must still be true, or the answer is 409."),
    "url": _("Its own address."),
    "created_at": _("In UTC, as RFC 3339 has it."),
    "completed_at": _("When it was completed, or null."),
    "kept_until": _("After that it is gone for good."),
    "errors": _("Each bad value."),
    "pointer": _("Where it is in what was sent (RFC 6901)."),
    "type": _("What kind of problem it is."),
    "show": _("Which to-dos are meant."),
    "until": _("Only what was deleted until then; what came into the trash later stays."),
    "to": _("Where to: %(moves)s.", moves=", ".join(MOVES)),
    "position": _("The order that it has, or had."),
    "If-Match": _("The ETag that it must still have, or the answer is 412."),
    "If-None-Match": _("The ETag that is known; if it is still that, the answer is 304 without a body."),
    "Idempotency-Key": _("A name of your own for this request: sent again under it, it is answered, not done again."),
}
CONTRACT = Contract(OPERATIONS, FOR_HTML, WORDS, EXAMPLES)
