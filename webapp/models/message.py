"""A message that waits in a browser's session until its reader has it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Uuid, delete, func, insert, literal, or_, select, update
from uuid6 import uuid7

from webapp.db import connection, now
from webapp.models.entry import SessionEntry

LEASE = timedelta(seconds=10)  # how long a message is left to the answer that took it


def add_messages(
    session_id: UUID, values: Sequence[str], arrived: Iterable[UUID], *, claim: UUID | None, about: bytes | None
) -> None:
    """Let messages wait in place of those that have arrived: the first in the row of one of these.

    Those with a `claim` go out with this very answer, and wait for the case that it is lost.
    """
    common = {"session_id": session_id, "claim": claim, "claimed_at": now() if claim else None, "about": about}
    rows = [common | {"id": uuid7(), "value": value} for value in values]
    old = list(arrived)
    if old and rows:
        reused = update(SessionEntry).where(SessionEntry.id == old.pop()).values(rows[0]).returning(SessionEntry.id)
        rows = rows[connection().execute(reused).one_or_none() is not None :]
    if old:
        connection().execute(delete(SessionEntry).where(SessionEntry.id.in_(old)))
    if rows:
        connection().execute(insert(SessionEntry), rows)


def claim_messages(ids: Iterable[UUID], claim: UUID, before: datetime) -> dict[UUID, UUID]:
    """Take messages for one answer; returns those that no other answer has taken since `before`, and their claims.

    One that was taken before keeps its claim: the receipt of that answer, if it did arrive, is still good.
    """
    free = or_(SessionEntry.claimed_at.is_(None), SessionEntry.claimed_at <= before)
    values = {"claim": func.coalesce(SessionEntry.claim, literal(claim, Uuid())), "claimed_at": now()}
    taken = update(SessionEntry).where(SessionEntry.id.in_(ids), free).values(values)
    rows = connection().execute(taken.returning(SessionEntry.id, SessionEntry.claim)).all()
    return {row.id: row.claim or claim for row in rows}


def release_messages(session_id: UUID, about: bytes, before: datetime) -> None:
    """Let the messages about a submission be taken again: whoever sends it again has not read them.

    Unless it was a copy that came late: what an answer has taken since (`before`) stays with it, and the receipt of any
    other answer is still good.
    """
    told = SessionEntry.session_id == session_id, SessionEntry.about == about, SessionEntry.claimed_at < before
    connection().execute(update(SessionEntry).where(*told).values(claimed_at=None))


def is_told(about: bytes, arrived: Collection[UUID]) -> bool:
    """Whether nothing waits any more that tells the outcome of a submission, but for what has arrived."""
    waiting = select(SessionEntry.id).where(SessionEntry.about == about, SessionEntry.id.not_in(arrived)).limit(1)
    return connection().execute(waiting).one_or_none() is None
