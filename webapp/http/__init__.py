"""A request: who sends it, from where, what it carries, its transaction, and what is logged of it."""

from webapp.http.client import COOKIES_OFF, current_page, local_path, secret_in_address, sends_cookies
from webapp.http.events import note, note_done
from webapp.http.origin import program_url, public_origin
from webapp.http.parameters import parameter
from webapp.http.retries import until_settled

__all__ = [
    "COOKIES_OFF",
    "current_page",
    "local_path",
    "note",
    "note_done",
    "parameter",
    "program_url",
    "public_origin",
    "secret_in_address",
    "sends_cookies",
    "until_settled",
]
