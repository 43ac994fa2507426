"""A request: who sends it, from where, what it carries, its transaction, and what is logged of it."""

from webapp.requests.attempts import until_settled
from webapp.requests.events import note, note_done
from webapp.requests.negotiation import COOKIES_OFF, current_page, local_path, secret_in_address, sends_cookies
from webapp.requests.origin import program_url, public_origin
from webapp.requests.parameters import parameter

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
