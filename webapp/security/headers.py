"""Security headers: what a browser may do with an answer; every one leaves with them, whatever made it."""

from flask import Response, current_app

from webapp.http.events import REQUEST_ID
from webapp.http.exchange import client, exchange
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


def set_security_headers(response: Response) -> None:
    response.headers.update(ALWAYS)
    response.headers[REQUEST_ID] = request_id.get() or ""
    if exchange().secret:
        response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Content-Security-Policy"] = API_POLICY if _is_for_keeping(response) else PAGE_POLICY
    if exchange().forgotten and response.status_code < 400:
        response.headers["Clear-Site-Data"] = '"cache", "storage"'  # Back shows nothing of the list either
    if current_app.config["HTTPS"]:
        response.headers["Strict-Transport-Security"] = HSTS


def _is_for_keeping(response: Response) -> bool:
    """Whether no browser is to show it: it is for a program, or a file."""
    return client().is_program or response.headers.get("Content-Disposition", "").startswith("attachment")
