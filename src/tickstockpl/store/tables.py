"""The tables, as SQLAlchemy Core metadata: the specification's four, and TickStockPL's own beside them.

Names, types, defaults and the named indexes of the four are the specification's; ``SERIAL`` is ``BIGSERIAL``, since
500 symbols reach two billion indicator rows within a few years. The ``brin_*`` indexes are an addition: a session's
rows lie together on disk, so that a few kilobytes of index find them without a scan of the whole table.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()


def _time(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _created_at() -> Column[Any]:
    return Column("created_at", DateTime(timezone=True), server_default=text("now()"))


def _backfilled() -> Column[Any]:
    return Column("backfilled", Boolean, nullable=False, server_default=text("false"))


def _session_id(*, nullable: bool = True) -> Column[Any]:
    return Column("session_id", Uuid, ForeignKey("streaming_sessions.session_id"), nullable=nullable)


def _session_index(table: str) -> Index:
    return Index(
        f"brin_{table}_session_id",
        "session_id",
        postgresql_using="brin",
        postgresql_ops={"session_id": "uuid_minmax_multi_ops"},
        postgresql_with={"autosummarize": "on"},
    )


streaming_sessions = Table(
    "streaming_sessions",
    metadata,
    Column("session_id", Uuid, primary_key=True),
    Column("universe", String(100), nullable=False),
    _time("started_at"),
    _time("stopped_at", nullable=True),
    Column("symbol_count", Integer, nullable=False),
    Column("total_patterns", Integer, server_default=text("0")),
    Column("total_indicators", Integer, server_default=text("0")),
    Column("final_status", String(20)),
    _created_at(),
)

intraday_patterns = Table(
    "intraday_patterns",
    metadata,
    Column("id", BigInteger, primary_key=True),
    _session_id(),
    Column("symbol", String(10), nullable=False),
    Column("pattern_type", String(50), nullable=False),
    Column("confidence", Numeric(5, 2), nullable=False),
    _time("detected_at"),
    Column("timeframe", String(10), server_default=text("'1min'")),
    Column("bar_open", Numeric(12, 2)),
    Column("bar_high", Numeric(12, 2)),
    Column("bar_low", Numeric(12, 2)),
    Column("bar_close", Numeric(12, 2)),
    Column("bar_volume", BigInteger),
    Column("metadata", JSONB),
    _created_at(),
    Index("idx_intraday_patterns_symbol", "symbol"),
    Index("idx_intraday_patterns_detected_at", text("detected_at DESC")),
    _session_index("intraday_patterns"),
)

intraday_indicators = Table(
    "intraday_indicators",
    metadata,
    Column("id", BigInteger, primary_key=True),
    _session_id(),
    Column("symbol", String(10), nullable=False),
    Column("indicator", String(50), nullable=False),
    Column("value", Numeric(12, 4), nullable=False),
    _time("calculated_at"),
    Column("timeframe", String(10), server_default=text("'1min'")),
    Column("metadata", JSONB),
    _created_at(),
    Index("idx_intraday_indicators_symbol", "symbol"),
    Index("idx_intraday_indicators_calculated_at", text("calculated_at DESC")),
    _session_index("intraday_indicators"),
)

streaming_health_metrics = Table(
    "streaming_health_metrics",
    metadata,
    Column("id", BigInteger, primary_key=True),
    _session_id(),
    Column("status", String(20), nullable=False),
    Column("active_symbols", Integer),
    Column("ticks_per_second", Numeric(10, 2)),
    Column("bars_per_minute", Integer),
    Column("processing_lag_ms", Integer),
    Column("cpu_percent", Numeric(5, 2)),
    Column("memory_mb", Integer),
    Column("issues", JSONB),
    _time("measured_at"),
    _created_at(),
    Index("idx_streaming_health_measured_at", text("measured_at DESC")),
)

session_sources = Table(
    "session_sources",
    metadata,
    Column("session_id", Uuid, ForeignKey("streaming_sessions.session_id"), primary_key=True),
    Column("source", Text, nullable=False),
    Column("trading_date", Date, nullable=False),
    Column("universe", String(100), nullable=False),
    Column("ordinal", Integer, nullable=False),
    UniqueConstraint("source", "trading_date", "universe", "ordinal", name="uq_session_sources"),
)
"""Where a session's market came from: the specified ``streaming_sessions`` cannot say that it was simulated."""

streaming_catalogs = Table(
    "streaming_catalogs",
    metadata,
    Column("source", Text, primary_key=True),
    Column("catalog", JSONB, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)
"""What a source's producer looks for and computes (:mod:`tickstockpl.contract.catalog`), as of its last start."""

bars_1min = Table(
    "bars_1min",
    metadata,
    Column("source", Text, nullable=False),
    Column("symbol", String(10), nullable=False),
    _time("minute"),
    Column("open", Double, nullable=False),
    Column("high", Double, nullable=False),
    Column("low", Double, nullable=False),
    Column("close", Double, nullable=False),
    Column("volume", BigInteger, nullable=False),
    _session_id(nullable=False),
    _backfilled(),
    PrimaryKeyConstraint("source", "symbol", "minute", name="bars_1min_pkey"),
    _session_index("bars_1min"),
)
"""1-minute bars; ``minute`` is the bar's start. The key makes a minute's rows land once (DESIGN, decision 4).

``backfilled`` marks what was not heard live and fetched afterwards, here and in ``indicator_alerts``; the specified
tables, which have no such column, say it in their ``metadata``.
"""

bar_revisions = Table(
    "bar_revisions",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("source", Text, nullable=False),
    Column("symbol", String(10), nullable=False),
    _time("minute"),
    Column("open", Double, nullable=False),
    Column("high", Double, nullable=False),
    Column("low", Double, nullable=False),
    Column("close", Double, nullable=False),
    Column("volume", BigInteger, nullable=False),
    _session_id(nullable=False),
    _time("received_at"),
    _created_at(),
    Index("idx_bar_revisions_bar", "source", "symbol", "minute"),
    _session_index("bar_revisions"),
)
"""Bars as their source has had them since they were stored: late trades change a bar after its minute is out. What was
computed was computed from ``bars_1min``."""

indicator_alerts = Table(
    "indicator_alerts",
    metadata,
    Column("id", BigInteger, primary_key=True),
    _session_id(),
    Column("symbol", String(10), nullable=False),
    Column("alert_type", String(50), nullable=False),
    Column("indicator", String(50), nullable=False),
    Column("value", Double, nullable=False),
    Column("threshold", Double, nullable=False),
    Column("direction", String(10), nullable=False),
    Column("severity", String(20), nullable=False),
    _time("triggered_at"),
    _created_at(),
    _backfilled(),
    Index("idx_indicator_alerts_symbol", "symbol"),
    Index("idx_indicator_alerts_triggered_at", text("triggered_at DESC")),
    _session_index("indicator_alerts"),
)

critical_alerts = Table(
    "critical_alerts",
    metadata,
    Column("id", BigInteger, primary_key=True),
    _session_id(),
    Column("severity", String(20), nullable=False),
    Column("message", Text, nullable=False),
    Column("component", String(100), nullable=False),
    Column("action_required", Text),
    Column("recovery", Text),
    _time("raised_at"),
    _created_at(),
    Index("idx_critical_alerts_raised_at", text("raised_at DESC")),
)

session_commands = Table(
    "session_commands",
    metadata,
    Column("request_id", Uuid, primary_key=True),
    Column("source", Text, nullable=False),
    Column("trading_date", Date),
    Column("action", String(20), nullable=False),
    Column("universe", String(100)),
    Column("requested_by", String(200), nullable=False),
    _time("requested_at"),
    Column("accepted", Boolean, nullable=False),
    Column("reason", Text),
    Column("session_id", Uuid),
    _time("handled_at"),
    _created_at(),
    Index("idx_session_commands_source", "source", "trading_date", text("handled_at DESC")),
)
"""What operators have asked of services: who, when, and what came of it; stays when its session is deleted."""

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("actor", String(50), nullable=False),
    Column("role", String(20), nullable=False),
    Column("address", Text, nullable=False),
    Column("action", String(50), nullable=False),
    Column("subject", JSONB, nullable=False),
    Index("idx_audit_log_action", "action", text("id DESC")),
)
"""What administrators have done on the dashboard itself; what they asked of services is in ``session_commands``."""
