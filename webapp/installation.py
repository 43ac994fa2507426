"""What an installation has of its own: a folder for its data, and in it a secret key, made on the first start."""

import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

MIN_SECRET = 32  # characters; shorter keys can be guessed


class ConfigurationError(ValueError):
    """A setting is wrong; its text is one sentence for the person who runs Recado."""


def data_folder(path: Path) -> Path:
    try:
        path = path.expanduser()  # `~` in quotes or in a file of settings is nobody else's to expand
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", error)
        raise ConfigurationError(f"RECADO_DATA: the folder {path} cannot be made ({reason}).") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise ConfigurationError(f"RECADO_DATA: the folder {path} is not writable.")
    return path.resolve()


def secret_key(value: str | None, data: Path) -> str:
    if value:
        if len(value) < MIN_SECRET:
            raise ConfigurationError(f"RECADO_SECRET_KEY is too short: give it {MIN_SECRET} characters or more.")
        return value
    path = data / "secret_key"
    try:
        if not path.exists():
            _make_secret_key(path)
        key = _read(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The secret key file {path} cannot be made or read ({error}).") from error
    if len(key) < MIN_SECRET:
        raise ConfigurationError(f"The secret key file {path} is damaged: delete it to have a new one made.")
    return key


def _make_secret_key(path: Path) -> None:
    """Write a key beside its place and link it there: of many processes at once one wins, and none reads half a key."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            _link(draft, path)
    finally:
        draft.unlink()


def _link(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: O_EXCL lets one win, and _read waits until it has written
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(draft.read_bytes())


def _read(path: Path) -> str:
    """The key, when whoever makes it has written it."""
    for _ in range(20):
        if key := path.read_text(encoding="ascii").strip():
            return key
        time.sleep(0.05)
    return ""
