"""Lists, notes and positions with gaps; an index for each order that a page is read in; undo entries are bounded."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

GAP = 2**16
ID = {"sqlite": "CHAR(32)", "postgresql": "UUID"}
THERE, COMPLETED = "deleted_at IS NULL", "completed_at IS NOT NULL"
STATES = {"active": f"{THERE} AND completed_at IS NULL", "completed": f"{THERE} AND {COMPLETED}"}
# Each account's to-dos get positions with gaps between them, and each of them a number, as after any change.
SPREAD = f"""
    UPDATE todo SET position = given.number * {GAP}, version = version + 1, sequence = given.sequence + given.number
    FROM (
        SELECT todo.id, account.sequence,
            row_number() OVER (PARTITION BY todo.account_id ORDER BY todo.position, todo.id) AS number
        FROM todo JOIN account ON account.id = todo.account_id
    ) AS given WHERE given.id = todo.id
"""  # noqa: S608 - constants
COUNTED = "UPDATE account SET sequence = sequence + todo_count"
# Of an account's undo entries, the latest 100 are kept.
OLD = """
    DELETE FROM change WHERE account_id = NEW.account_id AND id <= (
        SELECT id FROM change WHERE account_id = NEW.account_id ORDER BY id DESC LIMIT 1 OFFSET 100
    );
"""
KEEP_SQLITE = f"CREATE TRIGGER change_kept AFTER INSERT ON change BEGIN {OLD} END"
KEEP_POSTGRESQL = f"""
    CREATE FUNCTION forget_changes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {OLD} RETURN NULL; END $$;
    CREATE TRIGGER change_kept AFTER INSERT ON change FOR EACH ROW EXECUTE FUNCTION forget_changes()
"""


def upgrade() -> None:
    engine = op.get_bind().dialect.name
    _add_lists(engine)
    for name in ("todo_list", "todo_updated", "todo_trash"):
        op.drop_index(name, "todo")
    if engine == "postgresql":  # whose triggers number one row at a time
        op.execute("ALTER TABLE todo DISABLE TRIGGER USER")
    op.execute(SPREAD)
    op.execute(COUNTED)
    if engine == "postgresql":
        op.execute("ALTER TABLE todo ENABLE TRIGGER USER")
    title = 'title COLLATE "C"' if engine == "postgresql" else "title"
    _index("list", "account_id, list_id, position, id", THERE)
    for state, condition in STATES.items():
        _index(f"{state}_list", "account_id, list_id, position, id", condition)
        for order in ("position", "created_at", "updated_at"):
            _index(f"{state}_{order}", f"account_id, {order}, id", condition)
        _index(f"{state}_title", f"account_id, {title}, id", condition)
    _index("trash", "account_id, deleted_at, id", "deleted_at IS NOT NULL")
    _index("deleted", "deleted_at", "deleted_at IS NOT NULL")
    _index("of_list", "list_id", "list_id IS NOT NULL")
    op.execute(KEEP_SQLITE if engine == "sqlite" else KEEP_POSTGRESQL)


def _add_lists(engine: str) -> None:
    op.create_table(
        "list",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True)),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name="list_name_length"),
    )
    op.execute(f"CREATE INDEX list_order ON list (account_id, position, id) WHERE {THERE}")
    op.execute(f"ALTER TABLE todo ADD COLUMN list_id {ID[engine]} REFERENCES list (id)")
    op.execute("ALTER TABLE todo ADD COLUMN notes VARCHAR(20000)")


def _index(name: str, columns: str, condition: str) -> None:
    op.execute(f"CREATE INDEX todo_{name} ON todo ({columns}) WHERE {condition}")
