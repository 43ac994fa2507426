"""A view says its outcome once; here each client gets it in its own terms: render and redirect."""

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urldefrag, urlsplit, urlunsplit

from flask import Response, render_template, request, url_for
from werkzeug.routing import RequestRedirect
from werkzeug.urls import iri_to_uri

from webapp.http.client import current_page, is_unsafe
from webapp.http.exchange import Client, client, exchange
from webapp.http.parameters import check_known
from webapp.http.transactions import give_up
from webapp.hybrid.cache_busting import fresh_location
from webapp.hybrid.caching import check_compared
from webapp.hybrid.json_responses import Json, json_answer
from webapp.hybrid.problems import problem
from webapp.sessions.session import current_session
from webapp.sessions.submissions import AlreadyAnswered

ROOT_ID = re.compile(r'\s*<[a-z]+ id="([^"]+)"')


def render(
    page: str | None = None,
    partial: str | None = None,
    *,
    json: Json | Callable[[], Json] = None,
    status: int = 200,
    **context: Any,
) -> Response:
    """Show a page, the partial that is its heart, or JSON.

    JSON and the context are values, or functions that make them for those clients that get to see them.
    A form among the context that has errors makes it a 422, or the `status` of 400 and above: the page again with the
    text kept, the form's partial, or a problem with its errors. A page without a partial is shown whole to everybody;
    without JSON the API gets 406. No page: the view stands at the API alone.
    """
    errors = [error for value in context.values() for error in getattr(value, "problems", list)()]
    status = 422 if errors and status < 400 else status
    if status >= 400:
        give_up()
    if client().is_program:
        if status >= 400:
            return problem(status, errors=errors)
        content = _for_program(json)
        return problem(406) if content is None else json_answer(content, status)
    if client() is Client.FRAGMENT and partial:
        return _fragment(partial, status=status, **context)
    assert page, "only programs come here"
    exchange().status = status
    return Response(render_template(page, **_made(context)), status)


def redirect(
    location: str,
    partial: str | Callable[[], str | None] | None = None,
    *,
    into: str | None = None,
    gone: str | None = None,
    regions: Sequence[str] = (),
    json: Json | Callable[[], Json] = None,
    status: int = 200,
    **context: Any,
) -> Response:
    """Say that something changed: a page goes to `location` (303), htmx stays if told what changed, the API gets JSON.

    partial: what changed, as HTML; it replaces the element with its id, or is added at the end of the element `into`.
    A function that names it is asked for htmx alone.
    gone: the id of an element that is no more. regions: partials that follow the change elsewhere on the page.
    With none of these, or from another page than `location`, htmx is sent there, too. Without `json` the API gets 204;
    with 201, its "url" as Location.
    """
    exchange().place = location
    if client().is_program:
        content = _for_program(json)
        undo = exchange().undo
        headers = {"Link": f'<{undo}>; rel="undo"'} if undo else {}
        if content is None:
            return Response(status=204, headers=headers)
        if status == 201 and "url" in content:
            headers["Location"] = content["url"]
        return json_answer(content, status, headers)
    if client() is Client.FRAGMENT and (partial or gone or regions) and _is_here(location):
        named = partial() if callable(partial) else partial
        response = _fragment(named, into=into, gone=gone, regions=regions, **context)
        if place := urldefrag(location).fragment:
            response.headers["Recado-Focus"] = place  # where the focus goes if the change took away what had it
        return response
    return Response(status=303, headers={"Location": location})


def answer_again(error: AlreadyAnswered) -> Response:
    """What was answered when this was carried out: to a program the same, to a person the place where it led."""
    answer = error.answer
    if client().is_program:
        response = Response(
            answer.body, answer.status, answer.headers, mimetype="application/json" if answer.body else None
        )
        response.headers["Idempotent-Replayed"] = "true"
        return response
    current_session().repeat(answer.key_hash)
    return redirect(answer.headers["Location"] or current_page() or url_for("welcome.index"))


def translate(response: Response) -> Response:
    """Give a plain `flask.redirect` of any view to each client as our own would be."""
    # A slash too few is the browser's own affair; in a batch there is none, and it is an error by now.
    if isinstance(request.routing_exception, RequestRedirect) and response.location:
        response.location = urlunsplit(("", "", *urlsplit(response.location)[2:]))  # a Host header is anybody's word
        if client().is_program:
            response.set_data(b"")  # which would be HTML
        return response
    if not (300 < response.status_code < 304 and response.location):
        return response
    exchange().place = response.location
    if client().is_program:
        return Response(status=204) if is_unsafe() else response
    if client() is Client.PAGE:
        response.status_code = 303 if is_unsafe() else response.status_code
        response.location = fresh_location(response.location)
        return response
    location = iri_to_uri(response.headers.pop("Location"))  # Werkzeug does so, but for the header of this name only
    response.headers["HX-Redirect"] = location
    target, fragment = urldefrag(location)
    if fragment and target == current_page():
        response.headers["HX-Refresh"] = "true"  # to htmx, another # on the same page is no reason to load it again
    response.status_code = 200
    response.set_data(render_template("partials/moved.html", location=location))
    return response


def _for_program(json: Json | Callable[[], Json]) -> Json:
    """The outcome, unless the request said more than anything looked at: a version, or a parameter."""
    content = json() if callable(json) else json
    check_compared()
    check_known()
    return content


def _is_here(location: str) -> bool:
    """Whether the person looks at the very page that `location` names, so that its parts can be changed in place."""
    here = current_page()
    return here is None or urlsplit(here).path == urlsplit(location).path


def _fragment(
    partial: str | None,
    *,
    into: str | None = None,
    gone: str | None = None,
    regions: Sequence[str] = (),
    status: int = 200,
    **context: Any,
) -> Response:
    """The changed thing, and the regions that follow it out of band; the answer itself says where it belongs."""
    context = _made(context)
    html = render_template(partial, **context) if partial else ""
    response = Response(status=status)
    if into:
        _place(response, into, "beforeend")
    elif gone:
        _place(response, gone, "delete")
    elif not partial:
        response.headers["HX-Reswap"] = "none"
    elif is_unsafe() and (root := ROOT_ID.match(html)):
        _place(response, root[1], "outerHTML")
    response.set_data(html + "".join(_out_of_band(render_template(region, **context)) for region in regions))
    return response


def _made(context: dict[str, Any]) -> dict[str, Any]:
    return {name: value() if callable(value) else value for name, value in context.items()}


def _place(response: Response, id: str, swap: str) -> None:
    response.headers["HX-Retarget"] = f"#{id}"
    response.headers["HX-Reswap"] = swap


def _out_of_band(html: str) -> str:
    # A template keeps table rows and list items whole while the browser parses the answer.
    return "<template>" + html.replace(' id="', ' data-hx-swap-oob="true" id="', 1) + "</template>"
