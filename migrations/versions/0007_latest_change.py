"""When a list changed last, by which a cursor from before a backup was restored is noticed; to-dos by latest change."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NUMBER = "UPDATE todo SET sequence = (SELECT sequence FROM account WHERE id = NEW.account_id) WHERE rowid = NEW.rowid;"
LATEST = "changed_at = max(coalesce(changed_at, ''), NEW.updated_at) WHERE id = NEW.account_id;"
ADDED = "UPDATE account SET sequence = sequence + 1, todo_count = todo_count + 1, " + LATEST  # noqa: S608 - constants
CHANGED = "UPDATE account SET sequence = sequence + 1, " + LATEST  # noqa: S608 - constants
SQLITE = (
    "DROP TRIGGER todo_added",
    "DROP TRIGGER todo_changed",
    f"CREATE TRIGGER todo_added AFTER INSERT ON todo BEGIN {ADDED} {NUMBER} END",
    f"CREATE TRIGGER todo_changed AFTER UPDATE ON todo WHEN NEW.sequence = OLD.sequence BEGIN {CHANGED} {NUMBER} END",
)
POSTGRESQL = (
    """
    CREATE OR REPLACE FUNCTION number_todo() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE added int := 0; BEGIN
        IF TG_OP = 'INSERT' THEN
            added := 1;
        ELSIF NEW.account_id <> OLD.account_id THEN
            UPDATE account SET todo_count = todo_count - 1 WHERE id = OLD.account_id;
            added := 1;
        END IF;
        UPDATE account SET sequence = sequence + 1, todo_count = todo_count + added,
            changed_at = greatest(changed_at, NEW.updated_at)
            WHERE id = NEW.account_id RETURNING sequence INTO NEW.sequence;
        RETURN NEW;
    END $$
    """,
)


def upgrade() -> None:
    op.add_column("account", sa.Column("changed_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE account SET changed_at = (SELECT max(updated_at) FROM todo WHERE todo.account_id = account.id)")
    op.create_index("todo_updated", "todo", ["account_id", "updated_at", "id"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
