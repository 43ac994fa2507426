"""Text that was sent by somebody whom we no longer know: kept, sealed, for an hour, and put back into its form.

The session expired, or ended in another tab. Whoever says again who it is finds the form as it was sent.
"""

from typing import Any

from flask import request, session
from werkzeug.datastructures import MultiDict

from webapp.models.value import DRAFT, DRAFT_AGE
from webapp.requests.bodies import SECRETS
from webapp.visitors.keys import seal, signer, unseal
from webapp.visitors.messages import FIELD
from webapp.visitors.sessions import CSRF

Draft = dict[str, Any]  # form: its name; about: the view's arguments, such as an id; fields: names and values


def keep_draft() -> None:
    """Keep the form that this request sent."""
    key = request.form.get(FIELD, "")
    form = key.partition(".")[0] if signer().validate(key) else None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in (CSRF, FIELD, *SECRETS)]
    if form and fields:
        session[DRAFT] = seal({"form": form, "about": request.view_args, "fields": fields})


def draft_of(form: str) -> MultiDict[str, Any] | None:
    """What this form, on this page, held when it could not be saved."""
    draft = _draft()
    same = draft is not None and (draft["form"], draft["about"]) == (form, request.view_args)
    return MultiDict(draft["fields"]) if draft and same else None


def unsaved() -> list[tuple[str, str]]:
    """What is kept, for a page that has no form for it."""
    draft = _draft()
    return draft["fields"] if draft else []


def drop_draft(form: str) -> None:
    """It is saved by now."""
    draft = _draft()
    if draft and draft["form"] == form:
        del session[DRAFT]


def _draft() -> Draft | None:
    sealed = session.get(DRAFT)
    return unseal(sealed, int(DRAFT_AGE.total_seconds())) if sealed else None
