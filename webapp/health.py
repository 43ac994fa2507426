"""Whether this process can serve people: whether the database can be read and written."""

import threading
import time

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webapp.db import Busy, Database, connection

READY = "ready"
PATIENCE = 2  # seconds that others may write
FRESH = 1  # seconds for which an answer is good: whoever asks more often costs nothing
READS = ("SELECT 1 FROM account LIMIT 1", "SELECT 1 FROM todo LIMIT 1")
WRITE = "UPDATE alembic_version SET version_num = version_num"


class Readiness:
    """Reads a little and writes a row as it is, for those who ask whether they may send people here."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._said = READY
        self._until = 0.0

    def now(self) -> str:
        """READY, or in a few words why not."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._said = self._try()
                self._until = time.monotonic() + FRESH
            return self._said

    def _try(self) -> str:
        try:
            with self._database.transaction(write=False):
                for read in READS:
                    connection().execute(text(read)).all()
                with self._database.writing(wait=PATIENCE):
                    connection().execute(text(WRITE))
        except Busy:
            return "the database is busy"
        except SQLAlchemyError:
            return "the database cannot be read and written"
        return READY
