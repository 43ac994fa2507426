"""What requests carry: UTF-8 throughout, and JSON read strictly, so that nothing is read that nobody wrote."""

import json
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import abort, request
from werkzeug.exceptions import UnsupportedMediaType

from webapp.i18n import gettext as _

JSON, MERGE_PATCH = "application/json", "application/merge-patch+json"
DEEPEST = 100  # objects and arrays in each other
SECRETS = ("password", "new_password", "code", "codes", "credential")  # fields that are never kept or shown again


class NotJSON(UnsupportedMediaType):
    """The body does not say that it is JSON, or a part of something as JSON (RFC 7396)."""

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        return [*super().get_headers(*args, **kwargs), ("Accept", ", ".join(_kinds()))]


class Unreadable(ValueError):
    """The body is JSON to Python, but not to everybody; its text says why, after a colon."""


def check_text() -> None:
    """Refuse what would be read as something nobody wrote: a query or form that is not UTF-8, a part without a name."""
    body = b""
    if request.mimetype == "application/x-www-form-urlencoded":
        body = unquote_to_bytes(request.get_data().replace(b"+", b" "))
    elif request.mimetype == "multipart/form-data":
        body = request.get_data()
    try:
        unquote_to_bytes(request.query_string).decode()
        body.decode()
    except UnicodeDecodeError:
        abort(400, _("The text is not valid UTF-8."))
    if request.mimetype == "multipart/form-data" and (None in request.form or None in request.files):
        abort(400, _("A part of the form has no name."))


def json_object() -> dict[str, Any]:
    """The request's body as a JSON object; 400, 413, 415 or 422 when it is none."""
    if request.mimetype not in _kinds():
        raise NotJSON
    try:
        text = request.get_data().decode()  # the bytes themselves would be read as UTF-16, too, and with surrogates
        content = json.loads(text, object_pairs_hook=_pairs, parse_constant=_refuse)
        if _is_deep(content):
            raise RecursionError
    except (ValueError, RecursionError) as error:
        abort(400, _("The body is not valid JSON: %(reason)s.", reason=_reason(error)))
    if not isinstance(content, dict):
        abort(422, _("The body must be a JSON object."))
    return content


def _kinds() -> list[str]:
    """What may be sent here: a change may also be a part of something (RFC 7396)."""
    return [JSON, MERGE_PATCH] if request.method == "PATCH" else [JSON]


def _is_deep(content: Any) -> bool:
    """Whether it is nested deeper than is sure to be written again, wherever that is done."""
    level = [content]
    for _depth in range(DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return any(isinstance(inner, dict | list) for inner in level)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise Unreadable(_("a name stands twice in one object"))
    return content


def _refuse(constant: str) -> None:
    raise Unreadable(constant)


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        reason = _("nested too deeply")
    elif isinstance(error, json.JSONDecodeError):
        reason = _("line %(line)s, column %(column)s", line=error.lineno, column=error.colno)
    elif isinstance(error, UnicodeDecodeError):
        reason = _("text that is not UTF-8")
    elif isinstance(error, Unreadable):
        reason = str(error)
    else:  # Python reads no number of more than 4,300 digits
        reason = _("a number that is too long")
    return str(reason)
