"""A value in a browser's session, by its key."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Executable, delete, update

from webapp.db import Conflict, connection, now, on_each_engine
from webapp.models.pruning import delete_some
from webapp.models.sessions.session_entry import SessionEntry

DRAFT, DRAFT_AGE = "draft", timedelta(hours=1)  # where text of somebody unknown is kept, and how long
MESSAGE_AGE = timedelta(days=30)  # of a message that nobody has come for

_add_value = on_each_engine(lambda add: add(SessionEntry).on_conflict_do_nothing().returning(SessionEntry.id))
_put_value = on_each_engine(
    lambda add: (put := add(SessionEntry)).on_conflict_do_update(
        index_elements=["session_id", "key"],
        set_={
            "value": put.excluded.value,
            "written_at": put.excluded.written_at,
            "version": SessionEntry.version + 1,
        },
    )
)


def put_value(id: UUID, key: str, value: str, version: int | None) -> None:
    """Write a value over the `version` that was read (0: there was none), or over any (None).

    Raises Conflict when another request wrote it meanwhile, and IntegrityError when one has ended the session.
    """
    values = {"session_id": id, "key": key, "value": value}
    if version is None:
        connection().execute(_put_value(), values)
    elif version == 0:
        _change(_add_value(), values)
    else:
        entry = SessionEntry.session_id == id, SessionEntry.key == key, SessionEntry.version == version
        put = update(SessionEntry).where(*entry).values(value=value, version=version + 1)
        _change(put.returning(SessionEntry.id))


def delete_value(id: UUID, key: str, version: int) -> None:
    """Take a value away that was read at `version`; raises Conflict when it is another one by now."""
    entry = SessionEntry.session_id == id, SessionEntry.key == key, SessionEntry.version == version
    _change(delete(SessionEntry).where(*entry).returning(SessionEntry.id))


def prune_entries() -> int:
    """Delete some of the texts whose writers have not come back, and messages nobody came for; returns how many."""
    draft = SessionEntry.key.startswith(DRAFT) & (SessionEntry.written_at < now() - DRAFT_AGE)
    message = SessionEntry.key.is_(None) & (SessionEntry.written_at < now() - MESSAGE_AGE)
    return delete_some(SessionEntry, draft | message)


def _change(statement: Executable, values: dict[str, object] | None = None) -> None:
    if connection().execute(statement, values).one_or_none() is None:
        raise Conflict
