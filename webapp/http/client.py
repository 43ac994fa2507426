"""Where a request comes from: the page that is looked at, the cookies, the network; what is ours among addresses."""

import re
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from flask import current_app, request
from flask_babel import lazy_gettext

from webapp.http.exchange import Client, client, exchange, is_for_programs
from webapp.http.flask_internals import addresses

PORT = re.compile(r":([0-9]{1,5})$")  # at the end of a host or an origin
CACHE_BUSTER = "at"  # a parameter of pages that means nothing (webapp/hybrid/cache_busting.py)
COOKIES_OFF = lazy_gettext(
    "Recado knows you again by a cookie, and your browser sent none. Allow cookies for this site, then send this again."
)


def is_unsafe() -> bool:
    return request.method not in ("GET", "HEAD", "OPTIONS")


def sends_cookies() -> bool:
    """Whether the browser sends any of our cookies: each page with a form on it brings one."""
    return any(name.startswith(current_app.config["SESSION_COOKIE_NAME"]) for name in request.cookies)


def cookie_name(kind: str = "") -> str:
    """The name of a cookie of ours; with our port in it where another installation's has the name already.

    Browsers send a cookie to all ports of a host. `neighbour`: the session cookie that came is nobody's here.
    """
    name = str(current_app.config["SESSION_COOKIE_NAME"])
    port = PORT.search(current_app.config["PUBLIC_ORIGIN"] or request.host)
    own = f"{name}-{port[1]}" if port else name
    return (own if own in request.cookies or exchange().neighbour else name) + kind


def cookie(kind: str = "") -> str:
    """What the browser sent by this cookie."""
    return request.cookies.get(cookie_name(kind), "")


def is_visit() -> bool:
    """Whether somebody is about to read the answer as a page, rather than a prefetch, a HEAD or an image request."""
    prefetch = "prefetch" in (request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or "")
    boosted = request.headers.get("HX-Boosted") == "true"  # a page, though fetched by a script
    document = boosted or request.headers.get("Sec-Fetch-Dest", "document") == "document"
    return request.method != "HEAD" and document and not prefetch


def current_page() -> str | None:
    """The path of the page that the person is looking at, if the browser says so and it is ours."""
    if client() is Client.FRAGMENT:
        return local_path(request.headers.get("HX-Current-URL"))
    if is_unsafe():
        return local_path(request.referrer)
    query = request.query_string.decode(errors="replace")
    return local_path(request.root_path + request.path + (f"?{query}" if query else ""))


def _is_own(host: str) -> bool:
    """Whether a host is ours: as we were told, for a proxy may leave the port out of what it says, or as it comes."""
    return host.lower() in (urlsplit(current_app.config["PUBLIC_ORIGIN"] or "").netloc, request.host)


def local_path(address: str | None) -> str | None:
    """The path and query of a page of ours, by its address (a path, or an absolute URL of this host), else None.

    The parameter that means nothing is left out: the page is the same without it.
    What browsers read as another host is refused: `//e`, `/\\e`, control characters, other schemes; and what can only
    be posted to: it is where a browser is after a refused form, but nobody can go there.
    """
    if not address or "\\" in address or any(ord(letter) <= 32 or ord(letter) == 127 for letter in address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    is_ours = (parts.scheme in ("http", "https") and _is_own(parts.netloc)) or not (parts.scheme or parts.netloc)
    path = path_within(parts.path)
    if not is_ours or path is None or path.startswith("//") or is_for_programs(path):
        return None
    ours = addresses()
    if ours is None or not ours.test(path, "GET"):
        return None
    query = "&".join(part for part in parts.query.split("&") if part.partition("=")[0] != CACHE_BUSTER)
    return parts.path + (f"?{query}" if query else "")


def path_within(path: str) -> str | None:
    """A path of an address as the app knows it, without the prefix beneath which it is reached; None if not there."""
    root = request.root_path
    return path.removeprefix(root) if path.startswith(root + "/") else None


def network() -> str:
    """The address that a request comes from; of IPv6, the network that one household has."""
    try:
        address = ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return request.remote_addr or ""
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return str(address)
