"""A request: who sends it, from where, what it carries, its transaction, and what is logged of it."""

from webapp.http.client import COOKIES_OFF, current_page, local_path, sends_cookies
from webapp.http.events import log_event, log_event_after_commit
from webapp.http.origin import program_url, public_origin
from webapp.http.parameters import parameter
from webapp.http.retries import until_settled

__all__ = [
    "COOKIES_OFF",
    "current_page",
    "local_path",
    "log_event",
    "log_event_after_commit",
    "parameter",
    "program_url",
    "public_origin",
    "sends_cookies",
    "until_settled",
]
