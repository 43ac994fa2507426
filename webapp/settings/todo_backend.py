"""The Todo-Backend address: how a front end made by somebody else comes to show one's list."""

from flask import Blueprint, Response, flash, url_for

from webapp.http import log_event_after_commit, public_origin
from webapp.hybrid import redirect, render, with_secrets
from webapp.i18n import gettext as _
from webapp.models.accounts.todo_backend import address_made, make_address, revoke_address
from webapp.sessions import confirmation_required, current_account, login_required
from webapp.settings.forms import AddressForm, RevokeForm

bp = Blueprint("todo_backend", __name__, url_prefix="/settings/todo-backend")
ADDRESS = "partials/settings/todo_backend.html"


@bp.get("")
@login_required
def index() -> Response:
    return _shown(AddressForm(), RevokeForm())


@bp.post("")
@confirmation_required
def create() -> Response:
    form = AddressForm()
    if not form.validate_on_submit():
        return _shown(form, RevokeForm(blank=True))
    secret = make_address(current_account())
    log_event_after_commit("todo_backend_opened")
    address = public_origin() + url_for("compat.todos.index", secret=secret)
    said = _("Your new Todo-Backend address. Copy it now: it is shown only this once.")
    flash(with_secrets(said, [address]), "warning")
    return redirect(url_for(".index"))


@bp.post("/delete")
@login_required
def revoke() -> Response:
    form = RevokeForm()
    if not form.validate_on_submit():
        return _shown(AddressForm(blank=True), form)
    revoke_address(current_account())
    log_event_after_commit("todo_backend_closed")
    flash(_("That address no longer works."), "success")
    return _changed()


def _shown(form: AddressForm, revoke: RevokeForm) -> Response:
    made = address_made(current_account())
    return render("settings/todo_backend.html", ADDRESS, form=form, revoke=revoke, made=made)


def _changed() -> Response:
    forms = {"form": AddressForm(blank=True), "revoke": RevokeForm(blank=True)}
    return redirect(url_for(".index"), ADDRESS, made=lambda: address_made(current_account()), **forms)
