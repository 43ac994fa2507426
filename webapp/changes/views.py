"""Changes, for programs that keep a list in step with ours."""

from flask import Blueprint, Response, abort

from webapp.changes.forms import ChangesQuery
from webapp.changes.schemas import changes_json
from webapp.db import now
from webapp.hybrid import render
from webapp.i18n import gettext as _
from webapp.models.todos.filters import PAGE
from webapp.models.todos.sync import SINCE_AGE, Since, news_of
from webapp.sessions import current_account, login_required

bp = Blueprint("changes", __name__, url_prefix="/changes")


@bp.get("")
@login_required
def index() -> Response:
    query = ChangesQuery().checked()
    today = now().date().toordinal()  # no finer: while nothing happens, the answer stays the same, and so does its ETag
    asked, since = query.since.data or (today, None)
    if asked < today - SINCE_AGE.days:
        abort(410, _("This cursor is more than %(days)s days old. Start anew without since.", days=SINCE_AGE.days))
    news = news_of(current_account(), Since(*since) if since else None, query.limit.data or PAGE)
    if news is None:
        abort(410, _("This cursor is newer than the list, which was restored from a backup. Start anew without since."))
    # Until all is told, it is as old as it was: what is left to tell may go with its time.
    cursor = query.since.after(query, (asked if news.more else today, news.since))
    return render(json=lambda: changes_json(news, cursor))
