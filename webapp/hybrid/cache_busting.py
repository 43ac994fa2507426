"""Cache busting: another address each time, for browsers that show a page as it was, whatever Cache-Control says.

After a form Links and Dillo take the page to which a 303 leads from their cache: the list stays as it was, and its form
was sent already. ELinks misses there the row behind the `#`, and lynx stands still for three seconds to warn that it
loads the page again, and for two because a Location is relative. All others say more about a request (Sec-Fetch-Site,
without HTTPS Upgrade-Insecure-Requests) and keep plain addresses. Links and Dillo follow every link into their cache,
too: only they are known by name.
"""

import re
import secrets
from urllib.parse import urlencode, urlsplit

from flask import Response, request

from webapp.http.client import CACHE_BUSTER, is_unsafe
from webapp.http.exchange import Client, client
from webapp.http.origin import public_origin

MODERN = ("Sec-Fetch-Site", "Upgrade-Insecure-Requests")
KEEPS_EVERYTHING = re.compile(r"Links \(|.*\bDillo\b")
LINK = re.compile(r' href="(/(?![^"?#]*\bstatic/)[^"?#]*)(?:\?([^"#]*))?')


def fresh_location(location: str) -> str:
    """The same place for this request's browser: if it is old absolute, and after a form by another address."""
    if not location.startswith("/") or any(name in request.headers for name in MODERN):
        return location
    parts = urlsplit(location)
    if is_unsafe():
        parts = parts._replace(query="&".join(filter(None, (parts.query, urlencode([fresh_parameter()])))))
    return public_origin() + parts.geturl()


def keeps_everything() -> bool:
    """Whether this request's browser asks again for no page that it has shown."""
    return client() is Client.PAGE and KEEPS_EVERYTHING.match(request.user_agent.string) is not None


def freshen_links(response: Response) -> None:
    """Let the links of a page lead to the server, in a browser that else looks no further than its cache."""
    if response.mimetype != "text/html" or response.is_streamed or not keeps_everything():
        return
    fresh = urlencode([fresh_parameter()])

    def freshened(link: re.Match[str]) -> str:
        return f' href="{link[1]}?' + "&amp;".join(filter(None, (link[2], fresh)))

    response.set_data(LINK.sub(freshened, response.get_data(as_text=True)))


def fresh_parameter() -> tuple[str, str]:
    """A parameter that means nothing, and makes an address another one."""
    return CACHE_BUSTER, secrets.token_urlsafe(4)
