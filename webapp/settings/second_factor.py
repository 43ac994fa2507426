"""The second factor: an app whose codes are asked for after the password, and recovery codes for when it is lost."""

import base64

import segno
from flask import Blueprint, Response, abort, flash, url_for

from webapp.auth import is_recovery_code, keep_secret, new_recovery_codes, offer_secret, offered_secret
from webapp.http import log_event_after_commit
from webapp.hybrid import redirect, render, with_secrets
from webapp.i18n import gettext as _
from webapp.models.accounts.login import login_of
from webapp.models.accounts.recovery_codes import count_codes
from webapp.models.accounts.totp import address_of, turn_off
from webapp.sessions import confirmation_required, current_account, login_required
from webapp.settings.forms import CodesFileForm, NewCodesForm, SecondFactorForm, TurnOffForm
from webapp.settings.guests import lead_to_register

bp = Blueprint("second_factor", __name__, url_prefix="/settings/second-factor")
bp.before_request(lead_to_register)
FACTOR = "partials/settings/second_factor.html"


@bp.get("")
@confirmation_required
def index() -> Response:
    return _shown(SecondFactorForm())


@bp.post("")
@confirmation_required
def create() -> Response:
    form = SecondFactorForm()
    if not form.validate_on_submit():
        return _shown(form)
    account = current_account()
    secret = offered_secret(account, form.secret.data)
    if not secret or not keep_secret(account, secret, form.step):
        flash(_("The second factor is already on."), "info")
        return redirect(url_for(".index"))
    log_event_after_commit("second_factor_on")
    flash(_("From now on, logging in asks for a code of your app."), "success")
    _say_new_codes()
    return redirect(url_for(".index"))


@bp.route("/codes", methods=["GET", "POST"])
@confirmation_required
def renew() -> Response:
    form = NewCodesForm()
    if not _is_on():
        return redirect(url_for(".index"))
    if not form.validate_on_submit():
        return render("settings/recovery_codes.html", form=form, left=_left)
    log_event_after_commit("recovery_codes_made")
    _say_new_codes()
    return redirect(url_for(".index"))


@bp.post("/codes/download")
@login_required
def download() -> Response:
    """Give codes that were just shown back as a file, without JavaScript too: only who has them can ask."""
    form = CodesFileForm()
    codes = [code for code in form.codes.text.split() if is_recovery_code(current_account(), code)]
    if not codes:
        abort(422)
    heading = _("Recovery codes for %(user)s at Recado", user=current_account().user_name)
    response = Response("\n".join([heading, "", *codes, ""]), mimetype="text/plain")
    response.headers.set("Content-Disposition", "attachment", filename="recado-recovery-codes.txt")
    return response


@bp.route("/off", methods=["GET", "POST"])
@confirmation_required
def delete() -> Response:
    """Both factors were shown minutes ago, and a recovery code is as good as the app's: no code is asked for again."""
    form = TurnOffForm()
    if not form.validate_on_submit():
        return render("settings/second_factor_off.html", form=form) if _is_on() else redirect(url_for(".index"))
    if turn_off(current_account()):
        log_event_after_commit("second_factor_off")
        flash(_("Logging in asks for your password alone again."), "success")
    return redirect(url_for(".index"))


def _shown(form: SecondFactorForm) -> Response:
    """The codes that are left or, while it is off, a key for an app."""
    if _is_on():
        return render("settings/second_factor.html", FACTOR, form=None, left=_left, qr=None, key=None)
    account = current_account()
    secret = offered_secret(account, form.secret.data)
    if secret is None:
        form.secret.data = offer_secret(account)
        secret = offered_secret(account, form.secret.data) or b""
    picture = segno.make(address_of(secret, account.user_name or ""), error="m", boost_error=False)
    qr = picture.svg_data_uri(scale=5, border=4, light="white", encode_minimal=False)
    letters = base64.b32encode(secret).decode()
    key = " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))
    return render("settings/second_factor.html", FACTOR, form=form, left=None, qr=qr, key=key)


def _say_new_codes() -> None:
    said = _(
        "Your recovery codes. Keep them now: they are shown only this once. "
        "Each opens your account once when you do not have your app."
    )
    codes = new_recovery_codes(current_account())
    flash(with_secrets(said, codes, download=url_for(".download")), "warning")


def _is_on() -> bool:
    login = login_of(current_account())
    return login is not None and login.totp_secret is not None


def _left() -> int:
    return count_codes(current_account())
