"""Scripts of other sites (CORS, Fetch standard): let in where programs come, without cookies, from the origins named.

An address with a secret in it is open to all origins: whoever knows it may come, from wherever.
"""

from flask import Response, current_app, request

from webapp.http.exchange import Client, client

METHODS = "GET, HEAD, POST, PATCH, DELETE"
SENT = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id"
READ = (
    "Allow, ETag, Idempotent-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, "
    "X-Request-Id"
)
AGE = 7200  # seconds for which a browser need not ask again; none keeps it longer than a day, Chromium two hours


def preflight() -> Response | None:
    """The answer to a browser that asks whether a script may send what it wants to send."""
    asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    if not (asks and _allowed()):
        return None
    methods = f"{METHODS}, PUT" if client().is_lenient else METHODS
    headers = {"Access-Control-Allow-Methods": methods, "Access-Control-Max-Age": str(AGE)}
    return Response(status=204, headers=headers | {"Access-Control-Allow-Headers": SENT})


def let_others_read(response: Response) -> None:
    """Say to the browser which site's script may read this."""
    if not client().is_program:
        return
    if current_app.config["CORS_ORIGINS"] and client() is Client.API:
        response.vary.add("Origin")
    if allowed := _allowed():
        response.headers["Access-Control-Allow-Origin"] = allowed
        response.headers["Access-Control-Expose-Headers"] = READ
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"


def _allowed() -> str | None:
    if not client().is_program:
        return None
    if client() is Client.TODO_BACKEND:
        return "*"
    origin = request.headers.get("Origin")
    return origin if origin in current_app.config["CORS_ORIGINS"] else None
