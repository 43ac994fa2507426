"""What browsers and programs may do: how often they may come, from which sites, and what they may make of an answer."""

from flask import Flask, Response

from webapp.security import rate_limits, too_many_requests
from webapp.security.cors import let_others_read, preflight
from webapp.security.headers import set_security_headers
from webapp.security.rate_limits import charge_rows, count_request, set_rate_limit

__all__ = ["GUARDS", "init_app"]

GUARDS = (preflight, count_request)  # what a request has to pass before its view is called


def init_app(app: Flask) -> None:
    """Before the response layer is put around the app: what is told here comes on top of its answers."""
    rate_limits.init_app(app)
    too_many_requests.init_app(app)

    @app.after_request
    def tell(response: Response) -> Response:
        charge_rows()
        set_security_headers(response)
        set_rate_limit(response)
        let_others_read(response)
        return response
