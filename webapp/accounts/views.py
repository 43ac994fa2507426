"""Becoming somebody: register, log in, confirm it, log out."""

from flask import Blueprint, Response, flash, request, url_for

from webapp.accounts.forms import ConfirmForm, ConfirmPasskeyForm, LoginForm, PasskeyForm, RegisterForm
from webapp.accounts.links import check_link, invitation, use_link
from webapp.auth import give_ticket, know_browser
from webapp.db import Conflict
from webapp.http import local_path, log_event_after_commit
from webapp.hybrid import redirect, render
from webapp.hybrid.undo import offer_undo
from webapp.i18n import gettext as _
from webapp.i18n import ngettext
from webapp.models.accounts.account import forget_guest
from webapp.models.accounts.account_deletion import stay
from webapp.models.accounts.login import Login, login_of, register_account
from webapp.models.accounts.passkey import passkeys_of
from webapp.models.todos.bulk import bring_along
from webapp.sessions import account_or_none, confirm, current_account, is_confirmed, log_in, log_out, login_required

bp = Blueprint("accounts", __name__)
LOGIN = "partials/accounts/login_form.html"
REGISTER = "partials/accounts/register_form.html"
CONFIRM = "partials/accounts/confirm_form.html"
CONFIRM_PASSKEY = "partials/accounts/confirm_passkey_form.html"


@bp.route("/register", methods=["GET", "POST"])
def register() -> Response:
    account = account_or_none()
    if account and not account.is_guest:
        return redirect(next_place())
    link = invitation()
    form = RegisterForm(data={"user_name": account.name if account else ""})
    if not form.validate_on_submit():
        check_link(link)
        return render("accounts/register.html", REGISTER, form=form, next=next_place(), invite=_invite())
    use_link(link)
    registered = register_account(account, form.user_name.text, form.password.hashed)
    if registered is None:
        form.refuse_name()
        return render("accounts/register.html", REGISTER, form=form, next=next_place(), invite=_invite())
    log_in(registered)
    know_browser(registered.user_name or "")
    log_event_after_commit("registered", user=registered.user_name)
    flash(_("This list is yours for good, %(name)s: log in from anywhere.", name=registered.name), "success")
    return redirect(next_place())


@bp.route("/login", methods=["GET", "POST"])
def login() -> Response:
    account = account_or_none()
    if account and not account.is_guest and request.method == "GET":
        return redirect(next_place())
    form = LoginForm()
    if not form.validate_on_submit():
        return render(
            "accounts/login.html",
            LOGIN,
            form=form,
            passkey=PasskeyForm(blank=True),
            account=account,
            next=next_place(),
            invite=_invite(),
        )
    if form.login.totp_secret:
        give_ticket(form.login)
        return redirect(url_for("second_step.code", next=next_place()))
    return enter(form.login)


def enter(login: Login) -> Response:
    """Let somebody in who has shown to be the account's owner; what a guest wrote comes along."""
    account, guest = login.account, account_or_none()
    if (now := login_of(account)) is None or now.password_hash != login.password_hash:
        raise Conflict  # it was changed while the old one was being checked: to be checked again
    log_in(account)
    know_browser(account.user_name or "")
    log_event_after_commit("logged_in", user=account.user_name)
    flash(_("Welcome back, %(name)s!", name=account.name), "success")
    if login.leaving_at:
        stay(account)
        flash(_("Your account stays: it will not be deleted."), "success")
    if guest and guest.is_guest:
        brought = bring_along(guest, account)
        forget_guest(guest)
        said = ngettext("Brought %(num)s to-do along.", "Brought %(num)s to-dos along.", len(brought))
        offer_undo(said, brought, view="todos.undo")
    return redirect(next_place())


@bp.post("/logout")
@login_required
def logout() -> Response:
    if current_account().is_guest:
        return redirect(url_for("welcome.ask_to_forget"))  # nobody could come back to the list
    log_event_after_commit("logged_out")
    log_out()
    flash(_("You are logged out."), "info")
    return redirect(url_for("welcome.index"))


@bp.route("/confirm", methods=["GET", "POST"], endpoint="confirm")
@login_required
def confirm_it() -> Response:
    """Ask for the password again; where it was asked for, the form is as it was sent."""
    if current_account().is_guest:
        return redirect(next_place())
    form = ConfirmForm()
    if form.is_copy and is_confirmed():  # a click too many
        return redirect(next_place())
    if not form.validate_on_submit() or (form.code and not form.code.use(current_account())):
        return _asked_again(CONFIRM, form, ConfirmPasskeyForm(blank=True))
    return _confirmed()


@bp.route("/confirm/passkey", methods=["GET", "POST"])
@login_required
def confirm_by_passkey() -> Response:
    if current_account().is_guest:
        return redirect(next_place())
    passkey = ConfirmPasskeyForm()
    if not passkey.validate_on_submit() or not passkey.credential.use():
        return _asked_again(CONFIRM_PASSKEY, ConfirmForm(blank=True), passkey)
    log_event_after_commit("passkey_used", user=current_account().user_name)
    return _confirmed()


def _asked_again(partial: str, form: ConfirmForm, passkey: ConfirmPasskeyForm) -> Response:
    return render(
        "accounts/confirm.html",
        partial,
        form=form,
        passkey=passkey,
        passkeys=lambda: passkeys_of(current_account()),
        next=next_place(),
    )


def _confirmed() -> Response:
    confirm()
    log_event_after_commit("confirmed")
    return redirect(next_place())


def next_place() -> str:
    """Where the visitor was going when we asked who it is: a path on this site, else the list."""
    return local_path(request.args.get("next")) or url_for("todos.index")


def _invite() -> str | None:
    """The invitation that the visitor came with, for the links and forms that lead on."""
    return request.args.get("invite")
