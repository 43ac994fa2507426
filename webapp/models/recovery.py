"""Recovery codes: each opens an account once when its second factor is lost."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UTCDateTime

CODES = 10  # made at once


class RecoveryCode(Base):
    """Only a keyed hash is stored (webapp/hybrid/keys.py); a used one stays, so that its owner can see it."""

    __tablename__ = "recovery_code"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
