"""Messages between the request that said them and the answer that is known to have brought them.

A message is stored with the effect that it tells of. The answer that shows it takes it for ten seconds and brings a
receipt: a cookie that names it, which comes back with the next request if the answer did arrive. Then the message is
deleted, and whatever it told of counts as told; without a receipt a later answer takes it again. A cookie tells more
than a request of the page's own could: every browser sends it, those without images or scripts too, and it costs none.
"""

from base64 import urlsafe_b64encode
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from flask import Response, current_app, request
from uuid6 import uuid7
from werkzeug.exceptions import HTTPException

from webapp.crypto import digest, seal, unseal
from webapp.db import Busy, is_ahead
from webapp.http.client import cookie_name, is_unsafe, is_visit
from webapp.http.exchange import Client, client
from webapp.http.transactions import begun, database
from webapp.i18n import ngettext
from webapp.models.sessions.message import LEASE, add_messages, claim_messages, release_messages
from webapp.models.sessions.session import GUEST_IDLE
from webapp.models.sessions.session_entry import MessageRow

Message = tuple[str, Any]  # category, text
FIELD = "submission"  # the hidden field with a form's key
RECEIPT = "-seen-"  # in the name of the cookie: one for each answer, because answers overtake each other
WAIT = 0.25  # seconds that a page waits for others to write, to show its messages
BOOKKEEPING_WAIT = 0.05  # seconds that a page waits to take note of what arrived
MOST = 250  # messages that wait for one browser; then half of them give way to their number
MORE = "more"  # the category of that
AT_ONCE = 50  # messages in one answer: a receipt names them all, and a cookie holds 4 KB


class Messages:
    """The messages that wait when a request comes, and those that it says itself."""

    def __init__(self) -> None:
        self.said: list[Message] = []
        self.arrived: set[UUID] = set()  # messages whose receipts came with this request
        self.claim: UUID | None = None  # by which this answer takes messages along
        self._shown: list[UUID] = []  # the messages in this answer
        self._waiting: list[MessageRow] = []
        self._receipts: list[str] = []
        self._begun = begun()

    def wait(self, waiting: Sequence[MessageRow]) -> None:
        """Begin with what waits, but for what has arrived."""
        self._waiting = list(waiting)
        if not (is_unsafe() or is_visit()):
            return  # a poll sets no cookie, so it takes none away
        self._receipts = [name for name in request.cookies if name.startswith(cookie_name(RECEIPT))]
        seen = {id for name in self._receipts for id in request.cookies[name].split(".")}
        again = unanswered()
        self.arrived = {row.id for row in waiting if _short(row.id) in seen and not (again and again == row.about)}
        self._waiting = [row for row in waiting if row.id not in self.arrived]

    def take(self) -> list[Message]:
        """What this request said, and what waits, unless another answer had it when this request came.

        One that was taken since may have arrived, but this request was sent too early to bring the receipt.
        """
        claim, free = uuid7(), self._begun - LEASE
        waiting = [
            row for row in self._waiting if row.claimed_at is None or row.claimed_at <= free or is_ahead(row.claimed_at)
        ][:AT_ONCE]
        if waiting:
            taken: Collection[UUID] = ()
            with suppress(Busy), database().writing(wait=WAIT):  # else they are left to the next page
                taken = claim_messages([row.id for row in waiting], claim, free)
            waiting = [row for row in waiting if row.id in taken]
            self._shown = [row.id for row in waiting]
        if waiting or self.said:
            self.claim = claim
        return [_readable(message) for row in waiting if (message := unseal(row.value))] + self.said

    def take_own(self) -> list[Message]:
        """What this very request said; the rest is left to pages."""
        self.claim = uuid7() if self.said else None
        return self.said

    def release(self, session_id: UUID, about: bytes) -> None:
        """Let what tells of a submission be taken again, unless an answer has taken it since this copy of it came."""
        release_messages(session_id, about, self._begun)

    def save(self, session_id: UUID, about: bytes | None) -> None:
        """Store what was said, beside its effect; also if this answer shows it, for it may get lost."""
        values = [seal(message) for message in self.said]
        given_up, count = self._given_up(len(values))
        if count:
            add_messages(session_id, [seal((MORE, count))], given_up, claim=None, about=None)
        ids = add_messages(session_id, values, self.arrived, claim=self.claim, about=about)
        if self.claim:
            self._shown += ids

    def _given_up(self, new: int) -> tuple[set[UUID], int]:
        """The messages that give way where too many wait, and how many they are. What is shown only once never does."""
        if len(self._waiting) + new <= MOST:
            return set(), 0
        waiting: list[tuple[UUID, Message]] = [(row.id, unseal(row.value) or ("", "")) for row in self._waiting]
        old = [(id, said) for id, said in waiting if not (isinstance(said[1], dict) and said[1].get("secrets"))]
        old = [(id, said) for place, (id, said) in enumerate(old) if said[0] == MORE or place < MOST // 2]
        return {id for id, _said in old}, sum(said[1] if said[0] == MORE else 1 for _id, said in old)

    def keep_receipts(self) -> None:
        """Leave what arrived to the next request: this one could not take note of it."""
        self._receipts = []

    def set_receipts(self, response: Response) -> None:
        """Send a receipt for just the messages in this answer, and clear those that came back."""
        kept = response.status_code < 400
        if kept and self.claim and self._shown:
            set_cookie(response, RECEIPT + self.claim.hex, ".".join(map(_short, self._shown)))
        if kept:  # else what they told was rolled back
            for name in self._receipts:
                response.delete_cookie(name, **_attributes())


def _readable(message: Message) -> Message:
    category, said = message
    if category != MORE:
        return category, said
    return "info", ngettext("And %(num)s more message.", "And %(num)s more messages.", said)


def name_of(key: str) -> bytes:
    """What a submission is known by, without its key. One key may serve several forms of a page, each for itself."""
    return digest("api", key) if client().is_program else digest("page", key, request.path)


def unanswered() -> bytes | None:
    """The submission that htmx sends again: it still has the old form, so the answer broke off after its headers."""
    if client() is not Client.FRAGMENT or not is_unsafe():
        return None
    with suppress(HTTPException):  # the form cannot be read, and that is being said just now
        return name_of(request.form[FIELD])
    return None


def set_cookie(response: Response, name: str, value: str) -> None:
    response.set_cookie(cookie_name(name), value, int(GUEST_IDLE.total_seconds()), **_attributes())


def _short(id: UUID) -> str:
    return urlsafe_b64encode(id.bytes).decode().rstrip("=")


def _attributes() -> dict[str, Any]:
    names = ("path", "secure", "httponly", "samesite")
    return {name: current_app.config[f"SESSION_COOKIE_{name.upper()}"] for name in names}
