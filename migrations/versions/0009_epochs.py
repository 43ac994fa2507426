"""Epochs, by which a cursor from before a backup was restored is noticed, in place of the latest change's moment."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

NUMBER = "UPDATE todo SET sequence = (SELECT sequence FROM account WHERE id = NEW.account_id) WHERE rowid = NEW.rowid;"
ADDED = "UPDATE account SET sequence = sequence + 1, todo_count = todo_count + 1 WHERE id = NEW.account_id;"
CHANGED = "UPDATE account SET sequence = sequence + 1 WHERE id = NEW.account_id;"
# At an account's first change in an epoch: the number that it had reached in the one before.
SQLITE = (
    "DROP TRIGGER todo_added",
    "DROP TRIGGER todo_changed",
    f"CREATE TRIGGER todo_added AFTER INSERT ON todo BEGIN {ADDED} {NUMBER} END",
    f"CREATE TRIGGER todo_changed AFTER UPDATE ON todo WHEN NEW.sequence = OLD.sequence BEGIN {CHANGED} {NUMBER} END",
    """
    CREATE TRIGGER account_epoch AFTER UPDATE OF sequence ON account
    WHEN NEW.epoch IS NOT (SELECT token FROM epoch) BEGIN
        INSERT INTO epoch_end (account_id, epoch, sequence, ended_at)
            SELECT OLD.id, OLD.epoch, OLD.sequence, strftime('%Y-%m-%d %H:%M:%f000', 'now') WHERE OLD.epoch IS NOT NULL;
        UPDATE account SET epoch = (SELECT token FROM epoch) WHERE id = NEW.id;
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
    CREATE FUNCTION follow_epoch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        NEW.epoch := (SELECT token FROM epoch);
        IF OLD.epoch <> NEW.epoch THEN
            INSERT INTO epoch_end (account_id, epoch, sequence, ended_at)
                VALUES (OLD.id, OLD.epoch, OLD.sequence, clock_timestamp());
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER account_epoch BEFORE UPDATE ON account
        FOR EACH ROW WHEN (NEW.sequence <> OLD.sequence) EXECUTE FUNCTION follow_epoch()
    """,
)


def upgrade() -> None:
    op.create_table(
        "epoch",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("token", sa.String(16), nullable=False),
    )
    op.execute("INSERT INTO epoch (id, token) VALUES (1, '')")
    op.create_table(
        "epoch_end",
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("epoch", sa.String(16), primary_key=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("epoch_end_age", "epoch_end", ["ended_at"])
    op.add_column("account", sa.Column("epoch", sa.String(16)))
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
    op.execute("ALTER TABLE account DROP COLUMN changed_at")
