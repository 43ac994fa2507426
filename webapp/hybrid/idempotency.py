"""A submission is carried out once, and answered again.

Until its sender has been told the outcome, the same content again is the same submission. A form carries a key (random,
dated, signed with the name of its form and its owner, not stored); a program sends an Idempotency-Key. The claim on it
is a row that is written in the transaction of the effect: a copy waits in the database until it is decided, then gets
the first one's answer. A form that creates also claims its content, for the copies that come by a new key: a page
that was reloaded while the answer was on its way.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response, g, request
from flask_babel import gettext as _
from itsdangerous import BadSignature

from webapp.db import now
from webapp.hybrid.identity import known_account
from webapp.hybrid.keys import derive, digest, signer
from webapp.hybrid.messages import FIELD, name_of
from webapp.hybrid.negotiation import Client, client
from webapp.hybrid.sessions import current_session, hash_of
from webapp.models.submission import KEY_AGE, Answer, Late, claim_submission, keep_answer

HEADER = "Idempotency-Key"
HEADER_LIMIT = 255  # characters
MICRO = 1_000_000


class Refused(ValueError):
    """The form has to be sent again, knowingly; its text says why."""


class Answered(Exception):
    """This was carried out before, and is answered again."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def new_key(form: str) -> str:
    """A key for one showing of a form, by whoever this request comes from."""
    shown = int(now().timestamp() * MICRO)  # itsdangerous dates its signatures by whole seconds: too coarse
    return signer().sign(f"{form}.{_tag(_owner())}.{shown}.{secrets.token_urlsafe(16)}").decode()


def claim(form: str, content: Mapping[str, Any], *, creates: bool) -> None:
    """Claim the submission of a valid form, so that what follows is done by this request alone.

    Raises Answered where it was done already, and Refused where that cannot be told without asking.
    """
    shown = None
    if client() is Client.API:
        key, creates = request.headers.get(HEADER), False
        if key is None:
            return
        if not 0 < len(key) <= HEADER_LIMIT:
            raise Refused(_("The Idempotency-Key must have 1 to %(limit)s characters.", limit=HEADER_LIMIT))
    else:
        key = request.form.get(FIELD)
        if key is not None:
            shown = _check(key, form)
        elif not creates:
            return
    owner, key_hash = _owner(), name_of(key or secrets.token_urlsafe(16))
    session = current_session()
    guard = digest(session.required_token(), request.path, content) if creates else None
    fingerprint = digest(request.path, content)
    try:
        earlier = claim_submission(owner, key_hash, known_account(), fingerprint, content=guard, shown=shown)
    except Late:
        raise Refused(_("You already sent this form. Send it again to save this as well.")) from None
    if earlier is None:
        g.claim = owner, key_hash
        session.about = key_hash
    elif earlier.key_hash != key_hash or earlier.fingerprint == fingerprint:
        raise Answered(earlier)
    elif client() is Client.API:
        raise Refused(_("This Idempotency-Key was already used for something else."))
    else:
        raise Refused(_("You already sent this form. Send it again to save this as well."))


def keep(response: Response) -> None:
    """Keep what the claimed submission is answered, in the transaction of its effect."""
    if "claim" not in g:
        return
    owner, key_hash = g.claim
    if client() is Client.API:
        etag, _weak = response.get_etag()
        body = response.get_data(as_text=True)
        keep_answer(owner, key_hash, response.status_code, response.location, etag, body)
    else:
        keep_answer(owner, key_hash, response.status_code, g.get("place"), None, None)


def _check(key: str, form: str) -> datetime:
    """When the form with this key was shown; raises Refused if that was to somebody else, or long ago."""
    try:
        signed = signer().unsign(key)
    except BadSignature:
        raise Refused(_("This form is no longer valid. Send it again to save it.")) from None
    name, tag, date, _random = signed.decode().split(".")
    shown = datetime.fromtimestamp(int(date) / MICRO, UTC)
    if name != form or shown < now() - KEY_AGE:
        raise Refused(_("This form was open for more than a week. Send it again to save it."))
    if tag != _tag(_owner()):
        account = known_account()
        if account is None:
            raise Refused(_("This form is from an earlier visit. Send it again to save it."))
        raise Refused(
            _("This form is from an earlier visit. Send it again to save it for %(name)s.", name=account.name)
        )
    return shown


def _owner() -> bytes:
    account = known_account()
    return account.id.bytes if account else hash_of(current_session().required_token())


def _tag(owner: bytes) -> str:
    return derive("owner", owner.hex())[:16]
