"""Passkeys: devices that open the account without a password."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, url_for

from webapp.http import log_event_after_commit
from webapp.hybrid import redirect, render
from webapp.i18n import gettext as _
from webapp.models.accounts.passkey import add_passkey, delete_passkey, may_add_passkey, passkeys_of
from webapp.sessions import confirmation_required, current_account
from webapp.settings.forms import NewPasskeyForm, RemoveForm
from webapp.settings.guests import lead_to_register

bp = Blueprint("passkeys", __name__, url_prefix="/settings/passkeys")
bp.before_request(lead_to_register)
PASSKEYS = "partials/settings/passkeys.html"


@bp.get("")
@confirmation_required
def index() -> Response:
    return _shown(NewPasskeyForm(), RemoveForm())


@bp.post("")
@confirmation_required
def create() -> Response:
    form = NewPasskeyForm()
    if not form.validate_on_submit():
        return _shown(form, RemoveForm(blank=True))
    if not may_add_passkey(current_account()):
        form.refuse_another()
        return _shown(form, RemoveForm(blank=True))
    if not add_passkey(current_account(), form.name.text, form.credential.made):
        form.credential.refuse()
        return _shown(form, RemoveForm(blank=True))
    log_event_after_commit("passkey_added", name=form.name.text)
    flash(_("From now on the passkey “%(name)s” opens your account.", name=form.name.text), "success")
    return _changed()


@bp.post("/<uuid:id>/delete")
@confirmation_required
def delete(id: UUID) -> Response:
    form = RemoveForm()
    if not form.validate_on_submit():  # before it is looked for: sent twice, it is gone the second time
        return _shown(NewPasskeyForm(blank=True), form)
    name = delete_passkey(current_account(), id)
    log_event_after_commit("passkey_removed", name=name)
    flash(_("The passkey “%(name)s” opens nothing any more.", name=name), "success")
    return _changed()


def _shown(form: NewPasskeyForm, remove: RemoveForm) -> Response:
    return render("settings/passkeys.html", PASSKEYS, **_context(form, remove))


def _changed() -> Response:
    return redirect(url_for(".index"), PASSKEYS, **_context(NewPasskeyForm(blank=True), RemoveForm(blank=True)))


def _context(form: NewPasskeyForm, remove: RemoveForm) -> dict[str, Any]:
    """What the page shows; functions, because not every answer does."""
    return {
        "form": form,
        "remove": remove,
        "passkeys": lambda: passkeys_of(current_account()),
        "options": lambda: form.credential.options(form.key),
    }
