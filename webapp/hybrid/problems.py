"""What went wrong, said to each client in its own terms: a page, an alert, or an RFC 9457 problem."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, render_template, request, url_for

from webapp.http.bodies import SECRETS
from webapp.http.exchange import Client, client, exchange
from webapp.http.origin import public_origin
from webapp.http.transactions import give_up
from webapp.hybrid.json_responses import Json, json_answer
from webapp.hybrid.problem_types import PLAIN, PROBLEM_TYPES, USUAL
from webapp.logs import request_id
from webapp.sessions.drafts import unsaved
from webapp.sessions.messages import FIELD
from webapp.sessions.session import CSRF

UNTYPED = (CSRF, FIELD, "version", "original", "ticket", "secret", *SECRETS)  # what is hidden, or not to be shown
WISHES = ("true", "false")  # what buttons and hidden fields say for a person; nobody typed it


def problem(
    status: int,
    detail: str | None = None,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    link: tuple[str, str] | None = None,
    gone: str | None = None,
    kind: str | None = None,
    more: Mapping[str, Json] | None = None,
) -> Response:
    """Say what went wrong: a page, an alert beside what htmx shows (which stays), or an RFC 9457 problem.

    detail: a sentence for a person. errors: `{"detail", "pointer"}` for each bad value. link: (text, URL) of a way on,
    for an alert. gone: the id of an element that should not be there any more. kind: which of KINDS it is, if not the
    usual one of its status. more: what else programs are told.
    """
    give_up()
    kind = kind or USUAL.get(status)
    title, usual = PROBLEM_TYPES[kind][1:3] if kind else (HTTPStatus(status).phrase,) * 2
    detail = str(detail or usual)
    if client().is_program:
        page = public_origin() + url_for("problems.show", problem=kind) if kind else PLAIN
        response = _for_program({"type": page, "title": str(title), "status": status, "detail": detail}, errors, more)
    elif client() is Client.FRAGMENT:
        # The status says "do not swap" to htmx, the alert is out of band: what the person typed stays where it is.
        exchange().problem = {"text": detail, "link": link}
        response = Response(status=status, headers={"HX-Reswap": "delete" if gone else "none"})
        if gone:
            response.headers["HX-Retarget"] = f"#{gone}"
    else:
        exchange().status = status
        response = Response(render_template("error.html", title=title, detail=detail, typed=_typed()), status)
        if request.headers.get("HX-Boosted"):
            response.headers["HX-Reswap"] = "innerHTML"  # a boosted page is shown whatever its status
    response.headers.extend(headers or {})
    return response


def _for_program(
    content: dict[str, Any], errors: Sequence[Mapping[str, str]], more: Mapping[str, Json] | None
) -> Response:
    """An RFC 9457 problem; its title is a sentence like the detail, and so in the same language."""
    status, content = content["status"], content | dict(more or {})
    if errors:
        content["errors"] = list(errors)
    if status >= 500:
        content["request_id"] = request_id.get()  # what whoever runs Recado finds in the logs
    response = json_answer(content, status)
    response.mimetype = "application/problem+json"
    return response


def _typed() -> list[str]:
    """What the person sent, now or before we asked who it is, to be shown where its form cannot be: no text is lost."""
    try:
        fields = list(request.form.items(multi=True)) or unsaved()
    except Exception:  # the very reason for the problem may be that the body cannot be read
        return []
    typed = [value for name, value in fields if name and name not in UNTYPED and not name.startswith("/")]
    return [value for value in typed if value.strip() and value not in WISHES]
