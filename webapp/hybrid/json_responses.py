"""JSON as an answer, and the ETag by which it is known again."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from flask import Response

from webapp.crypto import digest
from webapp.http.client import is_unsafe

Json = Any


class Page(NamedTuple):
    """A page of a collection, as JSON; its headers say how it goes on."""

    items: Any
    headers: Mapping[str, str]


def json_answer(content: Json, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """JSON as an answer, moments as RFC 3339 in UTC. A thing with a `version` gets it as ETag, for check_version();
    whatever else is only looked at, its hash."""
    headers = {} if headers is None else headers
    if isinstance(content, Page):
        content, headers = content.items, {**headers, **content.headers}
    body = to_json(content) + "\n"
    response = Response(body, status, headers, mimetype="application/json")
    if isinstance(content, Mapping) and "version" in content:
        response.set_etag(str(content["version"]))
    elif not is_unsafe() and status < 400:  # an error stays one, whatever is known (RFC 9110, 13.2.1)
        response.set_etag(digest(body, headers.get("Link")).hex()[:32])
    return response


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return str(value)  # an id


to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode
