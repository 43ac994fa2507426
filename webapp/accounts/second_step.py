"""Logging in otherwise: by a code after the password, or by a passkey alone."""

from flask import Blueprint, Response, flash, request, url_for

from webapp.accounts.forms import CodeForm, PasskeyForm
from webapp.accounts.views import enter, next_place
from webapp.auth import drop_ticket, held_ticket, login_by_ticket
from webapp.http import log_event_after_commit
from webapp.hybrid import redirect, render
from webapp.i18n import gettext as _
from webapp.i18n import ngettext
from webapp.models.accounts.recovery_codes import count_codes

bp = Blueprint("second_step", __name__, url_prefix="/login")
CODE = "partials/accounts/code_form.html"
PASSKEY = "partials/accounts/passkey_form.html"


@bp.route("/code", methods=["GET", "POST"])
def code() -> Response:
    form = CodeForm(data={"ticket": held_ticket()})
    login = login_by_ticket(form.ticket.data)
    if login is None:
        if request.method == "POST":
            flash(_("That took more than ten minutes. Write your password again."), "info")
        return redirect(url_for("accounts.login", next=next_place()))
    form.login = login
    if not form.validate_on_submit() or not form.code.use(login.account):
        return render("accounts/code.html", CODE, form=form, next=next_place())
    if form.code.is_recovery:
        left = count_codes(login.account)
        flash(ngettext("%(num)s recovery code is left.", "%(num)s recovery codes are left.", left), "warning")
    drop_ticket()
    return enter(login)


@bp.route("/passkey", methods=["GET", "POST"])
def passkey() -> Response:
    form = PasskeyForm()
    if not form.validate_on_submit() or not form.credential.use():
        return render("accounts/passkey.html", PASSKEY, passkey=form, next=next_place())
    log_event_after_commit("passkey_used", user=form.login.account.user_name)
    return enter(form.login)
