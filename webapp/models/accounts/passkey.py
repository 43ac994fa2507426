"""A passkey (WebAuthn): a key pair that a device keeps; we know its public half."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column
from uuid6 import uuid7

from webapp.db import Base, Missing, UTCDateTime, connection, now, on_each_engine
from webapp.models.accounts.account import AccountRow, hold_account

NAME_LIMIT = 60  # characters
COUNT_LIMIT = 20  # passkeys of an account
ID_LIMIT = 1023  # bytes of a credential id (WebAuthn, section 4)


class Passkey(Base):
    __tablename__ = "passkey"
    __table_args__ = (Index("passkey_account", "account_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(ID_LIMIT), unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PasskeyRow(NamedTuple):
    id: UUID
    account_id: UUID
    credential_id: bytes
    public_key: bytes
    name: str
    created_at: datetime
    used_at: datetime | None


class Credential(NamedTuple):
    """What a device says of a passkey that it has just made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


_passkeys = select(*(getattr(Passkey, name) for name in PasskeyRow._fields)).order_by(Passkey.id)
_add = on_each_engine(lambda add: add(Passkey).on_conflict_do_nothing().returning(Passkey.id))


def may_add_passkey(account: AccountRow) -> bool:
    """Whether the account may have one more; of several who ask at once, one is told after the other."""
    hold_account(account)
    count = select(func.count()).where(Passkey.account_id == account.id)
    return connection().execute(count).scalar_one() < COUNT_LIMIT


def add_passkey(account: AccountRow, name: str, credential: Credential) -> bool:
    """Keep a passkey; false if it is here already."""
    values = {"account_id": account.id, "name": name, **credential._asdict()}
    return connection().execute(_add(), values).one_or_none() is not None


def passkeys_of(account: AccountRow) -> Sequence[PasskeyRow]:
    rows = connection().execute(_passkeys.where(Passkey.account_id == account.id))
    return [PasskeyRow(*row) for row in rows]


def find_passkey(credential_id: bytes) -> PasskeyRow | None:
    row = connection().execute(_passkeys.where(Passkey.credential_id == credential_id)).one_or_none()
    return PasskeyRow(*row) if row else None


def use_passkey(passkey: PasskeyRow, sign_count: int) -> bool:
    """Take note of a use; false if the device should have counted further since the last one: it is a copy, perhaps.

    Devices that do not count say 0 each time.
    """
    counted = Passkey.sign_count < sign_count if sign_count else Passkey.sign_count == 0
    used = update(Passkey).where(Passkey.id == passkey.id, counted).values(sign_count=sign_count, used_at=now())
    return connection().execute(used.returning(Passkey.id)).one_or_none() is not None


def delete_passkey(account: AccountRow, id: UUID) -> str:
    """Forget a passkey; returns its name."""
    owned = Passkey.id == id, Passkey.account_id == account.id
    name = connection().execute(delete(Passkey).where(*owned).returning(Passkey.name)).scalar()
    if name is None:
        raise Missing
    return name
