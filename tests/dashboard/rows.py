"""Rows of a session, as they stand in the tables."""

import psycopg

from tests.dashboard.samples import at, session_id
from tickstockpl.contract.catalog import Catalog, encode_catalog

SESSION = "INSERT INTO streaming_sessions (session_id, universe, started_at, symbol_count) VALUES (%s, 'a:b', %s, 1)"
SOURCE = (
    "INSERT INTO session_sources (session_id, source, trading_date, universe, ordinal) "
    "VALUES (%s, %s, '2025-10-06', 'a:b', %s)"
)
BAR = "INSERT INTO bars_1min VALUES (%s, 'AAA', %s, %s, 30, 5, 20, 100, %s)"
INDICATOR = (
    "INSERT INTO intraday_indicators (session_id, symbol, indicator, value, calculated_at, metadata) "
    """VALUES (%s, 'AAA', 'RSI', %s, %s, '{"instance": "RSI_14", "period": 14}')"""
)
PATTERN = (
    "INSERT INTO intraday_patterns (session_id, symbol, pattern_type, confidence, detected_at, bar_open, bar_high, "
    "bar_low, bar_close, bar_volume, metadata) VALUES (%s, 'AAA', 'Doji', 0.9, %s, 1, 2, 1, 2, 7, %s)"
)
ALERT = (
    "INSERT INTO indicator_alerts (session_id, symbol, alert_type, indicator, value, threshold, direction, severity, "
    "triggered_at) VALUES (%s, 'AAA', 'RSI_OVERBOUGHT', 'RSI', 71, 70, 'above', 'warning', %s)"
)
HEALTH = (
    "INSERT INTO streaming_health_metrics (session_id, status, active_symbols, measured_at) "
    "VALUES (%s, 'healthy', 1, %s)"
)
CATALOG = "INSERT INTO streaming_catalogs (source, catalog) VALUES (%s, %s)"
CRITICAL_ALERT = (
    "INSERT INTO critical_alerts (session_id, severity, message, component, raised_at) "
    "VALUES (%s, 'critical', 'lost', 'feed', %s)"
)


def insert_session(
    database_url: str, number: int = 1, source: str = "simulator:1", minutes: int = 3, first_minute: int = 0
) -> None:
    """A running session of one symbol, AAA: every minute a bar, an indicator, a pattern, an alert and a health row."""
    session = session_id(number)
    with psycopg.connect(database_url) as connection:
        connection.execute(SESSION, (session, at(first_minute)))
        connection.execute(SOURCE, (session, source, number))
        for minute in range(first_minute, first_minute + minutes):
            metadata = f'{{"pattern_id": "pattern-{minute}", "detection_method": "test", "explanation": "no body"}}'
            connection.execute(BAR, (source, at(minute), 10 + minute, session))
            connection.execute(INDICATOR, (session, 50 + minute, at(minute + 1)))
            connection.execute(PATTERN, (session, at(minute + 1), metadata))
            connection.execute(ALERT, (session, at(minute + 1)))
            connection.execute(HEALTH, (session, at(minute)))
        connection.execute(CRITICAL_ALERT, (session, at(first_minute + 1)))


def insert_catalog(database_url: str, catalog: Catalog, source: str = "simulator:1") -> None:
    """What a source's producer looks for."""
    with psycopg.connect(database_url) as connection:
        connection.execute(CATALOG, (source, encode_catalog(catalog).decode()))
