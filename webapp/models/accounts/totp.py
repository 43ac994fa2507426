"""Codes of an authenticator app (TOTP, RFC 6238: SHA-1, six digits, thirty seconds), each of them good once."""

import hmac
import secrets
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import ColumnElement, or_, update

from webapp.db import connection, now
from webapp.models.accounts.account import Account, AccountRow
from webapp.models.accounts.recovery_codes import replace_codes

SECRET_BYTES = 20  # of randomness (RFC 4226, section 4)
DIGITS = 6
STEP = 30  # seconds
DRIFT = 1  # steps that a clock may be ahead or behind
AHEAD = 2 * DRIFT + 1  # steps: a last code further in the future is of a clock that was ahead


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def address_of(secret: bytes, user_name: str) -> str:
    """The otpauth: address that an app reads from a QR code."""
    return _totp(secret).get_provisioning_uri(user_name, "Recado")


def step_of(secret: bytes, code: str) -> int | None:
    """The step whose code this is, if it is one of about now."""
    today = int(now().timestamp()) // STEP
    steps = range(today - DRIFT, today + DRIFT + 1)
    right = [step for step in steps if hmac.compare_digest(_totp(secret).generate(step * STEP), code.encode())]
    return right[-1] if right else None


def turn_on(account: AccountRow, sealed: str, step: int) -> bool:
    """Ask for codes of this secret from now on, later ones than that of `step`; false if it is on already."""
    return _change(account, Account.totp_secret.is_(None), totp_secret=sealed, totp_step=step)


def turn_off(account: AccountRow) -> bool:
    """Ask for no codes any more, and let recovery codes open nothing; false if none were asked for."""
    replace_codes(account, [])
    return _change(account, Account.totp_secret.is_not(None), totp_secret=None, totp_step=0)


def is_unused(step: int, last: int) -> bool:
    """Whether a code of this step can be used after one of the last step, unless that is of a clock that was ahead."""
    return step > last or last > step + AHEAD


def use_step(account: AccountRow, step: int) -> bool:
    """Use the code of a step up, with all before it; of several requests at once it is true for one."""
    unused = or_(Account.totp_step < step, Account.totp_step > step + AHEAD)
    return _change(account, unused, totp_step=step)


def _change(account: AccountRow, condition: ColumnElement[bool], **values: Any) -> bool:
    changed = update(Account).where(Account.id == account.id, condition).values(values).returning(Account.id)
    return connection().execute(changed).one_or_none() is not None


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP)  # noqa: S303 what all apps know; HMAC needs no more (RFC 6238)
