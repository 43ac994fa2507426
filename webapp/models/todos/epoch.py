"""Epochs: each start of a server begins one, so that a database which was restored from a backup is known by it.

After a restore, the numbers of changes are given again, to other changes. They are given in an epoch that nobody has
heard of, and of each epoch before it is known how far the numbers had come (docs/decisions.md, restored).
"""

from datetime import datetime
from secrets import token_hex
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UTCDateTime, connection


class Epoch(Base):
    """The epoch that is now: one row."""

    __tablename__ = "epoch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token: Mapped[str] = mapped_column(String(16))


class EpochEnd(Base):
    """The last number that an account's changes got in an epoch; written by a trigger at its first in another."""

    __tablename__ = "epoch_end"
    __table_args__ = (Index("epoch_end_age", "ended_at"), {"sqlite_with_rowid": False})

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    epoch: Mapped[str] = mapped_column(String(16), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[datetime] = mapped_column(UTCDateTime)


def begin_epoch() -> None:
    connection().execute(update(Epoch).values(token=token_hex(8)))
