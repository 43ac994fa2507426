"""A submission: one form, or one request with an Idempotency-Key, that was carried out, and what was answered."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Conflict, UTCDateTime, connection, is_ahead, now, on_each_engine
from webapp.models.accounts.account import AccountRow
from webapp.models.pruning import delete_some
from webapp.models.sessions.message import is_told

KEY_AGE = timedelta(days=7)  # how long a key is good for
KEPT = KEY_AGE + timedelta(days=1)  # clocks differ
UNTOLD = timedelta(minutes=10)  # after which whoever sends the same means it again, told or not


class Submission(Base):
    """owner: the account, or the hash of a stranger's token. content: what may not be done again until it is told."""

    __tablename__ = "submission"
    # Each index is one more page to write for each submission; what only tidying up would use is not worth it.
    __table_args__ = (UniqueConstraint("owner", "content", name="submission_content"), {"sqlite_with_rowid": False})

    owner: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    content: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    status: Mapped[int]
    headers: Mapped[str]  # JSON
    body: Mapped[str | None]


class StaleForm(RuntimeError):
    """A form was shown before the same was done and told: perhaps a copy that was long on its way."""


class Answer(NamedTuple):
    """What the first sender was answered; the headers' Location is where pages go on."""

    key_hash: bytes
    fingerprint: bytes
    created_at: datetime
    status: int
    headers: dict[str, Any]
    body: str | None


_answers = select(*(getattr(Submission, name) for name in Answer._fields)).where(Submission.owner == bindparam("owner"))
_by_key = _answers.where(Submission.key_hash == bindparam("key_hash"))
_by_content = _answers.where(Submission.content == bindparam("content"))
_claim = on_each_engine(lambda add: add(Submission).on_conflict_do_nothing().returning(Submission.key_hash))
_release = update(Submission).where(Submission.owner == bindparam("whose"), Submission.content == bindparam("what"))
_keep = update(Submission).where(Submission.owner == bindparam("whose"), Submission.key_hash == bindparam("which"))


def claim_submission(
    owner: bytes,
    key_hash: bytes,
    account: AccountRow | None,
    fingerprint: bytes,
    *,
    content: bytes | None = None,
    shown: datetime | None = None,
    place: str | None = None,
    arrived: Collection[UUID] = (),
) -> Answer | None:
    """Claim the right to carry a submission out; returns the answer of the one that has it already, if any.

    That is one with the same key or, until its sender was told the outcome, with the same content. One that is being
    carried out is waited for, by the database itself: its claim and its effect become visible together. Raises Late for
    a form that was `shown` before its content was done and told. place: where the answer will lead, as far as that is
    known before it is kept. arrived: messages that are told, though they are still stored.
    """
    values: dict[str, Any] = {"owner": owner, "key_hash": key_hash, "account_id": account.id if account else None}
    values |= {"fingerprint": fingerprint, "content": content}
    values |= {"status": HTTPStatus.SEE_OTHER, "headers": json.dumps({"Location": place})}
    if connection().execute(_claim(), values).one_or_none():
        return None
    earlier = connection().execute(_by_key, {"owner": owner, "key_hash": key_hash}).one_or_none()
    if earlier is None:
        earlier = connection().execute(_by_content, {"owner": owner, "content": content}).one_or_none()
        if earlier is None:
            raise Conflict  # it was there a moment ago
        old, told = earlier.created_at < now() - UNTOLD, is_told(earlier.key_hash, arrived)
        if told and not old and not is_ahead(earlier.created_at) and shown and shown < earlier.created_at:
            raise StaleForm
        if told or old:
            connection().execute(_release, {"whose": owner, "what": content, "content": None})
            connection().execute(insert(Submission), values)
            return None
        # This one is being told now: forms that were shown until now may be copies of it as well.
        connection().execute(_release, {"whose": owner, "what": content, "created_at": now()})
    return Answer(*earlier)._replace(headers=json.loads(earlier.headers))


def find_answer(owner: bytes, key_hash: bytes) -> Answer | None:
    """What a submission was answered, if it was carried out."""
    found = connection().execute(_by_key, {"owner": owner, "key_hash": key_hash}).one_or_none()
    return Answer(*found)._replace(headers=json.loads(found.headers)) if found else None


def keep_answer(owner: bytes, key_hash: bytes, status: int, headers: dict[str, Any], body: str | None) -> None:
    """Keep what is answered, for whoever sends the same again."""
    answer = {"status": status, "headers": json.dumps(headers), "body": body}
    connection().execute(_keep, {"whose": owner, "which": key_hash} | answer)


def prune_submissions() -> int:
    """Delete some of what is older than any key that is still good; returns how many."""
    return delete_some(Submission, Submission.created_at < now() - KEPT)
