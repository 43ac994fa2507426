"""Guests have nothing to log in with: they are led to where they get it."""

from flask import Response, request, url_for

from webapp.http import current_page
from webapp.hybrid import redirect
from webapp.sessions import account_or_none


def lead_to_register() -> Response | None:
    """For a blueprint's `before_request`."""
    account = account_or_none()
    if account is None or not account.is_guest:
        return None
    return redirect(url_for("accounts.register", next=current_page() if request.method == "GET" else None))
