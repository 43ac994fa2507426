"""Accounts that somebody can log in to, and what guards them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


add = op.add_column


def upgrade() -> None:
    # Not by batches: making a table anew would delete what refers to it, on SQLite.
    add("account", sa.Column("user_name", sa.String(60)))
    add("account", sa.Column("password_hash", sa.String()))
    add("account", sa.Column("is_admin", sa.Boolean(), nullable=False, server_default=sa.false()))
    add("account", sa.Column("disabled_at", sa.DateTime(timezone=True)))
    add("account", sa.Column("leaving_at", sa.DateTime(timezone=True)))
    add("account", sa.Column("totp_secret", sa.String()))
    add("account", sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("account_user_name", "account", ["user_name"], unique=True)
    seen = "2026-11-20 00:00:00"
    add("browser_session", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, server_default=seen))
    add("browser_session", sa.Column("confirmed_at", sa.DateTime(timezone=True)))
    add("browser_session", sa.Column("address", sa.String(64), nullable=False, server_default=""))
    add("browser_session", sa.Column("browser", sa.String(256), nullable=False, server_default=""))
    add("token", sa.Column("name", sa.String(60), nullable=False, server_default=""))
    add("token", sa.Column("may_write", sa.Boolean(), nullable=False, server_default=sa.true()))
    add("token", sa.Column("expires_at", sa.DateTime(timezone=True)))
    add("token", sa.Column("used_at", sa.DateTime(timezone=True)))
    op.create_table(
        "throttle",
        sa.Column("key", sa.LargeBinary(32), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "link",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id", ondelete="CASCADE")),
        sa.Column("by_id", sa.Uuid(), sa.ForeignKey("account.id", ondelete="CASCADE")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("code_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("used_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(1023), nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
    )
    op.create_index("passkey_account", "passkey", ["account_id"])
