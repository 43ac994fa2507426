"""Recovery codes: each opens an account once when its second factor is lost."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, LargeBinary, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UTCDateTime, connection, now
from webapp.models.accounts.account import AccountRow

CODES = 10  # made at once
CODE_BYTES = 10  # of randomness; 80 bits are sixteen letters


class RecoveryCode(Base):
    """Only a keyed hash is stored (webapp/crypto.py); a used one stays, so that its owner can see it."""

    __tablename__ = "recovery_code"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


def replace_codes(account: AccountRow, hashes: Sequence[bytes]) -> None:
    """Make these the account's codes; the old ones open nothing any more."""
    connection().execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    if hashes:
        connection().execute(insert(RecoveryCode), [{"account_id": account.id, "code_hash": one} for one in hashes])


def has_code(account: AccountRow, code_hash: bytes, *, used: bool = False) -> bool:
    """Whether this is a code of the account's that was not used yet; with `used`, also one that was."""
    own = RecoveryCode.account_id == account.id, RecoveryCode.code_hash == code_hash
    row = connection().execute(select(RecoveryCode.used_at).where(*own)).one_or_none()
    return row is not None and (used or row.used_at is None)


def use_recovery_code(account: AccountRow, code_hash: bytes) -> bool:
    """Use a code up; of several requests at once it is true for one."""
    unused = RecoveryCode.code_hash == code_hash, *_unused(account)
    used = update(RecoveryCode).where(*unused).values(used_at=now()).returning(RecoveryCode.account_id)
    return connection().execute(used).one_or_none() is not None


def count_codes(account: AccountRow) -> int:
    """How many are left."""
    return connection().execute(select(func.count()).where(*_unused(account))).scalar_one()


def _unused(account: AccountRow) -> tuple[ColumnElement[bool], ...]:
    return RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None)
