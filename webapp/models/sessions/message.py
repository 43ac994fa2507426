"""A message that waits in a browser's session until its reader has it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, insert, or_, select, update
from uuid6 import uuid7

from webapp.db import SKEW, connection, now
from webapp.models.sessions.session_entry import SessionEntry

LEASE = timedelta(seconds=10)  # how long a message is left to the answer that took it


def add_messages(
    session_id: UUID, values: Sequence[str], arrived: Iterable[UUID], *, claim: UUID | None, about: bytes | None
) -> Sequence[UUID]:
    """Let messages wait in place of those that have arrived: the first in the row of one of these; returns their ids.

    Those with a `claim` go out with this very answer, and wait for the case that it is lost. Rows are locked by their
    ids, here as everywhere: two requests of a browser that have seen the same messages arrive wait for each other in
    one order, not in a circle.
    """
    common = {"session_id": session_id, "claim": claim, "claimed_at": now() if claim else None, "about": about}
    ids, old = [uuid7() for _ in values], sorted(arrived)
    rows = [common | {"id": id, "value": value} for id, value in zip(ids, values, strict=True)]
    if old and rows:
        reused = update(SessionEntry).where(SessionEntry.id == old.pop(0)).values(rows[0]).returning(SessionEntry.id)
        rows = rows[connection().execute(reused).one_or_none() is not None :]
    if old:
        connection().execute(delete(SessionEntry).where(SessionEntry.id.in_(_in_order(SessionEntry.id.in_(old)))))
    if rows:
        connection().execute(insert(SessionEntry), rows)
    return ids


def claim_messages(ids: Iterable[UUID], claim: UUID, before: datetime) -> set[UUID]:
    """Take messages for one answer; returns those that no other answer has taken since `before`, or is just taking."""
    free = or_(SessionEntry.claimed_at.is_(None), _claimed_before(before))
    mine = SessionEntry.id.in_(_in_order(SessionEntry.id.in_(ids), free, skip_locked=True))
    taken = update(SessionEntry).where(mine).values(claim=claim, claimed_at=now())
    return {*connection().execute(taken.returning(SessionEntry.id)).scalars()}


def release_messages(session_id: UUID, about: bytes, before: datetime) -> None:
    """Let the messages about a submission be taken again: whoever sends it again has not read them.

    Unless it was a copy that came late: what an answer has taken since (`before`) stays with it, and the receipt of any
    other answer is still good.
    """
    told = SessionEntry.session_id == session_id, SessionEntry.about == about, _claimed_before(before)
    connection().execute(update(SessionEntry).where(SessionEntry.id.in_(_in_order(*told))).values(claimed_at=None))


def is_told(about: bytes, arrived: Collection[UUID]) -> bool:
    """Whether nothing waits any more that tells the outcome of a submission, but for what has arrived."""
    waiting = select(SessionEntry.id).where(SessionEntry.about == about, SessionEntry.id.not_in(arrived)).limit(1)
    return connection().execute(waiting).one_or_none() is None


def _claimed_before(moment: datetime) -> ColumnElement[bool]:
    """Or by a clock that was ahead."""
    return or_(SessionEntry.claimed_at <= moment, SessionEntry.claimed_at > now() + SKEW)


def _in_order(*conditions: ColumnElement[bool], skip_locked: bool = False) -> Select[UUID]:
    """The messages that meet the conditions, locked in the order of their ids; SQLite's writers wait anyway."""
    chosen = select(SessionEntry.id).where(*conditions).order_by(SessionEntry.id)
    return chosen.with_for_update(skip_locked=skip_locked)
