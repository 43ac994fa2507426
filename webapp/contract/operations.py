"""The operations one by one: what each is for, which form and shape it has, and what else may be refused."""

from typing import Any

from webapp.api.code_samples import ID
from webapp.api.operations import Contract, Operation
from webapp.api.schemas import IndexJSON
from webapp.batch.forms import BatchForm
from webapp.batch.schemas import ResultsJSON
from webapp.changes.forms import ChangesQuery
from webapp.changes.schemas import ChangesJSON
from webapp.contract.descriptions import WORDS
from webapp.contract.examples import CHANGES, DONE, EXAMPLES, INDEX, RESULTS, TODO, TRASHED
from webapp.i18n import lazy_gettext as _
from webapp.models.todos.todo import SHOWS
from webapp.models.todos.write import GAP
from webapp.schemas import TodoJSON
from webapp.todos.forms import ChangeForm, LinesForm, ListQuery, TodoForm
from webapp.todos.trash.forms import EmptyQuery, TrashQuery
from webapp.todos.trash.schemas import TrashedJSON

TODOS, MANY, ORDER, TRASH = _("To-dos"), _("Many to-dos at once"), _("Order"), _("Trash")
STEP, ABOUT = _("In step"), _("About the API")
SHOW = {"show": {"type": "string", "enum": list(SHOWS)}}
COMPLETED = {"show": {"type": "string", "enum": ["completed"]}}
ITEM = (412,)  # what has a version

OPERATIONS = {
    "GET /todos": Operation(
        "list_todos", TODOS, _("The list, in its order"), list[TodoJSON], query=ListQuery, example=[TODO]
    ),
    "POST /todos": Operation(
        "create_todo",
        TODOS,
        _("Add a to-do"),
        TodoJSON,
        TodoForm,
        201,
        sends={"title": "Call Rui"},
        example=TODO | {"title": "Call Rui", "order": 2 * GAP},
        undo=True,
    ),
    "GET /todos/{id}": Operation("get_todo", TODOS, _("One to-do"), TodoJSON, example=TODO),
    "PATCH /todos/{id}": Operation(
        "update_todo",
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
        "update_todo_by_post",
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
        "delete_todo",
        TODOS,
        _("Put a to-do into the trash; again, and it stays there"),
        status=204,
        errors=ITEM,
        undo=True,
    ),
    "POST /todos/{id}/complete": Operation(
        "complete_todo", TODOS, _("Complete a to-do"), TodoJSON, errors=ITEM, example=DONE, undo=True
    ),
    "POST /todos/{id}/reopen": Operation(
        "reopen_todo", TODOS, _("Reopen a to-do"), TodoJSON, errors=ITEM, example=TODO, undo=True
    ),
    "POST /todos/{id}/move/{to}": Operation(
        "move_todo",
        ORDER,
        _("Move a to-do past its neighbour among those shown, or to an end"),
        TodoJSON,
        errors=ITEM,
        query=SHOW,
        example=TODO,
        undo=True,
    ),
    "POST /todos/{id}/move/{to}/{position}": Operation(
        "move_todo_from",
        ORDER,
        _("The same, unless it has left that place already: sent twice, it moves once"),
        TodoJSON,
        errors=ITEM,
        query=SHOW,
        example=TODO,
        undo=True,
    ),
    "POST /todos/lines": Operation(
        "create_todos",
        MANY,
        _("Add a to-do for each line"),
        list[TodoJSON],
        LinesForm,
        201,
        sends={"lines": "Call Rui\nSleep"},
        example=[TODO | {"title": "Call Rui", "order": 2 * GAP}, TODO | {"title": "Sleep", "order": 3 * GAP}],
        undo=True,
    ),
    "POST /todos/complete": Operation("complete_todos", MANY, _("Complete all to-dos"), status=204, undo=True),
    "POST /todos/reopen": Operation("reopen_todos", MANY, _("Reopen all to-dos"), status=204, undo=True),
    "DELETE /todos": Operation(
        "clear_completed_todos",
        MANY,
        _("Put the completed to-dos into the trash"),
        status=204,
        query=COMPLETED,
        needs=("show",),
        undo=True,
    ),
    "POST /todos/undo/{id}": Operation(
        "undo_change",
        MANY,
        _("Take a change back, where its Link says so; it answers what that changed"),
        list[TodoJSON],
        errors=(410,),
        example=[TODO | {"version": 3}],
        undo=True,
    ),
    "POST /batch": Operation(
        "run_batch",
        MANY,
        _("Several operations together: all of them, or none"),
        ResultsJSON,
        BatchForm,
        sends={"operations": [{"method": "PATCH", "path": f"/todos/{ID}", "body": {"completed": True}}]},
        example=RESULTS,
    ),
    "GET /changes": Operation(
        "list_changes",
        STEP,
        _("What happened to the list since you last asked"),
        ChangesJSON,
        errors=(410,),
        query=ChangesQuery,
        example=CHANGES,
    ),
    "GET /trash": Operation(
        "list_trash",
        TRASH,
        _("What was deleted, the latest first"),
        list[TrashedJSON],
        query=TrashQuery,
        example=[TRASHED],
    ),
    "POST /trash/{id}/restore": Operation(
        "restore_todo",
        TRASH,
        _("Bring a to-do back to its place"),
        TodoJSON,
        errors=ITEM,
        example=TODO | {"version": 3},
        undo=True,
    ),
    "DELETE /trash/{id}": Operation("destroy_todo", TRASH, _("Delete it for good"), status=204, errors=ITEM),
    "DELETE /trash": Operation(
        "empty_trash",
        TRASH,
        _("Delete for good what is in the trash"),
        status=204,
        query=EmptyQuery,
    ),
    "GET /": Operation(
        "get_index",
        ABOUT,
        _("Where a program begins"),
        IndexJSON,
        public=True,
        example=INDEX,
    ),
    "GET /openapi.json": Operation("get_openapi", ABOUT, _("All of this as OpenAPI 3.1"), dict[str, Any], public=True),
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
CONTRACT = Contract(OPERATIONS, FOR_HTML, WORDS, EXAMPLES)
