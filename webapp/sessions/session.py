"""The session behind the cookie: Flask's `session`, kept in the database under the hash of an opaque token.

It is read once, when it is first asked for, and only what a request changed is written, with all else that it did, to
the row that was read: one that a logout has deleted never comes back. A value that was read before it was written may
not have changed meanwhile: Conflict, and the request runs again.
"""

import secrets
from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from flask import Response, session
from flask.sessions import SessionMixin

from webapp.crypto import VALUES, derive
from webapp.db import Busy
from webapp.http.client import cookie, is_unsafe, is_visit
from webapp.http.exchange import exchange
from webapp.http.transactions import database
from webapp.models.accounts.account import AccountRow
from webapp.models.accounts.token import hash_of
from webapp.models.sessions import session as model
from webapp.models.sessions.session_values import delete_value, put_value
from webapp.sessions.last_visit import last_visit
from webapp.sessions.messages import BOOKKEEPING_WAIT, Messages, set_cookie

CSRF = "csrf_token"  # Flask-WTF asks the session for it; ours is made from the token, so showing a form writes nothing
STRANGER = "-visit"  # in the name of a stranger's cookie; under the same name, a late answer would undo a sign-in
FLASHES = "_flashes"  # where Flask's flash() and get_flashed_messages() look


class Session(SessionMixin):
    """One request's view of its browser's session; without a token and at the API, an empty one."""

    def __init__(self, token: str | None) -> None:
        self.token = token
        self.messages = Messages()
        self.in_line = False  # after a collision: wait for the others who collided before reading it
        self.about: bytes | None = None  # the submission that this request carries out
        self._stored: model.Stored | None = None
        self._new_cookie: str | None = None
        self._successor: str | None = None  # the token after signing in, or the same for longer
        self.loaded = False
        self._forget()

    def __getitem__(self, key: str) -> Any:
        if key == CSRF:
            return derive("csrf", self.required_token())
        if key == FLASHES:
            return self.messages.said
        values = self._load()
        self._read.add(key)
        return values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if key == FLASHES:
            self.messages.said = value
        else:
            self._load()[key] = value
            self._changed.add(key)

    def __delitem__(self, key: str) -> None:
        self._read.add(key)
        del self._load()[key]
        self._changed.add(key)

    def __contains__(self, key: object) -> bool:
        return key in (CSRF, FLASHES) or super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._load()))

    def __len__(self) -> int:
        return len(self._load())

    def pop(self, key: str, *default: Any) -> Any:
        """Take a value away; of the messages, all that wait go out with this answer."""
        if key == FLASHES:
            self._load()
            return self.messages.take()
        return super().pop(key, *default)

    @property
    def account(self) -> AccountRow | None:
        self._load()
        return self._stored.account if self._stored else None

    def required_token(self) -> str:
        """The cookie's token; a visitor who has none gets one when the first form is shown."""
        if self.token is None:
            self.token = self._new_cookie = secrets.token_urlsafe(32)
        return self.token

    def sign_in(self, account: AccountRow) -> None:
        """Make this browser the account's, under a new token, which every copy of the submission gets alike."""
        self._load()
        id = self.row()
        self._successor = self._token_after(self.about or secrets.token_bytes())
        self._stored = model.sign_in(id, hash_of(self._successor), account, **last_visit())

    def repeat(self, about: bytes) -> None:
        """Be as the first copy of a submission left it: signed in if it did so, its messages yet to be told.

        Signed in only while nobody has come with the new token, which would have taken them: an old token is worth
        nothing to whoever comes later.
        """
        self._load()
        stored, successor = self._stored, self._token_after(about)
        signed_in = model.find_session(hash_of(successor))
        if signed_in and any(row.about == about and row.claim is None for row in signed_in.messages):
            stored, self._successor = signed_in, successor
            exchange().neighbour = False  # the old token was ours
        if stored:
            self.messages.release(stored.id, about)

    @property
    def is_confirmed(self) -> bool:
        """Whether its visitor has just shown to be the account's owner."""
        self._load()
        return self._stored is not None and self._stored.is_confirmed

    def confirm(self) -> None:
        """Take note that the visitor has just shown to be the account's owner."""
        self._load()
        if self._stored:
            model.confirm(self._stored.id)

    def end(self) -> None:
        """Log out: whatever was known is gone, for requests under way, too."""
        self._load()
        if self._stored:
            model.end_session(self._stored.id)
        self.messages.arrived.clear()
        self._forget()

    def _load(self) -> dict[str, Any]:
        if not self.loaded:
            self.loaded = True  # also if the database fails now: the page that says so needs an empty session
            self._stored = model.find_session(hash_of(self.token), in_line=self.in_line) if self.token else None
            if self._stored is None and self.token == cookie():
                exchange().neighbour = True
            for entry in self._stored.values if self._stored else ():
                self._values[entry.key] = VALUES.loads(entry.value)
                self._versions[entry.key] = entry.version
            self.messages.wait(self._stored.messages if self._stored else ())
        return self._values

    def _forget(self) -> None:
        self._stored = None
        self._values: dict[str, Any] = {}
        self._versions: dict[str, int] = {}
        self._read: set[str] = set()
        self._changed: set[str] = set()

    def _token_after(self, submission: bytes) -> str:
        return derive("token", self.required_token(), submission.hex())

    def row(self) -> UUID:
        """The row in the database, which comes with the first thing to write."""
        return self._stored.id if self._stored else model.add_session(hash_of(self.required_token()))

    def save(self) -> None:
        """Write what this request changed, beside its other effects."""
        renew = self._stored is not None and self._stored.is_due and (is_unsafe() or is_visit())
        if not (self._changed or self.messages.said or self.messages.arrived or renew):
            return
        wait = None if self._changed or self.messages.said else BOOKKEEPING_WAIT  # the rest can wait
        try:
            with database().writing(wait=wait):
                self._write(renew=renew)
        except Busy:
            self.messages.keep_receipts()

    def _write(self, *, renew: bool) -> None:
        id = self.row()
        for key in sorted(self._changed):
            version = self._versions.get(key, 0) if key in self._read else None
            if key in self._values:
                put_value(id, key, VALUES.dumps(self._values[key]), version)
            elif version:
                delete_value(id, key, version)
        self.messages.save(id, self.about)
        if renew and self._stored and self._stored.account:
            model.prolong(self._stored, **last_visit())
            if self._stored.account.is_guest:  # nobody else's session outlives its cookie
                self._successor = self.token

    def set_cookies(self, response: Response) -> None:
        """Write the token's cookie if it is new, and the messages' receipts."""
        if self._successor and response.status_code < 400:
            set_cookie(response, "", self._successor)
        elif self._new_cookie:
            set_cookie(response, STRANGER, self._new_cookie)
        self.messages.set_receipts(response)


def current_session() -> Session:
    return cast(Session, session._get_current_object())  # type: ignore[attr-defined]
