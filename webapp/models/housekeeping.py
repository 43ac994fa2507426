"""What is deleted when its time is over, so that nothing grows without end: in short steps, which let others write."""

import logging
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from webapp.db import Database
from webapp.models.accounts.account_deletion import appoint, delete_account, find_left
from webapp.models.accounts.one_time_link import prune_links
from webapp.models.accounts.throttle import prune_throttles
from webapp.models.accounts.token import prune_tokens
from webapp.models.sessions.session import prune_sessions
from webapp.models.sessions.session_values import prune_entries
from webapp.models.sessions.submission import prune_submissions
from webapp.models.todos.sync import prune_epochs, prune_tombstones
from webapp.models.todos.trash import prune_trash
from webapp.models.todos.undo_entry import prune_undo_entries

INTERVAL = 3600  # seconds
PRUNES = (
    prune_sessions,
    prune_entries,
    prune_submissions,
    prune_undo_entries,
    prune_throttles,
    prune_tokens,
    prune_links,
    prune_tombstones,
    prune_epochs,
)


def keep_tidy(database: Database) -> None:
    """Delete it all at the start and each hour; how often matters little, for what has expired is never read."""
    while True:
        try:
            prune_expired(database)
            prune_deleted(database)
        except SQLAlchemyError as error:
            logging.getLogger(__name__).error("Tidying up failed.", exc_info=error)
        time.sleep(INTERVAL)


def prune_expired(database: Database) -> int:
    """Delete what nobody can use any more; returns how many rows."""
    rows = sum(_in_steps(database, prune) for prune in PRUNES)
    while True:
        with database.transaction(write=False):  # looking for them keeps nobody waiting
            left = find_left()
        if not left:
            return rows
        rows += sum(_step(database, lambda id=id: delete_account(id)) for id in left)  # type: ignore[misc]
        _step(database, appoint)


def prune_deleted(database: Database) -> int:
    """Delete for good what has lain in the trash for too long; returns how many to-dos."""
    return _in_steps(database, prune_trash)


def _in_steps(database: Database, prune: Callable[[], int]) -> int:
    rows = 0
    while some := _step(database, prune):
        rows += some
    return rows


def _step(database: Database, prune: Callable[[], int]) -> int:
    with database.transaction(write=True) as transaction:
        rows = prune()
        transaction.commit()
    return rows
