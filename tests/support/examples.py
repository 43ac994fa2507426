"""The examples of the API's contract as requests about a real to-do."""

import json
from typing import Any

from tests.support.clients import Program
from webapp.api.code_samples import ID
from webapp.contract.operations import OPERATIONS


def request_of(name: str, program: Program, todo: dict[str, Any]) -> dict[str, Any]:
    """The example of an operation ("GET /todos") as the test client takes it; brings about what it is about."""
    method, _, path = name.partition(" ")
    id = todo["id"]
    if name.endswith(" /todos/undo/{id}"):
        program.call("POST", f"/todos/{id}/complete")
        id = program.answer.headers["Link"].partition(">")[0].rpartition("/")[2]
    elif "/trash" in path:
        program.call("DELETE", f"/todos/{id}")
    query = "?show=completed" if "show" in OPERATIONS[name].needs else ""
    body = json.loads(json.dumps(OPERATIONS[name].sends).replace(ID, id))
    return {
        "path": f"/api/v1{path.format(id=id, to='top', position='1')}{query}",
        "method": method,
        "headers": {"Authorization": f"Bearer {program.token}"},
    } | ({"json": body} if body else {})
