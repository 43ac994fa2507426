"""What people have at hand: a device that keeps passkeys and signs as a real one does, and an app that makes codes."""

import hashlib
import json
import secrets
from base64 import b32decode, urlsafe_b64encode
from datetime import datetime
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from tests.support.clients import Page
from webapp.db import now

PRESENT, VERIFIED, ATTESTED = 1, 4, 64  # flags


def code_of(key: str, later: int = 0, at: datetime | None = None) -> str:
    """What an app shows now (or `at` a moment), or so many steps later, that was given the key as the page shows it."""
    app = TOTP(b32decode(key.replace(" ", "")), 6, SHA1(), 30)
    return app.generate(int((at or now()).timestamp()) + later * 30).decode()


class Phone:
    """An authenticator app: it knows what the page showed."""

    def __init__(self, page: Page) -> None:
        shown = page.page.select_one("#second-factor code")
        assert shown is not None
        self.key = shown.get_text()

    def code(self, later: int = 0) -> str:
        """The code of now, or of so many steps later."""
        return code_of(self.key, later)


class Device:
    """It holds one passkey, counts its uses, and does as the browser says that the page wishes."""

    def __init__(self, origin: str = "http://localhost", flags: int = PRESENT | VERIFIED) -> None:
        self.origin, self.flags = origin, flags
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.user = ""
        self.count = 1

    def create(self, options: dict[str, Any]) -> str:
        """Make the passkey; returns what the browser makes of it."""
        self.user = options["user"]["id"]
        point = self.key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(key)
        said = self._said(options["rp"]["id"], self.flags | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": said})
        client = self._client("webauthn.create", options)
        return self._answer(clientDataJSON=_text(client), attestationObject=_text(attestation))

    def get(self, options: dict[str, Any]) -> str:
        """Use the passkey."""
        self.count += 1
        said, client = self._said(options["rpId"], self.flags), self._client("webauthn.get", options)
        signature = self.key.sign(said + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=_text(client),
            authenticatorData=_text(said),
            signature=_text(signature),
            userHandle=self.user,
        )

    def _said(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        wish = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(wish).encode()

    def _answer(self, **response: str) -> str:
        id = _text(self.id)
        return json.dumps(
            {"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {}}
        )


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
