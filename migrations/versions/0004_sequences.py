"""A number for each change of a list, given by triggers, and what is left of to-dos that are gone for good."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NUMBER = """
    UPDATE account SET sequence = sequence + 1 WHERE id = NEW.account_id;
    UPDATE todo SET sequence = (SELECT sequence FROM account WHERE id = NEW.account_id) WHERE rowid = NEW.rowid;
"""
# SQLite has one writer at a time, so the order of the numbers is the order of the commits.
SQLITE = (
    f"CREATE TRIGGER todo_added AFTER INSERT ON todo BEGIN {NUMBER} END",
    f"CREATE TRIGGER todo_changed AFTER UPDATE ON todo WHEN NEW.sequence = OLD.sequence BEGIN {NUMBER} END",
    """
    CREATE TRIGGER todo_gone AFTER DELETE ON todo BEGIN
        UPDATE account SET sequence = sequence + 1 WHERE id = OLD.account_id;
        INSERT INTO tombstone (account_id, sequence, todo_id, deleted_at)
            SELECT id, sequence, OLD.id, strftime('%Y-%m-%d %H:%M:%f000', 'now')
            FROM account WHERE id = OLD.account_id;
    END
    """,
)
# On PostgreSQL, whoever gets a number holds the account's row until the commit; the next one waits for that.
POSTGRESQL = (
    """
    CREATE FUNCTION number_todo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE account SET sequence = sequence + 1 WHERE id = NEW.account_id RETURNING sequence INTO NEW.sequence;
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION bury_todo() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE number bigint; BEGIN
        UPDATE account SET sequence = sequence + 1 WHERE id = OLD.account_id RETURNING sequence INTO number;
        IF FOUND THEN
            INSERT INTO tombstone (account_id, sequence, todo_id, deleted_at)
                VALUES (OLD.account_id, number, OLD.id, clock_timestamp());
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER todo_numbered BEFORE INSERT OR UPDATE ON todo FOR EACH ROW EXECUTE FUNCTION number_todo()",
    "CREATE TRIGGER todo_gone AFTER DELETE ON todo FOR EACH ROW EXECUTE FUNCTION bury_todo()",
)


def upgrade() -> None:
    op.add_column("account", sa.Column("sequence", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("todo", sa.Column("sequence", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE todo SET sequence = numbered.number FROM"
        " (SELECT id, row_number() OVER (PARTITION BY account_id ORDER BY id) AS number FROM todo) AS numbered"
        " WHERE numbered.id = todo.id"
    )
    op.execute(
        "UPDATE account SET sequence ="
        " (SELECT coalesce(max(todo.sequence), 0) FROM todo WHERE todo.account_id = account.id)"
    )
    op.create_index("todo_sequence", "todo", ["account_id", "sequence"])
    op.create_table(
        "tombstone",
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("sequence", sa.BigInteger(), primary_key=True),
        sa.Column("todo_id", sa.Uuid(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_with_rowid=False,
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
