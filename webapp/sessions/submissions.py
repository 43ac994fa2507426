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

from flask import Response, abort, request
from itsdangerous import BadSignature

from webapp.crypto import derive, digest, signer
from webapp.db import now
from webapp.http.client import COOKIES_OFF, current_page, is_unsafe, sends_cookies
from webapp.http.exchange import Client, client, exchange
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext
from webapp.models.accounts.token import hash_of
from webapp.models.sessions.message import is_told
from webapp.models.sessions.submission import KEY_AGE, Answer, StaleForm, claim_submission, find_answer, keep_answer
from webapp.sessions.identity import account_or_none
from webapp.sessions.messages import FIELD, name_of
from webapp.sessions.session import current_session

HEADER = "Idempotency-Key"
KEY_LIMIT = 255  # characters
KEPT_HEADERS = ("Location", "ETag", "Link")
SENT = lazy_gettext("You already sent this form. Send it again to save this as well.")
MICRO = 1_000_000


class ResubmitRequired(ValueError):
    """The form has to be sent again, knowingly; its text says why."""


class KeyReused(Exception):
    """A program's key came before with something else."""


class AlreadyAnswered(Exception):
    """This was carried out before, and is answered again."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def new_key(form: str, *, by_browser: bool = False) -> str:
    """A key for one showing of a form, by whoever this request comes from, or by its browser whoever that is."""
    shown = int(now().timestamp() * MICRO)  # itsdangerous dates its signatures by whole seconds: too coarse
    return signer("submission").sign(f"{form}.{_tag(_owner(by_browser))}.{shown}.{secrets.token_urlsafe(16)}").decode()


def claim_call() -> None:
    """Claim what a program does under an Idempotency-Key, whatever that is.

    Not at an address with a secret in it: the answers that are kept would tell it.
    """
    key = request.headers.get(HEADER)
    if key is None or client() is not Client.API or not is_unsafe():
        return
    if request.routing_exception or account_or_none() is None:  # nothing will be done
        return
    if not 0 < len(key) <= KEY_LIMIT:
        abort(422, _("The Idempotency-Key must have 1 to %(limit)s characters.", limit=KEY_LIMIT))
    try:
        _claim(_owner(), key, digest(request.method, request.full_path, request.get_data()))
    except ResubmitRequired:
        raise KeyReused from None


def claim_form(
    form: str, content: Mapping[str, Any], *, creates: bool = False, secret: bool = False, by_browser: bool = False
) -> None:
    """Claim the submission of a valid form, so that what follows is done by this request alone.

    secret: the content lacks what must not be compared later, a password, so the same content may mean something else.
    Raises Answered where it was done already, and Refused where that cannot be told without asking.
    """
    key = request.form.get(FIELD)
    if client().is_program or not (key or creates):
        return
    owner = _owner(by_browser)
    shown = _check(key, form, owner) if key else None
    guard = digest(current_session().required_token(), request.path, content) if creates else None
    fingerprint = digest(request.path, content)
    _claim(owner, key or secrets.token_urlsafe(16), fingerprint, guard, shown, by_browser=by_browser, secret=secret)


def answer_of_copy() -> Answer | None:
    """What this browser's form was answered when a copy of it was carried out, and gave the browser another token."""
    key = request.form.get(FIELD) if not client().is_program and is_unsafe() else None
    return find_answer(_owner(by_browser=True), name_of(key)) if key else None


def is_copy(*, by_browser: bool = False) -> bool:
    """Whether the form that came was carried out before, so that it will be answered again."""
    key = request.form.get(FIELD)
    return bool(key) and find_answer(_owner(by_browser), name_of(key or "")) is not None


def keep(response: Response) -> None:
    """Keep what the claimed submission is answered, in the transaction of its effect."""
    claim = exchange().claim
    if claim is None:
        return
    owner, key_hash = claim
    if client().is_program:
        headers = {name: value for name, value in response.headers.items() if name in KEPT_HEADERS}
        keep_answer(owner, key_hash, response.status_code, headers, response.get_data(as_text=True))
    elif (place := exchange().place) != current_page():  # where it leads mostly, and so claimed beforehand
        keep_answer(owner, key_hash, response.status_code, {"Location": place}, None)


def _claim(
    owner: bytes,
    key: str,
    fingerprint: bytes,
    guard: bytes | None = None,
    shown: datetime | None = None,
    *,
    by_browser: bool = False,
    secret: bool = False,
) -> None:
    key_hash, arrived = name_of(key), current_session().messages.arrived
    try:
        earlier = claim_submission(
            owner,
            key_hash,
            None if by_browser else account_or_none(),  # signing in may end the guest's account
            fingerprint,
            content=guard,
            shown=shown,
            place=current_page(),
            arrived=arrived,
        )
    except StaleForm:
        raise ResubmitRequired(SENT) from None
    if earlier is None:
        exchange().claim = owner, key_hash
        current_session().about = key_hash
    elif earlier.key_hash == key_hash and (
        earlier.fingerprint != fingerprint or (secret and is_told(key_hash, arrived))
    ):
        raise ResubmitRequired(SENT)
    else:
        raise AlreadyAnswered(earlier)


def _check(key: str, form: str, owner: bytes) -> datetime:
    """When the form with this key was shown; raises Refused if that was to somebody else, or long ago."""
    try:
        signed = signer("submission").unsign(key)
    except BadSignature:
        raise ResubmitRequired(_("This form is no longer valid. Send it again to save it.")) from None
    name, tag, date, _random = signed.decode().split(".")
    shown = datetime.fromtimestamp(int(date) / MICRO, UTC)
    if name != form or shown < now() - KEY_AGE:
        raise ResubmitRequired(_("This form was open for more than a week. Send it again to save it."))
    if tag != _tag(owner):
        if not sends_cookies():
            raise ResubmitRequired(COOKIES_OFF)
        account = account_or_none()
        if account is None:
            raise ResubmitRequired(_("This form is from an earlier visit. Send it again to save it."))
        raise ResubmitRequired(
            _("This form is from an earlier visit. Send it again to save it for %(name)s.", name=account.name)
        )
    return shown


def _owner(by_browser: bool = False) -> bytes:
    account = None if by_browser else account_or_none()
    return account.id.bytes if account else hash_of(current_session().required_token())


def _tag(owner: bytes) -> str:
    return derive("owner", owner.hex())[:16]
