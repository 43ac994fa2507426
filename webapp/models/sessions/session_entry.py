"""What a browser's session holds: values by their keys, and messages that wait."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, column
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import Base, UTCDateTime, now, only

KEY_LIMIT = 64  # characters of a value's name


class SessionEntry(Base):
    """A value by its `key`, or (without one) a message that waits until its reader has it.

    claim: the answer that took the message, at `claimed_at`. about: the submission whose outcome it tells.
    """

    __tablename__ = "session_entry"
    __table_args__ = (
        UniqueConstraint("session_id", "key", name="session_entry_key"),
        Index("session_entry_about", "about", **only(column("about").is_not(None))),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("browser_session.id", ondelete="CASCADE"))
    key: Mapped[str | None] = mapped_column(String(KEY_LIMIT))
    value: Mapped[str]
    written_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, onupdate=now)
    version: Mapped[int] = mapped_column(default=1)
    claim: Mapped[UUID | None]
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    about: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class ValueRow(NamedTuple):
    key: str
    value: str
    version: int


class MessageRow(NamedTuple):
    id: UUID
    value: str
    claim: UUID | None
    claimed_at: datetime | None
    about: bytes | None
