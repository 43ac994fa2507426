"""Leaving: an account is shut at once, and deleted when its owner has had time to think it over."""

from flask import Blueprint, Response, flash, url_for

from webapp.http import log_event_after_commit
from webapp.hybrid import redirect, render
from webapp.i18n import gettext as _
from webapp.models.accounts.account_deletion import LEAVING_AGE, is_needed, leave
from webapp.sessions import confirmation_required, current_account, log_out
from webapp.settings.forms import LeaveForm

bp = Blueprint("leaving", __name__, url_prefix="/settings/delete")


@bp.route("", methods=["GET", "POST"])
@confirmation_required
def index() -> Response:
    account = current_account()
    if account.is_guest:
        return redirect(url_for("welcome.ask_to_forget"))
    form = LeaveForm()
    if not form.validate_on_submit():
        return _asked(form)
    if not leave(account):
        return _asked(form, status=409)
    log_event_after_commit("left", user=account.user_name)
    log_out()
    flash(
        _("Your account is shut. Log in within %(days)s days to keep it; then it is deleted.", days=LEAVING_AGE.days),
        "info",
    )
    return redirect(url_for("welcome.index"))


def _asked(form: LeaveForm, status: int = 200) -> Response:
    return render(
        "settings/delete.html",
        "partials/settings/leave_form.html",
        form=form,
        days=LEAVING_AGE.days,
        needed=is_needed(current_account()),
        status=status,
    )
