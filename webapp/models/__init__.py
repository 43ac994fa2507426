"""The nouns: tables and plain functions on them; nothing here knows HTTP."""

from webapp.db import Base
from webapp.models.account import Account
from webapp.models.change import Change
from webapp.models.session import BrowserSession, SessionEntry
from webapp.models.submission import Submission
from webapp.models.todo import Todo
from webapp.models.token import Token

__all__ = ["Account", "Base", "BrowserSession", "Change", "SessionEntry", "Submission", "Todo", "Token"]
