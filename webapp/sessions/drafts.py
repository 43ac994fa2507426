"""Text that was sent by somebody whom we no longer know: kept, sealed, for an hour, and put back into its form.

The session expired, or ended in another tab. Whoever says again who it is finds the form as it was sent.
"""

from typing import Any

from flask import request, session
from werkzeug.datastructures import MultiDict

from webapp.crypto import age, digest, seal, signer, unseal
from webapp.http.bodies import SECRETS
from webapp.models.sessions.session_values import DRAFT, DRAFT_AGE
from webapp.sessions.messages import FIELD
from webapp.sessions.session import CSRF

MOST = 10  # texts that one browser keeps; each of its requests reads them
Fields = list[tuple[str, str]]  # names and values


def keep_draft() -> None:
    """Keep the form that this request sent."""
    key = request.form.get(FIELD, "")
    form = key.partition(".")[0] if signer("submission").validate(key) else None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in (CSRF, FIELD, *SECRETS)]
    if form and fields:
        for old in _places()[: 1 - MOST]:
            del session[old]
        session[_place(form)] = seal(fields)


def draft_of(form: str) -> MultiDict[str, Any] | None:
    """What this form, on this page, held when it could not be saved."""
    fields = _fields(_place(form))
    return MultiDict(fields) if fields else None


def unsaved() -> Fields:
    """What is kept, for a page that has no form for it."""
    return [field for place in _places() for field in _fields(place)]


def drop_draft(form: str) -> None:
    """It is saved by now."""
    session.pop(_place(form), None)


def _place(form: str) -> str:
    """Where in the session: each form of each thing has a place of its own."""
    return f"{DRAFT}-{digest(form, request.view_args).hex()[:32]}"


def _places() -> list[str]:
    """The places of all that is kept, the oldest first."""
    return [place for place in session if place.startswith(f"{DRAFT}-")]


def _fields(place: str) -> Fields:
    sealed = session.get(place)
    if not sealed or age(sealed) > DRAFT_AGE.total_seconds():
        return []
    return unseal(sealed) or []
