"""A new password, which shuts out whoever has come in by the old one."""

from flask import Blueprint, Response, flash, url_for

from webapp.http import log_event_after_commit
from webapp.hybrid import redirect, render
from webapp.i18n import gettext as _
from webapp.models.accounts.login import set_password
from webapp.models.sessions.session import end_sessions
from webapp.sessions import confirmation_required, current_account, current_browser, log_in
from webapp.settings.forms import PasswordForm
from webapp.settings.guests import lead_to_register

bp = Blueprint("password", __name__, url_prefix="/settings/password")
bp.before_request(lead_to_register)


@bp.route("", methods=["GET", "POST"])
@confirmation_required
def change() -> Response:
    account = current_account()
    form = PasswordForm()
    if not form.validate_on_submit():
        return render("settings/password.html", "partials/settings/password_form.html", form=form)
    set_password(account, form.new_password.hashed)
    ended = end_sessions(account, but=current_browser())
    log_in(account)
    log_event_after_commit("password_changed", ended=ended)
    flash(_("From now on your new password is the one that counts. All other browsers are logged out."), "success")
    return redirect(url_for("settings.index"))
