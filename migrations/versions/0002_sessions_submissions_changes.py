"""Sessions and their messages, the submissions that were carried out, and the changes that can be undone."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "browser_session",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id", ondelete="CASCADE")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("browser_session_account", "browser_session", ["account_id"])
    op.create_index("browser_session_expiry", "browser_session", ["expires_at"])
    op.create_table(
        "session_entry",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("session_id", sa.Uuid(), sa.ForeignKey("browser_session.id", ondelete="CASCADE"), nullable=False),
        sa.Column("key", sa.String(64)),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("claim", sa.Uuid()),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("about", sa.LargeBinary(32)),
        sa.UniqueConstraint("session_id", "key", name="session_entry_key"),
    )
    op.create_index("session_entry_about", "session_entry", ["about"], **only("about IS NOT NULL"))
    op.create_table(
        "submission",
        sa.Column("owner", sa.LargeBinary(32), primary_key=True),
        sa.Column("key_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id", ondelete="CASCADE")),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
        sa.Column("content", sa.LargeBinary(32)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.String(), nullable=False),
        sa.Column("body", sa.String()),
        sa.UniqueConstraint("owner", "content", name="submission_content"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "change",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("columns", sa.String(), nullable=False),
        sa.Column("undoes", sa.Uuid()),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
    )
    op.create_index("todo_trash", "todo", ["deleted_at"], **only("deleted_at IS NOT NULL"))
