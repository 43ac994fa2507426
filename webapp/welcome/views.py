"""The home page: your name, where you come from, language and theme, and being forgotten."""

from flask import Blueprint, Response, abort, current_app, flash, request, url_for

from webapp.config import LANGUAGES, THEMES
from webapp.health import READY
from webapp.http import COOKIES_OFF, current_page, local_path, sends_cookies
from webapp.hybrid import redirect, render
from webapp.i18n import gettext as _
from webapp.models.accounts.account import add_account, forget_guest, rename_account
from webapp.sessions import account_or_none, choose, current_account, log_in, log_out, login_required
from webapp.welcome.forms import NameForm

bp = Blueprint("welcome", __name__)


@bp.get("/")
def index() -> Response:
    account = account_or_none()
    return _home_page(NameForm(data={"name": account.name if account else ""}))


@bp.post("/")
def name() -> Response:
    if account_or_none() is None and not current_app.config["GUESTS"]:
        abort(403, _("Nobody can begin a list here without an account. Log in first."))
    form = NameForm()
    if not form.validate_on_submit():
        return _home_page(form)
    if account := account_or_none():
        rename_account(account, form.name.text)
        flash(_("From now on you are %(name)s.", name=form.name.text), "success")
    else:
        log_in(add_account(form.name.text))
        flash(_("Welcome, %(name)s!", name=form.name.text), "success")
    return redirect(_next() or url_for("todos.index"))


@bp.get("/forget")
@login_required
def ask_to_forget() -> Response:
    if not current_account().is_guest:
        return redirect(url_for("settings.index"))
    return render("welcome/forget.html")


@bp.post("/forget")
@login_required
def forget_me() -> Response:
    if not current_account().is_guest:
        return redirect(url_for("settings.index"))
    forget_guest(current_account())
    log_out()
    flash(_("You are forgotten, and so is your list."), "info")
    return redirect(url_for(".index"))


@bp.post(f"/language/<any({','.join(LANGUAGES)}):language>")
@bp.post(f"/theme/<any({','.join(THEMES)}):theme>")
def prefer(**preference: str) -> Response:
    if not sends_cookies():  # it would be forgotten at once
        abort(400, COOKIES_OFF)
    choose(**preference)
    return redirect(_next() or current_page() or url_for(".index"))  # lynx tells no Referer of a page with a query


@bp.get("/readyz")
def ready() -> Response:
    """Whether people can be served: the database can be read and written."""
    said = current_app.extensions["readiness"].now()
    return Response(f"{said}\n", 200 if said == READY else 503, mimetype="text/plain")


@bp.get("/healthz")
def health() -> Response:
    """Whether the process is alive."""
    return Response("ok\n", mimetype="text/plain")


def _home_page(form: NameForm) -> Response:
    account = account_or_none()
    return render(
        "welcome/index.html",
        "partials/welcome/name_form.html",
        form=form,
        account=account,
        address=request.remote_addr,
        next=_next(),
    )


def _next() -> str | None:
    """Where the visitor was, or was going when we asked for a name: a path on this site, or nothing."""
    return local_path(request.args.get("next"))
