"""Tokens: how a program comes to act on one's list."""

from uuid import UUID

from flask import Blueprint, Response, flash, url_for
from flask_babel import gettext as _

from webapp.hybrid import current_account, login_required, redirect
from webapp.models.token import add_token, delete_token, tokens_of

bp = Blueprint("accounts", __name__)


@bp.post("/tokens")
@login_required
def create_token() -> Response:
    token = add_token(current_account())
    flash(_("Your token, shown this once: %(token)s", token=token), "warning")
    return _tokens()


@bp.post("/tokens/<uuid:id>/delete")
@login_required
def revoke_token(id: UUID) -> Response:
    delete_token(current_account(), id)
    flash(_("That token no longer works."), "success")
    return _tokens()


def _tokens() -> Response:
    return redirect(
        url_for("welcome.index", _anchor="tokens"), "partials/accounts/tokens.html", tokens=tokens_of(current_account())
    )
