"""What an action costs does not grow with the list: whatever a statement reads is bounded, on both engines."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.support.long_list import ACTIONS, Ana, fill
from webapp.models.todos.filters import SCAN

FEW, MANY = 4_000, 100_000  # to-dos
MOST = 3 * SCAN  # rows that a step of a plan may pass on
STEPS = 10  # of SQLite's virtual machine, that are counted at once


def test_sqlite_takes_as_many_steps_on_a_long_list(app: Flask) -> None:
    list_of_ana = Ana(app)
    engine = app.extensions["database"].engine
    steps = [0]

    def count() -> None:
        steps[0] += STEPS

    engine.dispose()
    event.listen(engine, "connect", lambda opened, _: opened.set_progress_handler(count, STEPS))
    taken: dict[str, list[int]] = {}
    filled = 0
    for size in (FEW, MANY):
        fill(app, filled + 1, size)
        filled = size
        for action in ACTIONS:
            list_of_ana.choose(size // 2)
            before = steps[0]
            list_of_ana.ask(*action)
            taken.setdefault(" ".join(action[:2]), []).append(steps[0] - before)
    assert {name: counts for name, counts in taken.items() if counts[1] > 1.5 * counts[0] + 500} == {}


@pytest.mark.parametrize("any_app", ["postgresql"], indirect=True)
def test_postgresql_reads_few_rows_of_a_long_list(any_app: Flask) -> None:
    list_of_ana = Ana(any_app)
    fill(list_of_ana.app, 1, MANY)
    read: dict[str, float] = {}

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement in read or not statement.lstrip().startswith(("SELECT", "UPDATE", "INSERT", "DELETE")):
            return
        with connection.connection.cursor() as cursor:
            cursor.execute("SAVEPOINT explained")
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
            read[statement] = max(rows_of(cursor.fetchone()[0][0]["Plan"]))
            cursor.execute("ROLLBACK TO SAVEPOINT explained")

    engine = list_of_ana.app.extensions["database"].engine
    for action in ACTIONS:
        list_of_ana.choose(MANY // 2)
        event.listen(engine, "before_cursor_execute", explain)
        list_of_ana.ask(*action)
        event.remove(engine, "before_cursor_execute", explain)
    assert len(read) > 40
    assert {statement: rows for statement, rows in read.items() if rows > MOST} == {}


def rows_of(plan: dict[str, Any]) -> Iterator[float]:
    """How many rows each step of a plan read."""
    removed = sum(rows for name, rows in plan.items() if name.startswith("Rows Removed"))
    yield (plan["Actual Rows"] + removed) * plan["Actual Loops"]
    for part in plan.get("Plans", ()):
        yield from rows_of(part)
