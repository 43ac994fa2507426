"""The nouns: tables and plain functions on them; nothing here knows HTTP."""

from webapp.db import Base
from webapp.models.account import Account
from webapp.models.change import Change
from webapp.models.entry import SessionEntry
from webapp.models.link import Link
from webapp.models.passkey import Passkey
from webapp.models.recovery import RecoveryCode
from webapp.models.session import BrowserSession
from webapp.models.submission import Submission
from webapp.models.throttle import Throttle
from webapp.models.todo import Todo
from webapp.models.todo_backend import TodoBackend
from webapp.models.token import Token
from webapp.models.tombstone import Tombstone

__all__ = [
    "Account",
    "Base",
    "BrowserSession",
    "Change",
    "Link",
    "Passkey",
    "RecoveryCode",
    "SessionEntry",
    "Submission",
    "Throttle",
    "Todo",
    "TodoBackend",
    "Token",
    "Tombstone",
]
