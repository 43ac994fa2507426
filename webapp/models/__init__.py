"""The nouns: tables and plain functions on them; nothing here knows HTTP."""

from webapp.db import Base
from webapp.models.accounts.account import Account
from webapp.models.accounts.one_time_link import Link
from webapp.models.accounts.passkey import Passkey
from webapp.models.accounts.recovery_codes import RecoveryCode
from webapp.models.accounts.throttle import Throttle
from webapp.models.accounts.todo_backend import TodoBackend
from webapp.models.accounts.token import Token
from webapp.models.sessions.session import BrowserSession
from webapp.models.sessions.session_entry import SessionEntry
from webapp.models.sessions.submission import Submission
from webapp.models.todos.epoch import Epoch, EpochEnd
from webapp.models.todos.list import List
from webapp.models.todos.sync import Tombstone
from webapp.models.todos.todo import Todo
from webapp.models.todos.undo_entry import UndoEntry

__all__ = [
    "Account",
    "Base",
    "BrowserSession",
    "Epoch",
    "EpochEnd",
    "Link",
    "List",
    "Passkey",
    "RecoveryCode",
    "SessionEntry",
    "Submission",
    "Throttle",
    "Todo",
    "TodoBackend",
    "Token",
    "Tombstone",
    "UndoEntry",
]
