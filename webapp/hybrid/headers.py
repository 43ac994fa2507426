"""Security and caching headers: every answer leaves with them, whatever made it."""

import re

from flask import Response, abort, current_app, g, request
from flask_babel import gettext as _
from uuid6 import uuid7

from webapp.assets import asset_version
from webapp.hybrid.negotiation import Client, client, is_unsafe, secret_in_address
from webapp.hybrid.problems import problem
from webapp.hybrid.sessions import current_session
from webapp.logs import request_id

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default"
)
API_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # no-referrer would turn a form's Origin into "null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=63072000; includeSubDomains"  # two years
YEAR = "public, max-age=31536000, immutable"
REQUEST_ID = "X-Request-Id"
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


def add_headers(response: Response) -> None:
    response.headers.update(ALWAYS)
    response.headers[REQUEST_ID] = request_id.get() or ""
    if secret_in_address():
        response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Content-Security-Policy"] = API_POLICY if _is_for_keeping(response) else PAGE_POLICY
    if "forgotten" in g and response.status_code < 400:
        response.headers["Clear-Site-Data"] = '"cache", "storage"'  # Back shows nothing of the list either
    if current_app.config["HTTPS"]:
        response.headers["Strict-Transport-Security"] = HSTS
    if request.endpoint == "static" and "ETag" in response.headers:  # a file, not a 404 or the answer to OPTIONS
        # An address with the file's own hash in it never changes what it means; any other is asked about each time.
        # So is one with another hash: it may be of a newer version of Recado, which is just being installed.
        is_current = request.args.get("v") == asset_version((request.view_args or {})["filename"])
        response.headers["Cache-Control"] = YEAR if is_current else "no-cache"
        return
    if response.mimetype == "text/html" and client() is not Client.API:
        response.vary.update(("HX-Request", "HX-Boosted"))
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = _cache_control()
    _tell_clients_apart(response)


def name_request() -> None:
    """Give the request the id that its sender chose, else a new one, by which it is found in the logs."""
    given = request.headers.get(REQUEST_ID, "")
    request_id.set(given if GIVEN_ID.fullmatch(given) else str(uuid7()))


def check_version(version: int) -> None:
    """Abort with 412 if the request is not meant for this version of a thing (If-Match, If-None-Match; RFC 9110)."""
    g.compared, tag = True, _tag(str(version))
    if request.if_match and not request.if_match.contains(tag):
        abort(412)
    if is_unsafe() and request.if_none_match.contains_weak(tag):
        abort(412, _("This is what If-None-Match names."))


def check_compared() -> None:
    """Abort with 412 if the request names a version of what has none, such as a list: nothing says that it is met."""
    if is_unsafe() and "compared" not in g and request.if_match and not request.if_match.star_tag:
        abort(412, _("What this changes has no version of its own. Leave If-Match out."))


def _is_for_keeping(response: Response) -> bool:
    """Whether no browser is to show it: it is for a program, or a file."""
    return client() is Client.API or response.headers.get("Content-Disposition", "").startswith("attachment")


def _cache_control() -> str:
    if client() is not Client.PAGE:
        return "no-store"
    # Text browsers keep a page unless told all three, and lynx sees no-cache only at the end.
    session = current_session()
    private = session.messages.claim or (session.loaded and session.account)
    return "no-store, private, no-cache" if private else "no-cache"


def _tell_clients_apart(response: Response) -> None:
    """A page and its fragment share an address: the same ETag on both would swap the wrong one in."""
    tag, weak = response.get_etag()
    if tag:
        response.set_etag(_tag(tag), bool(weak))
        response.make_conditional(request)
        if response.status_code == 412:  # Werkzeug leaves it what it was
            refused = problem(412)
            response.set_data(refused.get_data())
            response.headers["Content-Type"] = refused.headers["Content-Type"]


def _tag(tag: str) -> str:
    return f"{tag}-{client().value}"
