"""How often somebody was wrong: after a few failures each further try has to wait, ever longer, but never for good."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, bindparam, case, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UTCDateTime, connection, is_ahead, now, on_each_engine
from webapp.models.pruning import delete_some

FREE = 5  # failures before anybody has to wait: for one second, then twice as long each time
LONGEST = timedelta(minutes=15)
FORGOTTEN = timedelta(days=1)  # after the last failure


class Throttle(Base):
    """The failures for one key: the hash of a user name, of an address or of a browser."""

    __tablename__ = "throttle"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int]
    failed_at: Mapped[datetime] = mapped_column(UTCDateTime)


_begin = on_each_engine(lambda add: add(Throttle).on_conflict_do_nothing())
_in_line = (
    select(Throttle).where(Throttle.key.in_(bindparam("keys", expanding=True))).order_by(Throttle.key).with_for_update()
)


def count_try(keys: Sequence[bytes]) -> int:
    """Count a try as a failure, before it is made: so many at once are not faster. `forgive` takes it back.

    Returns for how many seconds to wait before the next; then this try is not counted, and not to be made, and nothing
    is to be kept: roll back.
    """
    # The rows come first: PostgreSQL lets nobody wait in line for a row that is not there yet.
    connection().execute(_begin(), [{"key": key, "failures": 0, "failed_at": now()} for key in sorted(keys)])
    rows = connection().execute(_in_line, {"keys": keys}).all()
    moment = now()
    bounds = (row.failed_at + _pause(row.failures) - moment for row in rows if not is_ahead(row.failed_at))
    wait = max(bounds, default=timedelta())
    if wait > timedelta():
        return int(wait.total_seconds()) + 1
    recent = Throttle.failed_at > moment - FORGOTTEN
    counted = update(Throttle).where(Throttle.key.in_(keys))
    connection().execute(counted.values(failures=case((recent, Throttle.failures + 1), else_=1), failed_at=moment))
    return 0


def forgive(tried: Sequence[bytes], known: Sequence[bytes]) -> None:
    """A try was right: it counts no more, and what is `known` to be its maker's begins anew."""
    connection().execute(_in_line, {"keys": tried})
    connection().execute(delete(Throttle).where(Throttle.key.in_(known)))
    taken_back = update(Throttle).where(Throttle.key.in_(tried), Throttle.failures > 0)
    connection().execute(taken_back.values(failures=Throttle.failures - 1))


def prune_throttles() -> int:
    """Delete some of what is forgotten; returns how many rows."""
    return delete_some(Throttle, Throttle.failed_at < now() - FORGOTTEN)


def _pause(failures: int) -> timedelta:
    return timedelta() if failures < FREE else min(timedelta(seconds=2 ** min(failures - FREE, 20)), LONGEST)
