"""Administering: who has an account, and what shuts or opens it. Nothing here tells what is on anybody's list."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from uuid import UUID

from flask import Blueprint, Response, abort, current_app, flash, url_for

from webapp.admin.forms import InviteForm, ResetLinkForm
from webapp.db import Missing
from webapp.http import log_event_after_commit, public_origin
from webapp.hybrid import redirect, render, with_secrets
from webapp.i18n import gettext as _
from webapp.models.accounts.account import AccountRow
from webapp.models.accounts.administration import (
    Person,
    count_guests,
    find_person,
    is_last_administrator,
    people,
    remove_second_factor,
    set_administrator,
    shut_account,
)
from webapp.models.accounts.login import enable_account
from webapp.models.accounts.one_time_link import AGES, INVITE, RESET, add_link
from webapp.models.sessions.session import end_sessions
from webapp.sessions import confirmation_required, current_account

bp = Blueprint("admin", __name__, url_prefix="/admin")
PEOPLE = "partials/admin/people.html"
PERSON = "partials/admin/person.html"
Arguments = ParamSpec("Arguments")


def administrators_only(view: Callable[Arguments, Response]) -> Callable[Arguments, Response]:
    """To everybody else there is nothing here; a stranger is asked who it is first."""

    @wraps(view)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Response:
        if not current_account().is_admin:
            raise Missing
        return view(*args, **kwargs)

    return guarded


@bp.get("")
@administrators_only
def index() -> Response:
    return render("admin/index.html", PEOPLE, form=InviteForm(), people=people, guests=count_guests)


@bp.post("/invite")
@administrators_only
@confirmation_required
def invite() -> Response:
    if current_app.config["REGISTRATION"] != "invite":
        abort(403, _("Invitations lead nowhere here: RECADO_REGISTRATION is not “invite”."))
    form = InviteForm()
    if not form.validate_on_submit():
        return render("admin/index.html", PEOPLE, form=form, people=people, guests=count_guests)
    url = public_origin() + url_for("accounts.register", invite=add_link(INVITE, by=current_account()))
    log_event_after_commit("invited")
    said = _(
        "The invitation. Copy it now: it is shown only this once, and lets one person in within %(days)s days.",
        days=AGES[INVITE].days,
    )
    flash(with_secrets(said, [url]), "warning")
    return redirect(url_for(".index"))


@bp.get("/<uuid:id>")
@administrators_only
def show(id: UUID) -> Response:
    return render("admin/person.html", PERSON, form=ResetLinkForm(), person=find_person(id=id), you=current_account())


@bp.post("/<uuid:id>/reset")
@administrators_only
@confirmation_required
def make_reset_link(id: UUID) -> Response:
    person = _somebody_else(id)
    form, account = ResetLinkForm(), person.account
    if not form.validate_on_submit():
        return render("admin/person.html", PERSON, form=form, person=person, you=current_account())
    url = public_origin() + url_for("links.reset", token=add_link(RESET, by=current_account(), account=account))
    log_event_after_commit("reset_link_made", user=account.user_name)
    said = _(
        "The link to a new password for %(user)s. Copy it now: it is shown only this once, "
        "and works once within a day.",
        user=account.user_name,
    )
    flash(with_secrets(said, [url]), "warning")
    return redirect(url_for(".show", id=id))


@bp.post("/<uuid:id>/log-out")
@administrators_only
@confirmation_required
def log_out(id: UUID) -> Response:
    account = _somebody_else(id).account
    if count := end_sessions(account):
        log_event_after_commit("sessions_ended", user=account.user_name, count=count)
        flash(_("%(user)s is logged out everywhere.", user=account.user_name), "success")
    return _changed(id)


@bp.post("/<uuid:id>/second-factor/off")
@administrators_only
@confirmation_required
def take_off_second_factor(id: UUID) -> Response:
    account = _somebody_else(id).account
    if remove_second_factor(account):
        log_event_after_commit("second_factor_removed", user=account.user_name)
        said = _("%(user)s logs in by the password alone now, and is logged out everywhere.", user=account.user_name)
        flash(said, "success")
    return _changed(id)


@bp.post("/<uuid:id>/shut")
@administrators_only
@confirmation_required
def shut(id: UUID) -> Response:
    person = _somebody_else(id)
    account = person.account
    _spare_the_last(account)
    if not person.disabled_at:
        shut_account(account)
        log_event_after_commit("account_shut", user=account.user_name)
        flash(_("The account %(user)s is shut.", user=account.user_name), "success")
    return _changed(id)


@bp.post("/<uuid:id>/open")
@administrators_only
@confirmation_required
def open_again(id: UUID) -> Response:
    person = find_person(id=id)
    if person.disabled_at:
        enable_account(person.account)
        log_event_after_commit("account_opened", user=person.account.user_name)
        flash(_("The account %(user)s is open again.", user=person.account.user_name), "success")
    return _changed(id)


@bp.post("/<uuid:id>/promote", defaults={"is_admin": True})
@bp.post("/<uuid:id>/demote", defaults={"is_admin": False})
@administrators_only
@confirmation_required
def appoint(id: UUID, is_admin: bool) -> Response:
    account = find_person(id=id).account
    if not is_admin:
        _spare_the_last(account)
    if account.is_admin != is_admin:
        set_administrator(account, is_admin=is_admin)
        log_event_after_commit("admin_made" if is_admin else "admin_unmade", user=account.user_name)
        made, unmade = _("%(user)s administers now."), _("%(user)s does not administer any more.")
        flash((made if is_admin else unmade) % {"user": account.user_name}, "success")
    if id == current_account().id and not is_admin:
        return redirect(url_for("settings.index"))
    return _changed(id)


def _somebody_else(id: UUID) -> Person:
    person = find_person(id=id)
    if id == current_account().id:
        abort(403, _("This is for other people’s accounts. What concerns yours is in the settings."))
    return person


def _spare_the_last(account: AccountRow) -> None:
    if is_last_administrator(account):
        abort(403, _("Somebody has to administer. Let somebody else do so first."))


def _changed(id: UUID) -> Response:
    form = ResetLinkForm(blank=True)
    return redirect(
        url_for(".show", id=id), PERSON, form=form, person=lambda: find_person(id=id), you=current_account()
    )
