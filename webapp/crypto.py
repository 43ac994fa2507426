"""What is made from the secret key: tokens that several processes make alike, signatures, and sealed text."""

import base64
import hashlib
import hmac
import json
import math
import time
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from flask import Flask, current_app
from flask.json.tag import TaggedJSONSerializer
from itsdangerous import Signer, URLSafeSerializer
from werkzeug.datastructures import FileStorage

VALUES = TaggedJSONSerializer()  # Flask's own for session values: it also keeps tuples, bytes, UUIDs and moments


def init_app(app: Flask) -> None:
    secret = str(app.secret_key).encode()
    app.extensions["recado_seal"] = Fernet(base64.urlsafe_b64encode(_derive(secret, b"seal")))
    app.extensions["recado_signers"] = {use: Signer(secret, salt=use) for use in ("submission", "browser")}
    app.extensions["recado_serializers"] = {use: URLSafeSerializer(secret, salt=use) for use in ("cursor", "original")}


def derive(purpose: str, *parts: str) -> str:
    """A token that only who knows the secret key can make, always the same for the same parts."""
    secret = str(current_app.secret_key).encode()
    return (
        base64.urlsafe_b64encode(_derive(secret, *(part.encode() for part in (purpose, *parts)))).decode().rstrip("=")
    )


def digest(*parts: Any) -> bytes:
    """One hash for anything that JSON can say, and for uploads."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=_plain).encode()).digest()


def signer(use: str) -> Signer:
    return current_app.extensions["recado_signers"][use]  # type: ignore[no-any-return]


def serializer(use: str) -> URLSafeSerializer:
    """Signs places in lists ("cursor") and what a form was filled with ("original"): what comes back is as we gave it,
    so nothing in it has to be checked."""
    return current_app.extensions["recado_serializers"][use]  # type: ignore[no-any-return]


def seal(value: Any) -> str:
    """Encrypt a value, so that the database can keep what it should not know."""
    seal: Fernet = current_app.extensions["recado_seal"]
    return seal.encrypt(VALUES.dumps(value).encode()).decode()


def unseal(sealed: str, seconds: int | None = None) -> Any:
    """What was sealed, or None after so many seconds, and under another secret key."""
    seal: Fernet = current_app.extensions["recado_seal"]
    try:
        return VALUES.loads(seal.decrypt(sealed.encode(), ttl=seconds).decode())
    except InvalidToken:
        return None


def age(sealed: str) -> float:
    """How many seconds ago something was sealed; less than none by a clock that was ahead, endless by another key."""
    seal: Fernet = current_app.extensions["recado_seal"]
    try:
        return time.time() - seal.extract_timestamp(sealed.encode())
    except InvalidToken:
        return math.inf


def _plain(value: Any) -> str:
    if isinstance(value, FileStorage):
        content = hashlib.file_digest(value.stream, "sha256").hexdigest()  # type: ignore[arg-type]
        value.stream.seek(0)
        return f"{value.filename}:{content}"
    return str(value)


def _derive(secret: bytes, *parts: bytes) -> bytes:
    return hmac.digest(secret, b"\0".join((b"recado", *parts)), hashlib.sha256)
