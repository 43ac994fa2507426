"""What an operation may be answered: the headers of each answer, and what can go wrong."""

from collections.abc import Iterable, Iterator, Mapping
from typing import get_type_hints, is_typeddict

from flask import url_for

from webapp.api.code_samples import HOST
from webapp.api.json_schema import TYPES, Json, form_schema
from webapp.api.operations import Operation
from webapp.hybrid.problem_types import PROBLEM_TYPES
from webapp.i18n import gettext as _

SAFE = ("GET", "HEAD")
ALWAYS, OF_OURS, OF_CHANGES, OF_BODIES = {400, 412, 422, 429, 500, 503}, {401}, {403, 409, 413}, {415}
HEADERS: dict[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    415: ("Accept",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
EVERYWHERE = ("X-Request-Id", "RateLimit", "RateLimit-Policy")  # headers of each answer


def errors_of(name: str, told: Operation) -> list[int]:
    """The statuses from 400 on that an operation can be answered."""
    found = ALWAYS | {*told.errors} | (set() if name.startswith(SAFE) else OF_CHANGES)
    found |= set() if told.public else OF_OURS
    found |= {404} if "{" in name else set()
    return sorted(found | (OF_BODIES if told.form else set()))


def headers_of(method: str, told: Operation) -> Iterator[str]:
    """The headers of an answer that is no error, beside those of each."""
    hints = get_type_hints(told.answers) if is_typeddict(told.answers) else {}
    if "version" in hints or method in SAFE:
        yield "ETag"
    if told.status == 201 and "url" in hints:
        yield "Location"
    if told.undo or "cursor" in query_of(told):
        yield "Link"
    if method not in SAFE:
        yield "Idempotent-Replayed"


def query_of(told: Operation) -> Mapping[str, Json]:
    """The schema of each parameter that may stand in the query."""
    if isinstance(told.query, Mapping):
        return told.query
    properties: Mapping[str, Json] = form_schema(told.query, {})["properties"]
    return properties


def problem_of(status: int) -> Json:
    """The answer of this status: which kinds of problem it may be."""
    kinds = {name: kind for name, kind in PROBLEM_TYPES.items() if kind.status == status}
    examples = {
        name: {
            "value": {
                "type": HOST + url_for("problems.show", problem=name),
                "title": kind.title,
                "status": status,
                "detail": kind.usual,
            }
        }
        for name, kind in kinds.items()
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": " ".join(f"{kind.title}: {kind.meaning}" for kind in kinds.values()),
        "content": {"application/problem+json": {"schema": schema, "examples": examples}},
        "headers": references((*HEADERS.get(status, ()), *EVERYWHERE)),
    }


def references(headers: Iterable[str]) -> Json:
    return {header: {"$ref": f"#/components/headers/{header}"} for header in headers}


def all_headers() -> Json:
    told = {
        "Accept": _("The kinds of content that are read here."),
        "ETag": _("What it was like, for If-Match and If-None-Match."),
        "Idempotent-Replayed": _("“true” if this was answered before, under the same Idempotency-Key."),
        "Link": _("Where it goes on (next), where it begins (first), or how to undo it for an hour (undo)."),
        "Location": _("The address of what was added."),
        "RateLimit": _("How many requests are left (r), for how many seconds (t)."),
        "RateLimit-Policy": _("How many requests there may be (q) in so many seconds (w)."),
        "Retry-After": _("Seconds to wait."),
        "X-Request-Id": _("What the logs know the request by: yours, if you sent one."),
        "WWW-Authenticate": _("What is asked for: a bearer token."),
    }
    return {name: {"schema": TYPES[str], "description": words} for name, words in told.items()}
