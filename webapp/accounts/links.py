"""Links that work once: an invitation lets somebody register, a reset link lets somebody choose a new password."""

from typing import NoReturn

from flask import Blueprint, Response, abort, current_app, flash, request, url_for

from webapp.accounts.forms import ResetForm
from webapp.http import log_event_after_commit
from webapp.hybrid import redirect, render
from webapp.i18n import gettext as _
from webapp.models.accounts.login import set_password
from webapp.models.accounts.one_time_link import INVITE, RESET, LinkRow, end_links, find_link, take_link
from webapp.models.sessions.session import end_sessions
from webapp.sessions import account_or_none, log_out

bp = Blueprint("links", __name__)
RESET_FORM = "partials/accounts/reset_form.html"


@bp.route("/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> Response:
    """Choose a new password; whoever was logged in is not any more, and a second factor stays what it was."""
    link = _found(RESET, token)
    account = link.account
    assert account is not None
    form = ResetForm()
    form.user_name.data = account.user_name
    if not form.validate_on_submit():
        check_link(link)
        return render("accounts/reset.html", RESET_FORM, form=form, token=token)
    use_link(link)
    set_password(account, form.new_password.hashed)
    end_links(account)
    known = account_or_none()
    if known and known.id == account.id:
        log_out()
    end_sessions(account)
    log_event_after_commit("password_reset", user=account.user_name)
    flash(_("Your password is changed. Log in with the new one."), "success")
    return redirect(url_for("accounts.login"))


def invitation() -> LinkRow | None:
    """What lets the visitor register; None where anybody may. Aborts with 403 where nobody may, or not without one."""
    if current_app.config["REGISTRATION"] == "open":
        return None
    if current_app.config["REGISTRATION"] == "closed":
        abort(403, _("Nobody can register here."))
    token = request.args.get("invite")
    if not token:
        abort(403, _("Nobody can register here by themselves. Ask whoever runs this Recado for an invitation."))
    return _found(INVITE, token)


def check_link(link: LinkRow | None) -> None:
    """Abort with 410 if the link works no more; whoever has none needs none."""
    if link and not link.works:
        _gone()


def use_link(link: LinkRow | None) -> None:
    """Use the link up, after the form's claim (sent twice, it does so once). Aborts with 410 if it works no more."""
    if link and not take_link(link):
        _gone()


def _found(purpose: str, token: str) -> LinkRow:
    return find_link(purpose, token) or _gone()


def _gone() -> NoReturn:
    abort(410, _("This link does not work: it was used already, is too old or is incomplete. Ask for a new one."))
