"""The OpenAPI document, made from the routes, forms and shapes themselves and from what the contract adds to them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from flask import Flask, current_app
from flask_babel import get_locale
from werkzeug.routing import Rule

from webapp.api.json_schema import TYPES, Json, Text, described, form_schema, schema_of
from webapp.api.operations import Contract, Operation
from webapp.api.responses import EVERYWHERE, SAFE, all_headers, errors_of, headers_of, problem_of, query_of, references
from webapp.i18n import gettext as _
from webapp.schemas import ProblemJSON
from webapp.sessions import KEY_LIMIT

# How generated clients call what the forms read.
BODIES = {"TodoForm": "NewTodo", "ChangeForm": "TodoUpdate", "LinesForm": "NewTodos", "BatchForm": "Batch"}
VARIABLE = re.compile(r"<(?:(?P<kind>\w+)(?:\((?P<choices>[^)]*)\))?:)?(?P<name>\w+)>")
PLACE = r"{\g<name>}"


def routes(app: Flask) -> dict[str, Rule]:
    """Every route of the API by method and path, as the contract writes them."""
    prefix = _prefix(app)
    return {
        f"{method} {VARIABLE.sub(PLACE, rule.rule.removeprefix(prefix))}": rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(f"{prefix}/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def current_document() -> Json:
    """The document in the language of this request; made once for each."""
    made: dict[str, Json] = current_app.extensions.setdefault("openapi", {})
    language = str(get_locale())
    if language not in made:
        made[language] = document(current_app, current_app.extensions["contract"])
    return made[language]


def document(app: Flask, contract: Contract) -> Json:
    """The whole document, in the language of the request."""
    shapes: dict[str, Json] = {}
    schema_of(ProblemJSON, shapes, contract.words)
    paths: dict[str, Json] = {}
    known = routes(app)
    for name, operation in contract.operations.items():
        method, path = name.split()
        paths.setdefault(path, {})[method.lower()] = _operation(name, operation, known[name], contract, shapes)
    shapes = {
        name: {"examples": [contract.examples[name]]} | shape if name in contract.examples else shape
        for name, shape in shapes.items()
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Recado",
            "version": "1",
            "description": _("A to-do list, for programs."),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "tags": [{"name": str(group)} for group in dict.fromkeys(told.group for told in contract.operations.values())],
        "servers": [{"url": app.config["APPLICATION_ROOT"].rstrip("/") + _prefix(app)}],
        "security": [{"token": ["read"]}],
        "paths": paths,
        "components": {
            "schemas": shapes,
            "responses": {str(status): problem_of(status) for status in _statuses(paths)},
            "headers": all_headers(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": _("A token of yours; what changes something needs one that may write."),
                }
            },
        },
    }


def body_of(operation: Json, document: Json) -> Json | None:
    """The schema of what an operation reads, if anything."""
    if "requestBody" not in operation:
        return None
    reference: str = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    found: Json = document["components"]["schemas"][reference.rpartition("/")[2]]
    return found


def _prefix(app: Flask) -> str:
    return next(app.url_map.iter_rules("api.index.index")).rule.rstrip("/")


def _operation(name: str, told: Operation, rule: Rule, contract: Contract, shapes: dict[str, Json]) -> Json:
    method = name.partition(" ")[0]
    answer: Json = {"description": str(told.summary)}
    if told.answers:
        schema = schema_of(told.answers, shapes, contract.words)
        answer["content"] = {"application/json": {"schema": schema} | _example(told.example)}
    answer["headers"] = references((*headers_of(method, told), *EVERYWHERE))
    responses = {str(told.status): answer}
    if method in SAFE:
        said = _("It is still what If-None-Match names.")
        responses["304"] = {"description": said, "headers": references(("ETag", *EVERYWHERE))}
    responses |= {str(status): {"$ref": f"#/components/responses/{status}"} for status in errors_of(name, told)}
    found: Json = {
        "operationId": told.name,
        "tags": [str(told.group)],
        "summary": str(told.summary),
        "parameters": list(_parameters(method, told, rule, contract.words)),
        "responses": responses,
    }
    if told.form:
        body = BODIES[told.form.__name__]
        shapes.setdefault(body, form_schema(told.form, contract.words) | {"examples": [told.sends]})
        media = {"schema": {"$ref": f"#/components/schemas/{body}"}} | _example(told.sends)
        found["requestBody"] = {"required": True, "content": {"application/json": media}}
    needs = [] if told.public else [{"token": ["read" if method in SAFE else "write"]}]
    return found | {"security": needs}


def _parameters(method: str, told: Operation, rule: Rule, words: Mapping[str, Text]) -> Iterator[Json]:
    for part in VARIABLE.finditer(rule.rule):
        schemas: dict[str, Json] = {
            "uuid": TYPES[UUID],
            "int": TYPES[int],
            "any": {"enum": (part["choices"] or "").split(",")},
        }
        yield _parameter(part["name"], "path", TYPES[str] | schemas[part["kind"]], words)
    for name, schema in query_of(told).items():
        yield _parameter(name, "query", schema, words) | {"required": name in told.needs}
    if method in SAFE or 412 in told.errors:
        yield _parameter("If-Match", "header", TYPES[str], words)
        yield _parameter("If-None-Match", "header", TYPES[str], words)
    if method not in SAFE:
        yield _parameter("Idempotency-Key", "header", {"type": "string", "minLength": 1, "maxLength": KEY_LIMIT}, words)


def _parameter(name: str, place: str, schema: Json, words: Mapping[str, Text]) -> Json:
    told = {"name": name, "in": place, "required": place == "path", "schema": dict(schema)}
    return described(told, words.get(f"?{name}") or words.get(name))


def _example(value: Any) -> Json:
    return {} if value is None else {"example": value}


def _statuses(paths: Json) -> list[int]:
    found = {status for path in paths.values() for told in path.values() for status in told["responses"]}
    return sorted(int(status) for status in found if status >= "400")
