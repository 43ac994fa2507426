"""How each operation is called from a shell and from Python, as its example in the document has it."""

import json
import shlex
from typing import Any

EXAMPLES = {"to": "top", "position": "1"}  # for the parts of a path
HOST = "https://todo.example.org"
ID = "01930e5a-7c1e-7d33-9f0a-3f5b8f0e4a11"


def curl(operation: dict[str, Any], base: str) -> str:
    """For a shell in which TOKEN is set; a line for each part, so that it can be read without scrolling."""
    method, content = operation["method"], _content(operation)
    words = [] if method == "GET" or (method == "POST" and content is not None) else [f"-X {method}"]
    words += [] if operation.get("security") == [] else ['-H "Authorization: Bearer $TOKEN"']
    words += [] if content is None else [f"--json {shlex.quote(json.dumps(content, ensure_ascii=False))}"]
    return "curl " + " \\\n  ".join([*words, shlex.quote(base + _address(operation))])


def python(operation: dict[str, Any]) -> str:
    """One line of Python, which calls what the page defines first."""
    content = _content(operation)
    words = [json.dumps(operation["method"]), json.dumps(_address(operation))]
    return f"content, headers = call({', '.join(words + ([] if content is None else [repr(content)]))})"


def _content(operation: dict[str, Any]) -> Any:
    body = operation.get("requestBody")
    return body["content"]["application/json"]["example"] if body else None


def _address(operation: dict[str, Any]) -> str:
    """The path, with the operation's example for each of its parts and for what its query needs."""
    path: str = operation["path"].replace("{id}", ID)
    for name, value in EXAMPLES.items():
        path = path.replace(f"{{{name}}}", value)
    query = [
        f"{parameter['name']}={parameter['schema']['enum'][0]}"
        for parameter in operation["parameters"]
        if parameter["in"] == "query" and parameter["required"]
    ]
    return path + (f"?{'&'.join(query)}" if query else "")


def pretty(value: Any) -> str:
    """JSON for people."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
