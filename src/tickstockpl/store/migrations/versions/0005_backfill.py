"""What was fetched afterwards is marked, and bars that their source has changed since are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_MARKED = ("bars_1min", "indicator_alerts")


def upgrade() -> None:
    for table in _MARKED:
        column = sa.Column("backfilled", sa.Boolean, nullable=False, server_default=sa.text("false"))
        op.add_column(table, column)
    op.create_table(
        "bar_revisions",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("symbol", sa.String(10), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("open", sa.Double, nullable=False),
        sa.Column("high", sa.Double, nullable=False),
        sa.Column("low", sa.Double, nullable=False),
        sa.Column("close", sa.Double, nullable=False),
        sa.Column("volume", sa.BigInteger, nullable=False),
        sa.Column("session_id", sa.Uuid, sa.ForeignKey("streaming_sessions.session_id"), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()")),
    )
    op.create_index("idx_bar_revisions_bar", "bar_revisions", ["source", "symbol", "minute"])
    op.create_index(
        "brin_bar_revisions_session_id",
        "bar_revisions",
        ["session_id"],
        postgresql_using="brin",
        postgresql_ops={"session_id": "uuid_minmax_multi_ops"},
        postgresql_with={"autosummarize": "on"},
    )
