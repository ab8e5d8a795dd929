"""The SQL of :mod:`tickstockpl.store.queries`.

A session's rows lie together on disk and a BRIN index of a few kilobytes finds them, so every large table is asked
session by session; with the symbol's index beside it, a symbol's rows of one session are some milliseconds away.
A parameter that is null stands for no restriction.
"""

from typing import Final

SESSIONS: Final = """
    SELECT * FROM (
        SELECT s.session_id::text, s.universe, o.source, s.started_at, s.stopped_at, s.symbol_count,
               s.total_patterns, s.total_indicators, s.final_status, coalesce(s.created_at, s.started_at) AS begun_at
        FROM streaming_sessions s LEFT JOIN session_sources o USING (session_id)
        WHERE %(source)s::text IS NULL OR o.source = %(source)s
    ) AS sessions
    WHERE %(before_at)s::timestamptz IS NULL OR begun_at < %(before_at)s
       OR (begun_at = %(before_at)s AND session_id < %(before_id)s::text)
    ORDER BY begun_at DESC, session_id DESC
    LIMIT %(limit)s
"""

SESSION: Final = """
    SELECT s.session_id::text, s.universe, o.source, s.started_at, s.stopped_at, s.symbol_count,
           s.total_patterns, s.total_indicators, s.final_status
    FROM streaming_sessions s LEFT JOIN session_sources o USING (session_id)
    WHERE s.session_id = %(session_id)s::uuid
"""

SESSION_IDS: Final = """
    WITH first AS (
        SELECT started_at, coalesce(created_at, started_at), session_id
        FROM streaming_sessions WHERE session_id = %(from_id)s::uuid
    )
    SELECT s.session_id::text, s.started_at, s.stopped_at
    FROM streaming_sessions s LEFT JOIN session_sources o USING (session_id)
    WHERE o.source IS NOT DISTINCT FROM %(source)s::text
      AND CASE WHEN EXISTS (SELECT FROM first)
          THEN (s.started_at, coalesce(s.created_at, s.started_at), s.session_id) <= (SELECT * FROM first)
          ELSE %(before_at)s::timestamptz IS NULL OR s.started_at < %(before_at)s
          END
    ORDER BY s.started_at DESC, coalesce(s.created_at, s.started_at) DESC, s.session_id DESC
    LIMIT %(limit)s
"""
"""From a session on; where it has been deleted in the meantime, from a moment on."""

CATALOG: Final = "SELECT catalog::text FROM streaming_catalogs WHERE source = %(source)s"

PATTERNS: Final = """
    SELECT id, session_id::text, detected_at, symbol, pattern_type, confidence::float8,
           bar_open::float8, bar_high::float8, bar_low::float8, bar_close::float8, bar_volume, metadata
    FROM intraday_patterns
    WHERE session_id = %(session_id)s::uuid
      AND (%(symbol)s::text IS NULL OR symbol = %(symbol)s)
      AND (%(pattern_types)s::text[] IS NULL OR pattern_type = ANY(%(pattern_types)s))
      AND (%(min_confidence)s::float8 IS NULL OR confidence >= %(min_confidence)s)
      AND (%(since)s::timestamptz IS NULL OR detected_at >= %(since)s)
      AND (%(before_at)s::timestamptz IS NULL OR (detected_at, id) < (%(before_at)s, %(before_row)s::bigint))
    ORDER BY detected_at DESC, id DESC
    LIMIT %(limit)s
"""

INDICATORS: Final = """
    SELECT symbol, indicator, value, calculated_at, metadata
    FROM (
        SELECT id, symbol, indicator, value::float8 AS value, calculated_at, metadata,
               row_number() OVER (
                   PARTITION BY indicator, metadata->>'instance', metadata->>'period'
                   ORDER BY calculated_at DESC, id DESC
               ) AS age
        FROM intraday_indicators
        WHERE session_id = %(session_id)s::uuid AND symbol = %(symbol)s
          AND (%(indicator)s::text IS NULL OR indicator = %(indicator)s)
          AND (%(before_at)s::timestamptz IS NULL OR calculated_at + interval '0' < %(before_at)s)
    ) AS aged
    WHERE age <= %(limit)s
    ORDER BY calculated_at DESC, id DESC
"""

BARS: Final = """
    SELECT minute, open, high, low, close, volume, session_id::text
    FROM bars_1min
    WHERE source = %(source)s AND symbol = %(symbol)s
      AND (%(before)s::timestamptz IS NULL OR minute < %(before)s)
    ORDER BY minute DESC
    LIMIT %(limit)s
"""

INDICATOR_SERIES: Final = """
    SELECT symbol, indicator, value::float8, calculated_at, metadata
    FROM intraday_indicators
    WHERE session_id = %(session_id)s::uuid AND symbol = %(symbol)s AND indicator = ANY(%(indicators)s)
      AND calculated_at + interval '0' BETWEEN %(first)s::timestamptz AND %(last)s::timestamptz
    ORDER BY id
"""
"""The sum keeps the index by time out of it, which would be read for all symbols to no use."""

ALERTS: Final = """
    SELECT id, session_id::text, triggered_at, symbol, alert_type, indicator, value, threshold, direction, severity
    FROM indicator_alerts
    WHERE session_id = %(session_id)s::uuid
      AND (%(symbol)s::text IS NULL OR symbol = %(symbol)s)
      AND (%(alert_type)s::text IS NULL OR alert_type = %(alert_type)s)
      AND (%(severity)s::text IS NULL OR severity = %(severity)s)
      AND (%(since)s::timestamptz IS NULL OR triggered_at >= %(since)s)
      AND (%(before_at)s::timestamptz IS NULL OR (triggered_at, id) < (%(before_at)s, %(before_row)s::bigint))
    ORDER BY triggered_at DESC, id DESC
    LIMIT %(limit)s
"""

CRITICAL_ALERTS: Final = """
    SELECT id, session_id::text, raised_at, severity, message, component, action_required, recovery
    FROM critical_alerts
    WHERE session_id = %(session_id)s::uuid
       OR (session_id IS NULL
           AND created_at >= (SELECT created_at FROM streaming_sessions WHERE session_id = %(session_id)s::uuid))
    ORDER BY raised_at DESC, id DESC
    LIMIT %(limit)s
"""

ALL_CRITICAL_ALERTS: Final = """
    SELECT id, session_id::text, raised_at, severity, message, component, action_required, recovery
    FROM critical_alerts
    WHERE (%(severity)s::text IS NULL OR severity = %(severity)s)
      AND (%(component)s::text IS NULL OR component = %(component)s)
      AND (%(since)s::timestamptz IS NULL OR raised_at >= %(since)s)
      AND (%(before_at)s::timestamptz IS NULL OR (raised_at, id) < (%(before_at)s, %(before_row)s::bigint))
    ORDER BY raised_at DESC, id DESC
    LIMIT %(limit)s
"""

HEALTH: Final = """
    SELECT h.id, h.session_id::text, h.measured_at, h.status, h.active_symbols, h.ticks_per_second::float8,
           h.bars_per_minute, h.processing_lag_ms, h.cpu_percent::float8, h.memory_mb, h.issues
    FROM streaming_health_metrics h LEFT JOIN session_sources o USING (session_id)
    WHERE o.source IS NOT DISTINCT FROM %(source)s::text
      AND (%(since)s::timestamptz IS NULL OR h.measured_at >= %(since)s)
      AND (%(before_at)s::timestamptz IS NULL OR (h.measured_at, h.id) < (%(before_at)s, %(before_row)s::bigint))
    ORDER BY h.measured_at DESC, h.id DESC
    LIMIT %(limit)s
"""

SESSION_HEALTH: Final = """
    SELECT id, session_id::text, measured_at, status, active_symbols, ticks_per_second::float8, bars_per_minute,
           processing_lag_ms, cpu_percent::float8, memory_mb, issues
    FROM streaming_health_metrics
    WHERE session_id = %(session_id)s::uuid
    ORDER BY measured_at DESC, id DESC
    LIMIT %(limit)s
"""

SESSION_BARS: Final = """
    SELECT DISTINCT ON (symbol) symbol, minute, open, high, low, close, volume,
           first_value(open) OVER (PARTITION BY symbol ORDER BY minute) AS first_open
    FROM bars_1min
    WHERE session_id = %(session_id)s::uuid
    ORDER BY symbol, minute DESC
"""

SESSION_INDICATORS: Final = """
    SELECT DISTINCT ON (symbol, indicator, metadata->>'instance', metadata->>'period')
           symbol, indicator, value::float8, calculated_at, metadata
    FROM intraday_indicators
    WHERE session_id = %(session_id)s::uuid AND calculated_at > %(since)s::timestamptz
    ORDER BY symbol, indicator, metadata->>'instance', metadata->>'period', calculated_at DESC, id DESC
"""

SESSION_COUNTS: Final = """
    SELECT (SELECT count(*) FROM intraday_patterns WHERE session_id = %(session_id)s::uuid),
           (SELECT count(*) FROM intraday_indicators WHERE session_id = %(session_id)s::uuid),
           (SELECT count(*) FROM indicator_alerts WHERE session_id = %(session_id)s::uuid),
           (SELECT count(*) FROM bars_1min WHERE session_id = %(session_id)s::uuid)
"""

SUMMARY_PATTERNS: Final = """
    SELECT pattern_type, symbol, hour, count(*), count(*) FILTER (WHERE confidence >= %(high)s),
           avg(confidence)::float8
    FROM (
        SELECT pattern_type, symbol, confidence,
               date_trunc('hour', detected_at - interval '1 millisecond', 'UTC') AS hour
        FROM intraday_patterns
        WHERE session_id = %(session_id)s::uuid AND confidence BETWEEN 0 AND 1
    ) AS found
    GROUP BY GROUPING SETS ((pattern_type), (symbol), (pattern_type, hour))
"""
"""All groups from one reading of the session's rows; a null is what a group is not made by."""

SUMMARY_ALERTS: Final = """
    SELECT alert_type, symbol, hour, count(*)
    FROM (
        SELECT alert_type, symbol, date_trunc('hour', triggered_at - interval '1 millisecond', 'UTC') AS hour
        FROM indicator_alerts
        WHERE session_id = %(session_id)s::uuid
    ) AS fired
    GROUP BY GROUPING SETS ((alert_type), (symbol), (hour))
"""
