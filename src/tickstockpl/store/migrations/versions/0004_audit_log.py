"""What administrators have done on the dashboard: who, from where, and when."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor", sa.String(50), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("action", sa.String(50), nullable=False),
        sa.Column("subject", JSONB, nullable=False),
    )
    op.create_index("idx_audit_log_action", "audit_log", ["action", sa.text("id DESC")])
