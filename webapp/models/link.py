"""A link that works once: an invitation to register, or the way to a new password."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import Base, UTCDateTime, now

INVITE, RESET = "invite", "reset"
AGES = {INVITE: timedelta(days=7), RESET: timedelta(days=1)}  # after which a link works no more


class Link(Base):
    """account_id: whose password it resets; an invitation has none yet. by_id: who made it."""

    __tablename__ = "link"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    purpose: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
