"""Passwords: which will do, and their hashes (Argon2id, RFC 9106; its parameters are OWASP's first choice)."""

import threading
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

LEAST = 15  # characters
MOST = 1024  # bytes of UTF-8; more would be work for nothing
OWN = 8  # characters that a password has beside its owner's own words, and beside repetitions
COMMON = Path(__file__).with_name("common_passwords.txt")  # long ones of those that people choose most
SEQUENCES = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
)

_hasher = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
_slots = threading.BoundedSemaphore(2)  # 46 MiB each, and the processor for some 44 ms


def hash_password(password: str) -> str:
    """The hash to store. Slow: never inside a transaction that writes."""
    with _slots:
        return _hasher.hash(password)


def verify_password(password: str, hashed: str | None) -> bool:
    """Whether this is the password of the hash; without one it takes just as long. Slow, as `hash_password`."""
    with _slots:
        try:
            return _hasher.verify(hashed or _nobodys(), password) and hashed is not None
        except VerificationError:
            return False


def is_guessable(password: str, *own_words: str) -> bool:
    """Whether a password is among those that are tried first: common ones, sequences, repetitions, own words."""
    lower = password.casefold()
    left = lower
    for word in sorted({*own_words, "recado", "password", "contraseña"}, key=len, reverse=True):
        if len(word) > 2:
            left = left.replace(word.casefold(), "")
    runs = any(lower in line * (len(lower) // len(line) + 2) for line in (*SEQUENCES, *(s[::-1] for s in SEQUENCES)))
    return lower in _common() or runs or len(_block(left)) < OWN


def _block(text: str) -> str:
    """What a text repeats: `abc` of `abcabcab`; the whole text if it repeats nothing."""
    sizes = range(1, len(text) // 2 + 1)
    return next((text[:size] for size in sizes if text in text[:size] * (len(text) // size + 1)), text)


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")


@cache
def _common() -> frozenset[str]:
    return frozenset(COMMON.read_text("utf-8").split())
