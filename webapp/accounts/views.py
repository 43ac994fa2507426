"""Tokens: how a program comes to act on one's list."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, url_for
from flask_babel import gettext as _

from webapp.accounts.forms import TokenForm
from webapp.hybrid import current_account, login_required, redirect, render
from webapp.models.token import add_token, delete_token, tokens_of

bp = Blueprint("accounts", __name__, url_prefix="/settings")
TOKENS = "partials/accounts/tokens.html"


@bp.get("/tokens")
@login_required
def tokens() -> Response:
    return render("accounts/tokens.html", TOKENS, form=TokenForm(), tokens=_tokens)


@bp.post("/tokens")
@login_required
def create_token() -> Response:
    form = TokenForm()
    if form.validate_on_submit():
        token = add_token(current_account())
        flash(_("Your token, shown this once: %(token)s", token=token), "warning")
    return _changed()


@bp.post("/tokens/<uuid:id>/delete")
@login_required
def revoke_token(id: UUID) -> Response:
    delete_token(current_account(), id)
    flash(_("That token no longer works."), "success")
    return _changed()


def _changed() -> Response:
    return redirect(url_for(".tokens"), TOKENS, form=TokenForm(blank=True), tokens=_tokens)


def _tokens() -> Any:
    return tokens_of(current_account())
