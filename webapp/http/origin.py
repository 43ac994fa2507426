"""Cross-site request forgery: an unsafe request must come from one of our own pages.

The browser's word comes first (`Sec-Fetch-Site`, then `Origin`); browsers that give none, such as lynx and w3m,
show the form's token. The API is exempt: it reads no cookie, and no other site knows the bearer token.
"""

from contextlib import suppress
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import abort, current_app, request, url_for
from flask_wtf.csrf import validate_csrf
from wtforms.validators import ValidationError

from webapp.http.client import COOKIES_OFF, is_unsafe, sends_cookies
from webapp.http.events import log_event
from webapp.http.exchange import Client, client
from webapp.http.flask_internals import addresses, forget_host
from webapp.i18n import gettext as _

HEALTH = {"/healthz": "welcome.health", "/readyz": "welcome.ready"}


def check_host() -> None:
    """Abort with 400 for a request to a host that is not ours, that is no host, or that is not named (RFC 9112, 3.2).

    Flask leaves it without a map of our addresses, but the page that says what is wrong has links. Whoever asks for our
    health, such as a container's engine, knows us by an address of its own.
    """
    if health := HEALTH.get(request.path):
        abort(current_app.view_functions[health]())  # type: ignore[arg-type]
    public = current_app.config["PUBLIC_ORIGIN"]
    unnamed = "Host" not in request.headers and request.environ["SERVER_PROTOCOL"] == "HTTP/1.1"
    name = None if addresses() is None or unnamed else request.host
    told = public or current_app.config["PROXIES"] or "Host" not in request.headers
    if not name or not (told or _is_local(name)):
        forget_host()
        log_event("host_refused", host=request.headers.get("Host"))
        if public:
            abort(400, _("Recado is not at this address; it is at %(url)s.", url=public + request.root_path))
        setting = f"RECADO_PUBLIC_URL=http://{name}"
        said = _("Recado was not told that this is its address. Start it with %(told)s.", told=setting)
        abort(400, said if name else None)


def _is_local(host: str) -> bool:
    """Whether this machine or a literal address is meant: any other name may have been led here by somebody else."""
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    with suppress(ValueError):
        return bool(ip_address(name))
    return False


def check_origin() -> None:
    """Abort with 403 for another site's form, 400 for one that does not tell whose it is."""
    if client().is_program or not is_unsafe():
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site:
        if site not in ("same-origin", "none"):
            abort(403)
    elif origin:
        if origin != public_origin():
            abort(403)
    else:
        try:
            validate_csrf(request.form.get("csrf_token") or request.headers.get("X-CSRFToken"))
        except ValidationError:
            log_event("form_refused")
            too_long = _("This form was open for too long. Open the page again and send it once more.")
            abort(400, too_long if sends_cookies() else COOKIES_OFF)


def public_origin() -> str:
    """Scheme, host and port under which people reach us: the setting, or what this request was sent to, if a host."""
    return str(current_app.config["PUBLIC_ORIGIN"] or (request.host and request.host_url.rstrip("/")))


def program_url(endpoint: str, **values: Any) -> str:
    """The absolute address of a view at the secret address by which this program came, else at the API."""
    return public_origin() + url_for(f"{'compat' if client() is Client.TODO_BACKEND else 'api'}.{endpoint}", **values)
