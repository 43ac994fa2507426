"""What comes back, by the example that the documentation shows of it."""

from typing import Any

from webapp.api.code_samples import HOST, ID
from webapp.hybrid.problem_types import PROBLEM_TYPES
from webapp.i18n import lazy_gettext as _
from webapp.models.todos.write import GAP
from webapp.schemas import TodoJSON

SITE = f"{HOST}/api/v1"
MOMENT = "2026-11-20T10:00:00.000000Z"
UNDO = "/api/v1/todos/undo/01930e5b-0000-7000-8000-000000000000"
CURSOR = "WyJjaGFuZ2VzIixudWxsLFs3Mzk1NzUsWzEsMF1dXQ.6nNV0b8XkQ3Vb0yq1cJ0m3m2XjE"
TODO: dict[str, Any] = dict.fromkeys(TodoJSON.__annotations__) | {  # what else there is, is null
    "id": ID,
    "title": "Buy milk",
    "completed": False,
    "order": GAP,
    "url": f"{SITE}/todos/{ID}",
    "created_at": MOMENT,
    "updated_at": MOMENT,
    "version": 1,
}
TRASHED = {"id": ID, "title": "Buy milk", "version": 2}
TRASHED |= {"deleted_at": MOMENT, "kept_until": "2026-12-20T10:00:00.000000Z"}
INDEX = {name: f"{SITE}/{name}" for name in ("todos", "changes", "batch", "trash")}
INDEX |= {"openapi": f"{SITE}/openapi.json", "documentation": f"{HOST}/api"}
ERROR = {"detail": _("Write what needs to be done."), "pointer": "#/title"}
PROBLEM = {
    "type": f"{HOST}/api/problems/invalid",
    "title": PROBLEM_TYPES["invalid"].title,
    "status": 422,
    "detail": PROBLEM_TYPES["invalid"].usual,
    "errors": [ERROR],
}
DONE = TODO | {"completed": True, "completed_at": MOMENT, "version": 2}
RESULT = {"status": 200, "headers": {"ETag": '"2-api"', "Link": f'<{UNDO}>; rel="undo"'}, "body": DONE}
RESULTS = {"results": [RESULT]}
CHANGE = {"id": ID, "deleted": False, "todo": TODO}
CHANGES = {"changes": [CHANGE], "cursor": CURSOR, "more": False}
FAILED = {"operation": 0, "problem": PROBLEM}
EXAMPLES = {
    "Todo": TODO,
    "Trashed": TRASHED,
    "Index": INDEX,
    "Error": ERROR,
    "Problem": PROBLEM,
    "Result": RESULT,
    "Results": RESULTS,
    "Change": CHANGE,
    "Changes": CHANGES,
    "Failed": FAILED,
}
