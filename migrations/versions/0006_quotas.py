"""How many to-dos an account holds, counted by the triggers that number their changes; undo entries by account."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

COUNT = "UPDATE account SET sequence = sequence + 1, todo_count = todo_count + 1 WHERE id = NEW.account_id;"
NUMBER = "UPDATE todo SET sequence = (SELECT sequence FROM account WHERE id = NEW.account_id) WHERE rowid = NEW.rowid;"
SQLITE = (
    "DROP TRIGGER todo_added",
    "DROP TRIGGER todo_gone",
    f"CREATE TRIGGER todo_added AFTER INSERT ON todo BEGIN {COUNT} {NUMBER} END",
    """
    CREATE TRIGGER todo_brought AFTER UPDATE OF account_id ON todo WHEN NEW.account_id <> OLD.account_id BEGIN
        UPDATE account SET todo_count = todo_count - 1 WHERE id = OLD.account_id;
        UPDATE account SET todo_count = todo_count + 1 WHERE id = NEW.account_id;
    END
    """,
    """
    CREATE TRIGGER todo_gone AFTER DELETE ON todo BEGIN
        UPDATE account SET sequence = sequence + 1, todo_count = todo_count - 1 WHERE id = OLD.account_id;
        INSERT INTO tombstone (account_id, sequence, todo_id, deleted_at)
            SELECT id, sequence, OLD.id, strftime('%Y-%m-%d %H:%M:%f000', 'now')
            FROM account WHERE id = OLD.account_id;
    END
    """,
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
        UPDATE account SET sequence = sequence + 1, todo_count = todo_count + added
            WHERE id = NEW.account_id RETURNING sequence INTO NEW.sequence;
        RETURN NEW;
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION bury_todo() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE number bigint; BEGIN
        UPDATE account SET sequence = sequence + 1, todo_count = todo_count - 1
            WHERE id = OLD.account_id RETURNING sequence INTO number;
        IF FOUND THEN
            INSERT INTO tombstone (account_id, sequence, todo_id, deleted_at)
                VALUES (OLD.account_id, number, OLD.id, clock_timestamp());
        END IF;
        RETURN NULL;
    END $$
    """,
)


def upgrade() -> None:
    op.add_column("account", sa.Column("todo_count", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE account SET todo_count = (SELECT count(*) FROM todo WHERE todo.account_id = account.id)")
    op.create_index("change_account", "change", ["account_id", "id"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
