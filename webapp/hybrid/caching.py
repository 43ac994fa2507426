"""What may be kept and for how long, and which version a request is meant for (RFC 9110 and 9111)."""

import re

from flask import Response, abort, request

from webapp.assets import asset_version
from webapp.http.client import is_unsafe
from webapp.http.exchange import Client, client, exchange
from webapp.hybrid.problems import problem
from webapp.i18n import gettext as _
from webapp.sessions.session import current_session

MARKED = re.compile(r'(?:\bW/)?("[^"]*?)(?:-(?:gzip|br|zstd|deflate))?(?=")')
YEAR = "public, max-age=31536000, immutable"


def read_tags() -> None:
    """Read the tags of If-Match and If-None-Match as we gave them: a proxy that compresses weakens or marks them.

    What an answer is compared by is the same with or without compression.
    """
    for name in ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"):
        if name in request.environ:
            request.environ[name] = MARKED.sub(r"\1", request.environ[name])
    if not is_unsafe() and request.environ.get("HTTP_IF_MATCH") == "*":
        del request.environ["HTTP_IF_MATCH"]  # whatever is shown is something


def check_version(version: int) -> None:
    """Abort with 412 if the request is not meant for this version of a thing (If-Match, If-None-Match)."""
    exchange().compared, tag = True, _tag(str(version))
    if "If-Match" in request.headers and not request.if_match.contains(tag):  # an empty one names nothing
        abort(412)
    if is_unsafe() and request.if_none_match.contains_weak(tag):
        abort(412, _("This is what If-None-Match names."))


def check_compared() -> None:
    """Abort with 412 if the request names a version of what has none, such as a list: nothing says that it is met."""
    if is_unsafe() and not exchange().compared and "If-Match" in request.headers and not request.if_match.star_tag:
        abort(412, _("What this changes has no version of its own. Leave If-Match out."))


def set_caching(response: Response) -> None:
    """Say how long the answer may be kept, by whom, and answer 304 to who has it already."""
    if request.endpoint == "static" and "ETag" in response.headers:  # a file, not a 404 or the answer to OPTIONS
        # An address with the file's own hash in it never changes what it means; any other is asked about each time.
        # So is one with another hash: it may be of a newer version of Recado, which is just being installed.
        is_current = request.args.get("v") == asset_version((request.view_args or {})["filename"])
        response.headers["Cache-Control"] = YEAR if is_current else "no-cache"
        return
    if response.mimetype == "text/html" and not client().is_program:
        response.vary.update(("HX-Request", "HX-Boosted", "Cookie"))  # the last: language and theme are in cookies
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = _cache_control(response)
    _tell_clients_apart(response)


def _cache_control(response: Response) -> str:
    if client() is not Client.PAGE:
        return "no-store"
    # Text browsers keep a page unless told all three, and lynx sees no-cache only at the end.
    session = current_session()
    unknown = response.status_code >= 500 and not session.loaded  # it failed before anybody asked who it is
    private = unknown or session.messages.claim or (session.loaded and session.account)
    return "no-store, private, no-cache" if private else "no-cache"


def _tell_clients_apart(response: Response) -> None:
    """A page and its fragment share an address: the same ETag on both would swap the wrong one in."""
    tag, weak = response.get_etag()
    if tag:
        response.set_etag(_tag(tag), bool(weak))
        response.make_conditional(request)
        if response.status_code == 412:  # Werkzeug leaves it what it was
            refused = problem(412)
            response.close()
            del response.headers["ETag"]
            response.set_data(refused.get_data())
            response.headers["Content-Type"] = refused.headers["Content-Type"]


def _tag(tag: str) -> str:
    return f"{tag}-{client().value}"
