"""Flash messages as alert fragments: out of band with the answer that made them, or on the next page.

Views use Flask's own `flash()`; `with_action` gives a message a button, such as "Undo". A message waits in the session
(sessions/messages.py) until the answer that took it is known to have arrived.
"""

from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from flask import Flask, Response, get_flashed_messages, render_template, url_for

from webapp.http.client import current_page, is_unsafe, is_visit
from webapp.http.exchange import Client, client, exchange
from webapp.hybrid.cache_busting import fresh_parameter, keeps_everything
from webapp.sessions.session import current_session

Alert = dict[str, Any]


def init_app(app: Flask) -> None:
    app.add_template_global(waiting_alerts)
    app.add_template_global(page_without_alerts)


def with_action(text: str, label: str, url: str, shortcut: str) -> Any:
    """A message for `flash()` with a button that posts to `url`; a `shortcut` presses it, too (aria-keyshortcuts)."""
    return {"text": text, "action": {"label": label, "url": url, "shortcut": shortcut}}


def with_secrets(text: str, secrets: Sequence[str], *, download: str | None = None) -> Any:
    """A message for `flash()` with what is shown only once: a block in the page, which nothing takes away.

    download: the address that gives the secrets back as a file.
    """
    return {"text": text, "secrets": list(secrets), "download": download}


def waiting_alerts() -> list[Alert]:
    """What a page shows: all that waits, unless nobody is going to read the answer as a page."""
    if exchange().status >= 400 or not is_visit():
        return []
    waiting = cast("list[tuple[str, Any]]", get_flashed_messages(with_categories=True))
    return [_alert(category, message) for category, message in waiting]


def page_without_alerts() -> tuple[str, list[tuple[str, str]]]:
    """Path and query of the page that is looked at: dismissing an alert without JavaScript is opening it again."""
    parts = urlsplit(current_page() or url_for("welcome.index"))
    fresh = [fresh_parameter()] if keeps_everything() else []
    return parts.path, parse_qsl(parts.query) + fresh


def append_alerts(response: Response) -> None:
    """Append to a fragment what this very request flashed; after an unsafe one, nothing new clears what is old.

    Another tab's message is left for that tab's next page.
    """
    if client() is not Client.FRAGMENT or "HX-Redirect" in response.headers:
        return
    if problem := exchange().problem:
        alerts = [_alert("danger", problem)]
    else:
        alerts = [_alert(category, message) for category, message in current_session().messages.take_own()]
    if not (alerts or is_unsafe()):
        return
    if response.status_code == 204:  # htmx looks at no body of a 204
        response.status_code = 200
        response.headers["HX-Reswap"] = "none"
    html = "".join(
        render_template("partials/alert.html", alert=alert, number=number) for number, alert in enumerate(alerts, 1)
    )
    region = f'<template><div data-hx-swap-oob="innerHTML:#alerts">{html}</div></template>'
    response.set_data(response.get_data(as_text=True) + region)


def _alert(category: str, message: Any) -> Alert:
    said = message if isinstance(message, dict) else {"text": message}
    return {"category": category, "action": None, "secrets": None, "link": None, **said}
