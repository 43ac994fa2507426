"""Sessions: in which browsers one is logged in, and logging them out from here."""

from uuid import UUID

from flask import Blueprint, Response, flash, url_for

from webapp.http import log_event_after_commit
from webapp.hybrid import redirect, render
from webapp.i18n import gettext as _
from webapp.i18n import ngettext
from webapp.models.sessions.session import end_session_of, end_sessions, sessions_of
from webapp.sessions import confirmation_required, current_account, current_browser, login_required
from webapp.settings.browsers import Browser, name_of
from webapp.settings.forms import EndForm

bp = Blueprint("sessions", __name__, url_prefix="/settings/sessions")
SESSIONS = "partials/settings/sessions.html"


@bp.get("")
@login_required
def index() -> Response:
    return _shown(EndForm())


@bp.post("/<uuid:id>/end")
@confirmation_required
def end(id: UUID) -> Response:
    form = EndForm()
    if not form.validate_on_submit():  # before it is looked for: sent twice, it is gone the second time
        return _shown(form)
    if id == current_browser():
        return redirect(url_for("settings.index"))  # where the way out is
    browser = end_session_of(current_account(), id)
    log_event_after_commit("session_ended", session=str(id))
    flash(_("%(browser)s is logged out.", browser=name_of(browser)), "success")
    return _changed()


@bp.post("/end")
@confirmation_required
def end_others() -> Response:
    form = EndForm()
    if not form.validate_on_submit():
        return _shown(form)
    if ended := end_sessions(current_account(), but=current_browser()):
        log_event_after_commit("session_ended", others=ended)
        flash(ngettext("%(num)s browser is logged out.", "%(num)s browsers are logged out.", ended), "success")
    return _changed()


def _shown(form: EndForm) -> Response:
    return render("settings/sessions.html", SESSIONS, form=form, browsers=_browsers)


def _changed() -> Response:
    return redirect(url_for(".index"), SESSIONS, form=EndForm(blank=True), browsers=_browsers)


def _browsers() -> list[Browser]:
    here = current_browser()
    return [
        Browser(row.id, name_of(row.browser), row.address, row.created_at, row.seen_at, row.id == here)
        for row in sessions_of(current_account())
    ]
