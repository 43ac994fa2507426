"""Fields for passkeys (WebAuthn, level 3): what the browser is asked, and whether its answer will do.

The script asks the browser when the form is sent, and puts the answer into the field. The challenge is made from the
form's key, which is signed, dated, bound to its browser or account, and claimed once: so each challenge works once, and
showing it writes nothing.
"""

import base64
import json
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from werkzeug.utils import import_string
from wtforms import HiddenField
from wtforms.validators import StopValidation

from webapp.auth.throttling import outside_transaction
from webapp.crypto import derive
from webapp.forms.form import Form
from webapp.http.events import log_event
from webapp.http.origin import public_origin
from webapp.i18n import gettext as _
from webapp.models.accounts.passkey import Credential, PasskeyRow, find_passkey, passkeys_of, use_passkey
from webapp.sessions.identity import current_account

ALGORITHMS = (-8, -7, -257)  # EdDSA, ES256 and RS256, by their numbers in COSE
LOADED_WHEN_NEEDED = "webapp.auth.webauthn"  # 85 of the 400 ms that a start would take


class CredentialField(HiddenField):
    """What the browser answered, as JSON; kept nowhere (bodies.SECRETS)."""

    def options(self, key: str) -> str | None:
        """What to ask the browser by a form with this key, as JSON; None at an address without a name of its own."""
        host = _host()
        return json.dumps({"challenge": _challenge(key)} | self._asked(host)) if host else None

    def refuse(self) -> None:
        self.errors = [str(self.refused())]

    def refused(self) -> StopValidation:
        """Take note that this will not do; to be raised."""
        log_event("passkey_refused")
        return StopValidation(_("No passkey came, or not the right one. Try again."))

    def _asked(self, host: str) -> dict[str, Any]:
        raise NotImplementedError

    def _read(self, reader: str, form: Form, *about: Any) -> Any:
        """What the answer says, checked; raises StopValidation if it is not in order."""
        host, challenge, origin = _host(), _challenge(form.key), public_origin()

        def read() -> Any:
            return getattr(import_string(LOADED_WHEN_NEEDED), reader)(self.data, challenge, host, origin, *about)

        found = outside_transaction(read) if self.data and host else None
        if found is None:
            raise self.refused()
        return found


class NewPasskeyField(CredentialField):
    """A passkey that was made now."""

    made: Credential  # once it is valid

    def pre_validate(self, form: Any) -> None:
        self.made = self._read("read_new", form)

    def _asked(self, host: str) -> dict[str, Any]:
        account = current_account()
        return {
            "rp": {"id": host, "name": "Recado"},
            "user": {"id": _encoded(account.id.bytes), "name": account.user_name, "displayName": account.name},
            "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in ALGORITHMS],
            "excludeCredentials": [
                {"type": "public-key", "id": _encoded(passkey.credential_id)} for passkey in passkeys_of(account)
            ],
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": True,
                "userVerification": "required",
            },
            "attestation": "none",
        }


class PasskeyField(CredentialField):
    """A passkey that is used now, and with it whose it is."""

    passkey: PasskeyRow  # once it is valid
    sign_count: int

    def pre_validate(self, form: Any) -> None:
        credential_id, user = _names(self.data)
        passkey = find_passkey(credential_id)
        if passkey is None or user != passkey.account_id.bytes:
            raise self.refused()
        self.passkey, self.sign_count = passkey, self._read("read_use", form, passkey)

    def use(self) -> bool:
        """Take note of the use; false, with an error, if it may be a copy of the device that came."""
        used = use_passkey(self.passkey, self.sign_count)
        if not used:
            self.refuse()
        return used

    def _asked(self, host: str) -> dict[str, Any]:
        return {"rpId": host, "userVerification": "required"}


def _host() -> str | None:
    """The name that passkeys are for, if browsers let it have any."""
    host = urlsplit(public_origin()).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return host or None
    return None


def _challenge(key: str) -> str:
    return derive("challenge", key)


def _names(said: str | None) -> tuple[bytes, bytes]:
    """The passkey and the account that an answer is about, by its own words."""
    try:
        answer = json.loads(said or "")
        return _decoded(answer["id"]), _decoded(answer["response"]["userHandle"])
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return b"", b""


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode() + b"==")
