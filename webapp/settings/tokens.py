"""Tokens: how a program comes to act on one's list."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, url_for

from webapp.http import log_event_after_commit
from webapp.hybrid import redirect, render, with_secrets
from webapp.i18n import gettext as _
from webapp.models.accounts.token import add_token, delete_token, may_add_token, tokens_of
from webapp.sessions import confirmation_required, current_account, login_required
from webapp.settings.forms import WRITE, RevokeForm, TokenForm

bp = Blueprint("tokens", __name__, url_prefix="/settings/tokens")
TOKENS = "partials/settings/tokens.html"


@bp.get("")
@login_required
def index() -> Response:
    return _shown(TokenForm(), RevokeForm())


@bp.post("")
@confirmation_required
def create() -> Response:
    form = TokenForm()
    if not form.validate_on_submit():
        return _shown(form, RevokeForm(blank=True))
    if not may_add_token(current_account()):
        form.refuse_another()
        return _shown(form, RevokeForm(blank=True))
    token = add_token(current_account(), form.name.text, may_write=form.scope.data == WRITE, days=form.lifetime)
    log_event_after_commit("token_created", name=form.name.text, scope=form.scope.data, days=form.lifetime)
    flash(with_secrets(_("Your new token. Copy it now: it is shown only this once."), [token]), "warning")
    return redirect(url_for(".index"))


@bp.post("/<uuid:id>/delete")
@login_required  # and no more: who has lost a token is in a hurry
def revoke(id: UUID) -> Response:
    form = RevokeForm()
    if not form.validate_on_submit():  # before it is looked for: sent twice, it is gone the second time
        return _shown(TokenForm(blank=True), form)
    name = delete_token(current_account(), id)
    log_event_after_commit("token_revoked", token=str(id), name=name)
    flash(_("That token no longer works."), "success")
    return _changed()


def _shown(form: TokenForm, revoke: RevokeForm) -> Response:
    return render("settings/tokens.html", TOKENS, form=form, revoke=revoke, tokens=_tokens)


def _changed() -> Response:
    forms = {"form": TokenForm(blank=True), "revoke": RevokeForm(blank=True)}
    return redirect(url_for(".index"), TOKENS, tokens=_tokens, **forms)


def _tokens() -> Any:
    return tokens_of(current_account())
