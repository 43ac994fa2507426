"""The app as misfortune has it: requests that stop half-way, views that fail once, and workers that die and come again.

`python -m tests.support.faulty PORT PORT` runs a worker on each port, and another in the place of each killed one. What
goes wrong is up to each request, by a header:

    Hold: done/NAME    stop at this point, and go on when the file NAME.go is there; NAME.*.held says who is there
    Fail-Once: NAME    fail when the view is through, but only the first time
    Waiting: SECONDS   have come so long ago, and waited since
    Collide-Once: NAME find then that another request was faster, but only the first time

The points: `come` (nothing is done yet), `begun` (before the view), `done` (after it), `kept` (it is committed).
"""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from functools import wraps
from pathlib import Path
from select import select
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flask import Blueprint, Flask, Response, flash, render_template_string, request, session
from flask_wtf.file import FileField
from jinja2 import FileSystemBytecodeCache

from webapp import create_app, hybrid
from webapp.config import from_environment
from webapp.db import Conflict, now
from webapp.forms import Form
from webapp.http.transactions import BEGUN
from webapp.models.todos.write import add_todo
from webapp.server.waitress_server import serve
from webapp.sessions import current_account, log_out, login_required

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HELD_LONGEST = 20  # seconds
ALERTS = '{% for alert in waiting_alerts() %}<p class="alert-text">{{ alert.text }}</p>\n{% endfor %}'
UPLOAD = '{% from "macros/forms.html" import post_form with context %}{{ post_form("/faulty/uploads", form) }}'
bp = Blueprint("faulty", __name__, url_prefix="/faulty")


def mount(app: Flask, folder: Path) -> None:
    """Let all this happen to an app; possible before its first request only. folder: where the files are."""
    app.register_blueprint(bp)
    for endpoint, view in app.view_functions.items():
        app.view_functions[endpoint] = _troubled(view, folder)
    app.wsgi_app = _interrupted(app.wsgi_app, folder)  # type: ignore[method-assign]


def _troubled(view: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    @wraps(view)
    def troubled(**arguments: Any) -> Any:
        hold(folder, request.headers.get("Hold", ""), "begun")
        answer = view(**arguments)
        hold(folder, request.headers.get("Hold", ""), "done")
        for header, error in (("Fail-Once", RuntimeError), ("Collide-Once", Conflict)):
            if header in request.headers and is_first(folder / request.headers[header]):
                raise error
        return answer

    return troubled


def _interrupted(app: "WSGIApplication", folder: Path) -> "WSGIApplication":
    def interrupted(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        waited = timedelta(seconds=int(environ.get("HTTP_WAITING", 0)))
        environ[BEGUN] = environ.get(BEGUN, now()) - waited
        hold(folder, environ.get("HTTP_HOLD", ""), "come")
        body = app(environ, start_response)
        hold(folder, environ.get("HTTP_HOLD", ""), "kept")
        return body

    return interrupted


def is_first(path: Path) -> bool:
    with suppress(FileExistsError):
        path.touch(exist_ok=False)
        return True
    return False


def hold(folder: Path, wanted: str, here: str) -> None:
    point, _, name = wanted.partition("/")
    if point != here:
        return
    (folder / f"{name}.{uuid4().hex}.held").touch()
    deadline = time.monotonic() + HELD_LONGEST
    while not (folder / f"{name}.go").exists() and time.monotonic() < deadline:
        time.sleep(0.005)


# ---- Views that the app has no match for


class UploadForm(Form):
    creates = True
    file = FileField()


@bp.get("/alerts")
def alerts() -> str:
    """A page with nothing but what waits for it."""
    return render_template_string(ALERTS)


@bp.post("/say")
def say() -> Response:
    """Keep a value of its own, and say so."""
    session[request.form["name"]] = request.form["name"]
    flash(request.form["name"])
    return hybrid.redirect("/faulty/alerts")


@bp.post("/count")
def count() -> Response:
    session["n"] = session.get("n", 0) + 1
    return Response(status=204)


@bp.get("/uploads")
@login_required
def ask_for_upload() -> str:
    return render_template_string(UPLOAD, form=UploadForm())


@bp.post("/uploads")
@login_required
def upload() -> Response:
    form = UploadForm()
    if not form.validate_on_submit():
        return Response(render_template_string(UPLOAD, form=form), 422)
    add_todo(current_account(), form.file.data.read().decode())
    flash("Received.")
    return hybrid.redirect("/faulty/alerts")


@bp.post("/leave")
def leave() -> Response:
    """Log out, and leave the list as it is."""
    log_out()
    return hybrid.redirect("/faulty/alerts")


# ---- Workers


def supervise(ports: list[int]) -> None:
    """Keep a worker on each port until nobody holds our input any more."""
    config = from_environment()
    app = create_app(config)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(config.data))
    mount(app, config.data)
    app.extensions["database"].engine.dispose()  # a connection cannot be shared with those who follow
    workers = {begin(app, config.data, port): port for port in ports}
    try:
        while not select([sys.stdin], [], [], 0.005)[0]:
            pid, _status = os.waitpid(-1, os.WNOHANG)
            if pid:
                port = workers.pop(pid)
                workers[begin(app, config.data, port)] = port
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def begin(app: Flask, folder: Path, port: int) -> int:
    """Start a worker, which has read all the code already: it is there at once."""
    if pid := os.fork():
        return pid
    try:
        own = folder / str(os.getpid())
        own.write_text(own.name)
        own.replace(folder / f"{port}.pid")
        os._exit(serve(app, "127.0.0.1", port))
    except BaseException:
        traceback.print_exc()
        os._exit(1)


if __name__ == "__main__":
    supervise([int(port) for port in sys.argv[1:]])
