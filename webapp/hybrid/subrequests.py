"""A request within a request: carried out by its own view, in the transaction of the one that holds it."""

import json
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.urls import iri_to_uri

from webapp.db import Missing
from webapp.http.exchange import exchange
from webapp.http.flask_internals import request_within
from webapp.http.parameters import Unknown
from webapp.hybrid.caching import set_caching
from webapp.hybrid.problems import problem
from webapp.hybrid.responses import translate

OWN = ("HTTP_IF_", "HTTP_IDEMPOTENCY_", "CONTENT_", "werkzeug.", "wsgi.input")  # in the environment


def carry_out(method: str, path: str, body: Any = None, if_match: str | None = None) -> Response:
    """Answer a request beside this one, by its path from the same root.

    Nothing is committed, claimed or said to anybody. A failure that is nobody's mistake, such as a collision with
    somebody else, is raised: then all of it runs again, or fails.
    """
    within = exchange().within()
    environ = _environ(method, request.path.rpartition("/")[0] + path, body, if_match)
    with request_within(environ) as app:
        g.exchange = within
        try:
            response = app.make_response(app.dispatch_request())
        except RequestRedirect:
            response = problem(404)
        except (HTTPException, Missing, Unknown) as error:
            response = app.make_response(app.handle_user_exception(error))
        response = translate(response)
        set_caching(response)
        return response


def _environ(method: str, path: str, body: Any, if_match: str | None) -> dict[str, Any]:
    parts = urlsplit(iri_to_uri(path))
    content = json.dumps({} if body is None else body).encode()  # what has to be in it is missing then
    environ = {name: value for name, value in request.environ.items() if not name.startswith(OWN)}
    environ |= {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
        "QUERY_STRING": parts.query,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": BytesIO(content),
    }
    return environ if if_match is None else environ | {"HTTP_IF_MATCH": if_match}
