"""The specification's four tables, and bars, alerts and the sessions' sources beside them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, primary_key=True)


def _session_id(*, nullable: bool = True) -> sa.Column[str]:
    return sa.Column("session_id", sa.Uuid, sa.ForeignKey("streaming_sessions.session_id"), nullable=nullable)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _created_at() -> sa.Column[object]:
    return sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"))


def _timeframe() -> sa.Column[str]:
    return sa.Column("timeframe", sa.String(10), server_default=sa.text("'1min'"))


def _index_session(table: str) -> None:
    op.create_index(
        f"brin_{table}_session_id",
        table,
        ["session_id"],
        postgresql_using="brin",
        postgresql_ops={"session_id": "uuid_minmax_multi_ops"},
        postgresql_with={"autosummarize": "on"},
    )


def upgrade() -> None:
    op.create_table(
        "streaming_sessions",
        sa.Column("session_id", sa.Uuid, primary_key=True),
        sa.Column("universe", sa.String(100), nullable=False),
        _time("started_at"),
        sa.Column("stopped_at", sa.DateTime(timezone=True)),
        sa.Column("symbol_count", sa.Integer, nullable=False),
        sa.Column("total_patterns", sa.Integer, server_default=sa.text("0")),
        sa.Column("total_indicators", sa.Integer, server_default=sa.text("0")),
        sa.Column("final_status", sa.String(20)),
        _created_at(),
    )
    op.create_table(
        "intraday_patterns",
        _id(),
        _session_id(),
        sa.Column("symbol", sa.String(10), nullable=False),
        sa.Column("pattern_type", sa.String(50), nullable=False),
        sa.Column("confidence", sa.Numeric(5, 2), nullable=False),
        _time("detected_at"),
        _timeframe(),
        sa.Column("bar_open", sa.Numeric(12, 2)),
        sa.Column("bar_high", sa.Numeric(12, 2)),
        sa.Column("bar_low", sa.Numeric(12, 2)),
        sa.Column("bar_close", sa.Numeric(12, 2)),
        sa.Column("bar_volume", sa.BigInteger),
        sa.Column("metadata", JSONB),
        _created_at(),
    )
    op.create_index("idx_intraday_patterns_symbol", "intraday_patterns", ["symbol"])
    op.create_index("idx_intraday_patterns_detected_at", "intraday_patterns", [sa.text("detected_at DESC")])
    _index_session("intraday_patterns")
    op.create_table(
        "intraday_indicators",
        _id(),
        _session_id(),
        sa.Column("symbol", sa.String(10), nullable=False),
        sa.Column("indicator", sa.String(50), nullable=False),
        sa.Column("value", sa.Numeric(12, 4), nullable=False),
        _time("calculated_at"),
        _timeframe(),
        sa.Column("metadata", JSONB),
        _created_at(),
    )
    op.create_index("idx_intraday_indicators_symbol", "intraday_indicators", ["symbol"])
    op.create_index("idx_intraday_indicators_calculated_at", "intraday_indicators", [sa.text("calculated_at DESC")])
    _index_session("intraday_indicators")
    op.create_table(
        "streaming_health_metrics",
        _id(),
        _session_id(),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("active_symbols", sa.Integer),
        sa.Column("ticks_per_second", sa.Numeric(10, 2)),
        sa.Column("bars_per_minute", sa.Integer),
        sa.Column("processing_lag_ms", sa.Integer),
        sa.Column("cpu_percent", sa.Numeric(5, 2)),
        sa.Column("memory_mb", sa.Integer),
        sa.Column("issues", JSONB),
        _time("measured_at"),
        _created_at(),
    )
    op.create_index("idx_streaming_health_measured_at", "streaming_health_metrics", [sa.text("measured_at DESC")])
    _create_own_tables()


def _create_own_tables() -> None:
    op.create_table(
        "session_sources",
        sa.Column("session_id", sa.Uuid, sa.ForeignKey("streaming_sessions.session_id"), primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("trading_date", sa.Date, nullable=False),
        sa.Column("universe", sa.String(100), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.UniqueConstraint("source", "trading_date", "universe", "ordinal", name="uq_session_sources"),
    )
    op.create_table(
        "bars_1min",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("symbol", sa.String(10), nullable=False),
        _time("minute"),
        sa.Column("open", sa.Double, nullable=False),
        sa.Column("high", sa.Double, nullable=False),
        sa.Column("low", sa.Double, nullable=False),
        sa.Column("close", sa.Double, nullable=False),
        sa.Column("volume", sa.BigInteger, nullable=False),
        _session_id(nullable=False),
        sa.PrimaryKeyConstraint("source", "symbol", "minute", name="bars_1min_pkey"),
    )
    _index_session("bars_1min")
    op.create_table(
        "indicator_alerts",
        _id(),
        _session_id(),
        sa.Column("symbol", sa.String(10), nullable=False),
        sa.Column("alert_type", sa.String(50), nullable=False),
        sa.Column("indicator", sa.String(50), nullable=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("threshold", sa.Double, nullable=False),
        sa.Column("direction", sa.String(10), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        _time("triggered_at"),
        _created_at(),
    )
    op.create_index("idx_indicator_alerts_symbol", "indicator_alerts", ["symbol"])
    op.create_index("idx_indicator_alerts_triggered_at", "indicator_alerts", [sa.text("triggered_at DESC")])
    _index_session("indicator_alerts")
    op.create_table(
        "critical_alerts",
        _id(),
        _session_id(),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("component", sa.String(100), nullable=False),
        sa.Column("action_required", sa.Text),
        sa.Column("recovery", sa.Text),
        _time("raised_at"),
        _created_at(),
    )
    op.create_index("idx_critical_alerts_raised_at", "critical_alerts", [sa.text("raised_at DESC")])
