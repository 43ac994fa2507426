"""The second factor: codes of an app and recovery codes, and the ticket of somebody who has shown the first factor.

A code is looked at before the form's claim and used up after it, in the transaction of its effect: so a copy of the
form is answered as its first was, and no other form gets anything for the same code.
"""

import base64
import secrets
from typing import Any
from uuid import UUID

from flask import session
from wtforms.validators import StopValidation
from wtforms.widgets import TextInput

from webapp.auth.throttling import check_throttled
from webapp.crypto import derive, digest, seal, unseal
from webapp.forms.form import Form
from webapp.forms.texts import SecretField
from webapp.http.events import log_event, log_event_after_commit
from webapp.i18n import gettext as _
from webapp.models.accounts.account import AccountRow
from webapp.models.accounts.login import Login, find_login_by_id, login_of
from webapp.models.accounts.recovery_codes import (
    CODE_BYTES,
    CODES,
    count_codes,
    has_code,
    replace_codes,
    use_recovery_code,
)
from webapp.models.accounts.totp import DIGITS, is_unused, new_secret, step_of, turn_on, use_step
from webapp.sessions.session import current_session

TICKET = "ticket"  # the session's value
TICKET_AGE = 10 * 60  # seconds between the password and the code
SECRET_AGE = 60 * 60  # seconds to make an app known
LOOKS_LIKE = str.maketrans("018", "OIB")  # what base32 has no use for, because it is taken for these letters

Proof = int | bytes  # that a code was right: the step of an app's code, or the hash of a recovery code


class CodeField(SecretField):
    """A code, typed with or without gaps. It is no field's `data`, so it is never shown again or kept."""

    widget = TextInput()
    typed = ""
    proof: Proof  # once it is valid

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = valuelist[0] if valuelist else ""

    @property
    def text(self) -> str:
        return _letters(self.typed)

    def pre_validate(self, form: Any) -> None:
        if not self.text:
            raise StopValidation(_("Write the code."))

    def check(self, form: Form, account: AccountRow) -> None:
        """Raise StopValidation unless this is a code of the account's."""
        user_name = account.user_name or ""
        proof = check_throttled(user_name, lambda: _prove(account, self.text, again=form.is_copy), code=True)
        if proof is None:
            raise StopValidation(_refusal())
        self.proof = proof

    @property
    def is_recovery(self) -> bool:
        return isinstance(self.proof, bytes)

    def use(self, account: AccountRow) -> bool:
        """Use the code up; false, with an error, if another request has just done so."""
        if isinstance(self.proof, bytes):
            used = use_recovery_code(account, self.proof)
        else:
            used = use_step(account, self.proof)
        if not used:
            log_event("code_refused", user=account.user_name)
            self.errors = [_refusal()]
        elif self.is_recovery:
            log_event_after_commit("recovery_code_used", user=account.user_name, left=count_codes(account))
        return used


def _letters(typed: str) -> str:
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def _refusal() -> str:
    return str(_("This code is wrong or was already used. Write the one that is shown now."))


def _prove(account: AccountRow, code: str, *, again: bool) -> Proof | None:
    """The proof that a code is right and unused; `again`, also of a used one."""
    login = login_of(account)
    secret = unseal(login.totp_secret) if login and login.totp_secret else None
    if login is None or secret is None:
        return None
    if len(code) == DIGITS and code.isdecimal():
        step = step_of(secret, code)
        return step if step and (again or is_unused(step, login.totp_step)) else None
    code_hash = _hash(account, code)
    return code_hash if has_code(account, code_hash, used=again) else None


def new_recovery_codes(account: AccountRow) -> list[str]:
    """New codes instead of the old ones, in groups of four letters; nobody can read them from the database later."""
    codes = [base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode() for _ in range(CODES)]
    replace_codes(account, [_hash(account, code) for code in codes])
    return ["-".join(code[start : start + 4] for start in range(0, len(code), 4)) for code in codes]


def is_recovery_code(account: AccountRow, typed: str) -> bool:
    """Whether this is a code of the account's that was not used yet."""
    return has_code(account, _hash(account, _letters(typed)))


def _hash(account: AccountRow, code: str) -> bytes:
    return digest(derive("recovery", account.id.hex, code.translate(LOOKS_LIKE)))


def offer_secret(account: AccountRow) -> str:
    """A new secret, sealed: the form takes it along, so that showing it writes nothing."""
    return seal({"offered": account.id.hex, "secret": new_secret()})


def offered_secret(account: AccountRow, sealed: str | None) -> bytes | None:
    """The secret that was offered to this account, within the hour."""
    match unseal(sealed or "", SECRET_AGE):
        case {"offered": account.id.hex, "secret": bytes(secret)}:
            return secret
    return None


def keep_secret(account: AccountRow, secret: bytes, step: int) -> bool:
    """Ask for codes of this secret from now on; false if codes are asked for already."""
    return turn_on(account, seal(secret), step)


def give_ticket(login: Login) -> None:
    """Take note that this browser has shown the password; it lets nobody in yet."""
    session[TICKET] = seal({"ticket": login.account.id.hex, "mark": _mark(login)})
    log_event_after_commit("code_asked", user=login.account.user_name)


def drop_ticket() -> None:
    session.pop(TICKET, None)


def held_ticket() -> str | None:
    return session.get(TICKET)


def login_by_ticket(sealed: str | None) -> Login | None:
    """Whose password was shown in this browser, minutes ago, and is still the same."""
    match unseal(sealed or "", TICKET_AGE):
        case {"ticket": str(id), "mark": mark}:
            login = find_login_by_id(UUID(id))
            return login if login and not login.disabled_at and _mark(login) == mark else None
    return None


def _mark(login: Login) -> str:
    return derive("ticket", current_session().required_token(), login.account.id.hex, login.password_hash)
