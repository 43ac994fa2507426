"""The OpenAPI document, made from the routes, forms and shapes themselves and from what the contract adds to them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, get_type_hints, is_typeddict
from uuid import UUID

from flask import Flask, current_app
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.routing import Rule

from webapp.api.operations import Contract, Operation
from webapp.api.schemas import ProblemJSON
from webapp.api.shapes import TYPES, Json, Text, described, form_schema, schema_of
from webapp.hybrid import KEY_LIMIT, SAID

SAFE = ("GET", "HEAD")
VARIABLE = re.compile(r"<(?:(?P<kind>\w+)(?:\((?P<choices>[^)]*)\))?:)?(?P<name>\w+)>")
PLACE = r"{\g<name>}"
AT_ANY_DOOR, AT_OURS, OF_CHANGES, OF_BODIES = (400, 500, 503), (401, 429), (403, 409, 413, 422), (415,)
HEADERS: dict[int, tuple[str, ...]] = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}


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
    shapes = {name: shape | {"examples": [contract.examples[name]]} for name, shape in shapes.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Recado", "version": "1", "description": _("A to-do list, for programs.")},
        "servers": [{"url": _prefix(app)}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": shapes,
            "responses": {str(status): _problem(status) for status in _statuses(paths)},
            "headers": _headers(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": _("A token of yours.")}},
        },
    }


def _prefix(app: Flask) -> str:
    return next(app.url_map.iter_rules("api.index.index")).rule.rstrip("/")


def _operation(name: str, told: Operation, rule: Rule, contract: Contract, shapes: dict[str, Json]) -> Json:
    method = name.partition(" ")[0]
    answer: Json = {"description": str(told.summary)}
    if told.answers:
        schema = schema_of(told.answers, shapes, contract.words)
        answer["content"] = {"application/json": {"schema": schema} | _example(told.example)}
    if headers := list(_answer_headers(method, told)):
        answer["headers"] = {header: {"$ref": f"#/components/headers/{header}"} for header in headers}
    responses = {str(told.status): answer}
    if "ETag" in headers and method in SAFE:
        responses["304"] = {"description": _("It is still what If-None-Match names.")}
    responses |= {str(status): {"$ref": f"#/components/responses/{status}"} for status in errors_of(name, told)}
    found: Json = {
        "operationId": "_".join(re.findall("[a-z]+", name.lower())),
        "tags": [str(told.group)],
        "summary": str(told.summary),
        "parameters": list(_parameters(method, told, rule, contract.words)),
        "responses": responses,
    }
    if told.form:
        schema = form_schema(told.form, contract.words)
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema} | _example(told.sends)},
        }
    return found | ({"security": []} if told.public else {})


def errors_of(name: str, told: Operation) -> list[int]:
    """The statuses from 400 on that an operation can be answered."""
    found = {*AT_ANY_DOOR, *told.errors, *(() if told.public else AT_OURS)}
    found |= {404} if "{" in name else set()
    found |= {*OF_CHANGES} if not name.startswith(SAFE) else set()
    return sorted(found | ({*OF_BODIES} if told.form else set()))


def _answer_headers(method: str, told: Operation) -> Iterator[str]:
    hints = get_type_hints(told.answers) if is_typeddict(told.answers) else {}
    if "version" in hints or told.tagged:
        yield "ETag"
    if told.status == 201 and "url" in hints:
        yield "Location"
    if told.undo:
        yield "Link"
    if method not in SAFE:
        yield "Idempotent-Replayed"


def _parameters(method: str, told: Operation, rule: Rule, words: Mapping[str, Text]) -> Iterator[Json]:
    for part in VARIABLE.finditer(rule.rule):
        schemas: dict[str, Json] = {
            "uuid": TYPES[UUID],
            "int": TYPES[int],
            "any": {"enum": (part["choices"] or "").split(",")},
        }
        yield _parameter(part["name"], "path", TYPES[str] | schemas[part["kind"]], words)
    for name, schema in told.query.items():
        yield _parameter(name, "query", schema, words) | {"required": name in told.needs}
    if 412 in told.errors:
        yield _parameter("If-Match", "header", TYPES[str], words)
    if method in SAFE and "ETag" in _answer_headers(method, told):
        yield _parameter("If-None-Match", "header", TYPES[str], words)
    if method not in SAFE:
        yield _parameter("Idempotency-Key", "header", {"type": "string", "minLength": 1, "maxLength": KEY_LIMIT}, words)


def _parameter(name: str, place: str, schema: Json, words: Mapping[str, Text]) -> Json:
    told = {"name": name, "in": place, "required": place == "path", "schema": dict(schema)}
    return described(told, words.get(name))


def _example(value: Any) -> Json:
    return {} if value is None else {"example": value}


def _statuses(paths: Json) -> list[int]:
    found = {status for path in paths.values() for told in path.values() for status in told["responses"]}
    return sorted(int(status) for status in found if status >= "400")


def _problem(status: int) -> Json:
    title, usual = SAID[status]
    problem: Json = {
        "description": f"{title}: {usual}",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS.get(status, ())}
    return problem | ({"headers": headers} if headers else {})


def _headers() -> Json:
    told = {
        "ETag": _("The version, for If-Match and If-None-Match."),
        "Idempotent-Replayed": _("“true” if this was answered before, under the same Idempotency-Key."),
        "Link": _('Where to undo it, for an hour: <…>; rel="undo".'),
        "Location": _("The address of what was added."),
        "Retry-After": _("Seconds to wait."),
        "WWW-Authenticate": _("What is asked for: a bearer token."),
    }
    return {name: {"schema": TYPES[str], "description": words} for name, words in told.items()}
