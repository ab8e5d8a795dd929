"""What each source's producer looks for, stored for whoever shows its events."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "streaming_catalogs",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("catalog", JSONB, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    )
