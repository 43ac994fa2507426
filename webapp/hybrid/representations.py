"""A view says its outcome once; here each client gets it in its own terms: render, redirect, problem."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urldefrag, urlsplit

from flask import Response, g, render_template, request
from flask_babel import gettext as _

from webapp.hybrid.forms import Form
from webapp.hybrid.negotiation import Client, client, current_page, is_unsafe

Json = Any
ROOT_ID = re.compile(r'\s*<[a-z]+ id="([^"]+)"')


def render(
    page: str, partial: str | None = None, *, json: Json | Callable[[], Json] = None, status: int = 200, **context: Any
) -> Response:
    """Show a page, the partial that is its heart, or JSON (given as a value or as a function that makes it).

    A `form` among the context that has errors makes it a 422: the page again with the text kept, the form's partial,
    or a problem with its errors. A page without a partial is shown whole to everybody; without JSON the API gets 406.
    """
    form = context.get("form")
    errors = form.problems() if isinstance(form, Form) else []
    status = 422 if errors else status
    if client() is Client.API:
        if errors:
            return problem(422, errors=errors)
        return _json(json() if callable(json) else json, status) if json is not None else problem(406)
    if client() is Client.FRAGMENT and partial:
        return _fragment(partial, status=status, **context)
    g.status = status
    return Response(render_template(page, **context), status)


def redirect(
    location: str,
    partial: str | None = None,
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
    gone: the id of an element that is no more. regions: partials that follow the change elsewhere on the page.
    With none of these, or from another page than `location`, htmx is sent there, too. Without `json` the API gets 204; with 201, its "url" as Location.
    """
    if client() is Client.API:
        if json is None:
            return Response(status=204)
        content = json() if callable(json) else json
        created = status == 201 and "url" in content
        return _json(content, status, {"Location": content["url"]} if created else {})
    if client() is Client.FRAGMENT and (partial or gone or regions) and _is_here(location):
        return _fragment(partial, into=into, gone=gone, regions=regions, **context)
    return Response(status=303, headers={"Location": location})


def problem(
    status: int,
    detail: str | None = None,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    link: tuple[str, str] | None = None,
) -> Response:
    """Say what went wrong: a page, an alert beside what htmx shows (which stays), or an RFC 9457 problem.

    detail: a sentence for a person. errors: `{"detail", "pointer"}` for each bad value. link: (text, URL) of a way on.
    """
    phrase = HTTPStatus(status).phrase
    title = titles().get(status, phrase)
    detail = detail or details().get(status, title)
    if client() is Client.API:
        content = {"type": "about:blank", "title": phrase, "status": status, "detail": detail}
        response = _json(content | ({"errors": list(errors)} if errors else {}), status)
        response.mimetype = "application/problem+json"
    elif client() is Client.FRAGMENT:
        # The status says "do not swap" to htmx, the alert is out of band: what the person typed stays where it is.
        g.problem = {"text": detail, "link": link}
        response = Response(status=status, headers={"HX-Reswap": "none"})
    else:
        g.status = status
        response = Response(
            render_template("error.html", title=title, detail=detail, link=link, typed=_typed()), status
        )
        if request.headers.get("HX-Boosted"):
            response.headers["HX-Reswap"] = "innerHTML"  # a boosted page is shown whatever its status
    response.headers.extend(headers or {})
    return response


def translate(response: Response) -> Response:
    """Give a plain `flask.redirect` of any view to each client as the hall's own would be."""
    if not (300 < response.status_code < 304 and "Location" in response.headers):
        return response
    location = response.headers["Location"]
    if client() is Client.API:
        return Response(status=204) if is_unsafe() else response
    if client() is Client.PAGE:
        response.status_code = 303 if is_unsafe() else response.status_code
        return response
    moved = Response(render_template("partials/moved.html", location=location))
    moved.headers["HX-Redirect"] = location
    target, fragment = urldefrag(location)
    if fragment and target == current_page():
        moved.headers["HX-Refresh"] = "true"  # to htmx, another # on the same page is no reason to load it again
    return moved


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


def _place(response: Response, id: str, swap: str) -> None:
    response.headers["HX-Retarget"] = f"#{id}"
    response.headers["HX-Reswap"] = swap


def _out_of_band(html: str) -> str:
    # A template keeps table rows and list items whole while the browser parses the answer.
    return "<template>" + html.replace(' id="', ' data-hx-swap-oob="true" id="', 1) + "</template>"


def _json(content: Json, status: int, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(body + "\n", status, headers, mimetype="application/json")


def _typed() -> list[str]:
    """What the person sent, to be shown again where a page cannot be: no text is thrown away."""
    try:
        fields = [(name, value) for name, value in request.form.items(multi=True)]
    except Exception:  # the very reason for the problem may be that the body cannot be read
        return []
    return [value for name, value in fields if value.strip() and name != "csrf_token" and not name.startswith("/")]


def titles() -> dict[int, str]:
    """What a person calls each status."""
    return {
        400: _("That request cannot be understood"),
        401: _("Who are you?"),
        403: _("That came from another site"),
        404: _("Not found"),
        405: _("That cannot be done here"),
        406: _("There is no JSON for this"),
        409: _("Changed meanwhile"),
        413: _("Too much at once"),
        415: _("Wrong kind of content"),
        422: _("Something has to be corrected"),
        429: _("Too many requests"),
        500: _("Something went wrong"),
        503: _("Not ready"),
    }


def details() -> dict[int, str]:
    """What a person can do about each status, where the view says nothing better."""
    return {
        400: _("Something in it is missing or damaged. Go back and try again."),
        401: _("Say who you are, then try again."),
        403: _("Nothing was changed. Open Recado itself and try again there."),
        404: _("There is nothing at this address, or it is not yours."),
        405: _("This address does not take that kind of request."),
        406: _("This address has a page, but nothing for a program."),
        409: _("Somebody changed this at the same moment. Look at it again, then repeat your change."),
        413: _("Send less at a time."),
        415: _("Send JSON, with the header Content-Type: application/json."),
        422: _("See what is said beside each value."),
        429: _("Wait a little, then try again."),
        500: _("It is our fault, not yours. Nothing was changed; please try again."),
        503: _("Recado cannot reach its data right now. Nothing was changed; please try again in a moment."),
    }
