"""Buttons of one form that do different things, also in browsers that know no `formaction`.

lynx and w3m send such a form to its own address instead. So a list's form goes to `/press`, each button's `name` is the
path that its `formaction` has, and here the request goes on as if it had been sent there.
"""

from flask import Response, abort, current_app, request

from webapp.http.client import path_within
from webapp.http.exchange import is_for_programs
from webapp.http.flask_internals import addresses

PRESS = "press"


def follow_button() -> Response | None:
    """Route a request for `/press` to where the pressed button leads; the answer, if a guard there gives one."""
    if request.endpoint != PRESS:
        return None
    path = next(filter(None, map(path_within, request.form)), None)
    ours = addresses()
    if path is None or ours is None:
        abort(400)
    if path.startswith("//") or is_for_programs(path):
        abort(404)
    request.url_rule, arguments = ours.match(path, method="POST", return_rule=True)
    request.view_args = dict(arguments)
    if request.endpoint == PRESS or not path.isascii():
        abort(404)
    # Flask has looked up the blueprints' guards before this, for `/press`.
    guards = (
        guard for name in reversed(request.blueprints) for guard in current_app.before_request_funcs.get(name, ())
    )
    return next((answer for guard in guards if (answer := guard())), None)  # type: ignore[return-value]
