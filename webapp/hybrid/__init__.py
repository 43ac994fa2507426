"""The response layer: every request comes in and every answer goes out through here.

Views say what happened with these few words, and never ask who is listening.
"""

from collections.abc import Callable, Sequence
from functools import partial

from flask import Flask, Response

from webapp.http.bodies import check_text
from webapp.http.buttons import PRESS, follow_button
from webapp.http.client import current_page
from webapp.http.events import log_done
from webapp.http.exchange import client
from webapp.http.origin import check_host, check_origin
from webapp.http.transactions import begin, end, transaction
from webapp.hybrid import errors, flashes, fragment_cache
from webapp.hybrid.cache_busting import freshen_links
from webapp.hybrid.caching import check_version, read_tags, set_caching
from webapp.hybrid.errors import fail
from webapp.hybrid.flashes import append_alerts, with_action, with_secrets
from webapp.hybrid.json_responses import Page, to_json
from webapp.hybrid.problems import problem
from webapp.hybrid.responses import redirect, render, translate
from webapp.hybrid.subrequests import carry_out
from webapp.logs import request_id
from webapp.sessions.identity import check_scope
from webapp.sessions.session import current_session
from webapp.sessions.submissions import claim_call, keep

__all__ = [
    "Page",
    "carry_out",
    "check_version",
    "fail",
    "init_app",
    "problem",
    "redirect",
    "render",
    "to_json",
    "with_action",
    "with_secrets",
]

Guards = Sequence[Callable[[], Response | None]]


def init_app(app: Flask, *, guards: Guards = ()) -> None:
    """Put the response layer around the app: what each request passes on its way in and on its way out.

    guards: what else it has to pass before anything is done; one that answers ends it.
    """
    errors.init_app(app)
    flashes.init_app(app)
    fragment_cache.init_app(app)
    app.add_url_rule("/press", PRESS, methods=["POST"])
    app.add_template_global(current_page)
    app.before_request(partial(come_in, guards))
    app.after_request(go_out)
    app.teardown_request(close)


def come_in(guards: Guards) -> Response | None:
    """Begin the request's transaction, and check what can be checked before it is known what is wished."""
    begin()
    read_tags()
    check_host()
    check_text()
    check_origin()
    for guard in (follow_button, *guards):
        if answer := guard():
            return answer
    check_scope()
    claim_call()
    return None


def go_out(response: Response) -> Response:
    """Give the outcome to whoever asked in their own terms; keep it below 400, and undo everything otherwise."""
    response = translate(response)
    append_alerts(response)
    freshen_links(response)
    if response.status_code < 400:
        if not client().is_program:
            current_session().save()
        keep(response)
        transaction().commit()
        log_done()
    else:
        transaction().rollback()
    set_caching(response)
    return response


def close(_error: BaseException | None) -> None:
    if end():
        request_id.set(None)
