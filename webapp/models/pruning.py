"""Deleting what is old, a little at a time."""

from sqlalchemy import ColumnElement, delete, inspect, select, tuple_

from webapp.db import Base, connection

STEP = 500  # rows


def delete_some(table: type[Base], *old: ColumnElement[bool], most: int = STEP) -> int:
    """Delete rows that meet the conditions, but no more at once than others can wait for; returns how many."""
    keys = inspect(table).primary_key
    some = select(*keys).where(*old).limit(most)
    return connection().execute(delete(table).where(tuple_(*keys).in_(some))).rowcount
