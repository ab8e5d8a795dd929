"""Make the mock events of this folder: ``python -m tests.mock_data.make_mock_data``.

A session of nine minutes. Prices are a random walk in whole cents with a fixed seed; what is found in them is found by
the engine itself, so that a Hammer among the sample patterns is one. Health and critical alerts are written by hand:
a connection is lost and comes back.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path
from uuid import UUID, uuid5

import numpy as np

from tickstockpl.analysis.engine import Engine
from tickstockpl.analysis.indicators.definition import DEFAULT_INDICATORS
from tickstockpl.analysis.patterns.selection import select_patterns
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.codec import decode
from tickstockpl.contract.events import (
    ConnectionStatus,
    Critical,
    CriticalAlert,
    DataFlow,
    Event,
    Health,
    HealthStatus,
    IndicatorAlert,
    ResourceUsage,
    Session,
    SessionStarted,
    SessionStopped,
    SessionSummary,
    StreamingHealth,
    StreamingIndicator,
    StreamingPattern,
    encode,
)
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.streaming.encoder import MinuteEncoder

FOLDER = Path(__file__).parent

SEED = 40
SYMBOLS = (
    *("AAPL", "AMD", "AMZN", "AVGO", "BA", "BRK.B", "COST", "CRM", "CVX", "DIS", "GOOGL", "HD", "INTC", "JNJ"),
    *("JPM", "KO", "LLY", "MA", "META", "MSFT", "NFLX", "NKE", "NVDA", "ORCL", "PEP", "PFE", "PG", "QCOM", "TSLA"),
    *("UNH", "V", "WMT", "XOM"),
)
IN_FULL = ("AAPL", "BRK.B", "MSFT", "NVDA", "TSLA")
"""Those of which the indicators are in the sample too."""

UNIVERSE = "mock:well_known"
OPEN_MS = 1_759_757_400_000
"""2025-10-06T13:30:00Z, a Monday's open."""

MINUTES = 9
WARM_UP = 250
PATTERNS = 100
ALERTS = 50

SESSION_ID = uuid5(UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8"), "https://tickstockpl.invalid/mock-session")


def main() -> None:
    """Write the files."""
    for name, events in files().items():
        lines = b"".join(encode(event) + b"\n" for event in events)
        (FOLDER / name).write_bytes(lines)


def files() -> dict[str, list[Event]]:
    """The files and the events in them, in the order of time."""
    found: defaultdict[Channel, list[Event]] = defaultdict(list)
    for channel, payload in _analysed():
        found[channel].append(decode(channel, payload))
    patterns = _spread([event for event in found[Channel.PATTERNS] if isinstance(event, StreamingPattern)], PATTERNS)
    alerts = [event for event in found[Channel.INDICATOR_ALERTS] if isinstance(event, IndicatorAlert)]
    indicators: list[Event] = [
        event
        for event in found[Channel.INDICATORS]
        if isinstance(event, StreamingIndicator) and event.calculation.symbol in IN_FULL
    ]
    return {
        "patterns.jsonl": [*patterns],
        "indicators.jsonl": indicators,
        "indicator_alerts.jsonl": [*_spread_alerts(alerts, ALERTS)],
        "health.jsonl": [*_health()],
        "critical_alerts.jsonl": [*_critical()],
        "sessions.jsonl": [*_session(len(patterns), len(indicators))],
    }


def _analysed() -> Iterator[tuple[Channel, bytes]]:
    """What the engine finds in the session's minutes, after a warm-up."""
    engine = Engine(len(SYMBOLS), DEFAULT_INDICATORS, select_patterns("all", 0.0))
    encoder = MinuteEncoder(SYMBOLS, "mock", SESSION_ID)
    minutes = list(_minutes())
    engine.warm_up(minutes[:WARM_UP])
    for bars in minutes[WARM_UP:]:
        yield from encoder.encode(engine.update(bars)).messages


def _minutes() -> Iterator[MinuteBars]:
    """A random walk of every symbol, in whole cents: the same on every machine."""
    chance = random.Random(SEED)
    cents = [chance.randrange(3_000, 40_000) for _ in SYMBOLS]
    every = np.arange(len(SYMBOLS), dtype=np.intp)
    for minute in range(-WARM_UP, MINUTES):
        candles = []
        for position, last in enumerate(cents):
            path = [last + chance.randrange(-1, 2)]
            step = max(last // 3_000, 2) * chance.choice((1, 1, 1, 2, 4))
            path.extend(path[0] + sum(chance.randrange(-step, step + 1) for _ in range(k)) for k in range(1, 7))
            cents[position] = path[-1]
            candles.append((path[0], max(path), min(path), path[-1], 100 * chance.randrange(1, 2_500)))
        open_, high, low, close, volume = np.array(candles, dtype=np.float64).T
        yield MinuteBars(
            OPEN_MS + minute * MINUTE_MS,
            every,
            open_ / 100,
            high / 100,
            low / 100,
            close / 100,
            volume.astype(np.int64),
        )


def _spread(patterns: Sequence[StreamingPattern], wanted: int) -> list[StreamingPattern]:
    """So many of all, in the order of time: the clearest of each kind, then the clearest of those that are left."""
    clearest = sorted(range(len(patterns)), key=lambda number: -patterns[number].detection.confidence)
    kinds: dict[str, int] = {}
    for number in clearest:
        kinds.setdefault(patterns[number].detection.pattern_type, number)
    taken = dict.fromkeys([*kinds.values(), *clearest])
    return [patterns[number] for number in _first_of(taken, wanted)]


def _spread_alerts(alerts: Sequence[IndicatorAlert], wanted: int) -> list[IndicatorAlert]:
    """So many of all, in the order of time: the first of each type, then the second of each, and so on."""
    by_type: defaultdict[str, list[int]] = defaultdict(list)
    for number, event in enumerate(alerts):
        by_type[event.alert.alert_type].append(number)
    turns = zip_longest(*by_type.values())
    return [alerts[number] for number in _first_of((one for turn in turns for one in turn if one is not None), wanted)]


def _first_of(numbers: Iterable[int], wanted: int) -> list[int]:
    taken = list(islice(numbers, wanted))
    if len(taken) < wanted:
        raise SystemExit(f"only {len(taken)} of {wanted} were found; choose another seed")
    return sorted(taken)


def _at(minute: int) -> str:
    return to_iso(OPEN_MS + minute * MINUTE_MS)


def _health() -> Iterator[StreamingHealth]:
    told: list[tuple[HealthStatus, ConnectionStatus, float, int, float, list[str]]] = [
        ("healthy", "connected", 812.4, 21, 18.5, []),
        ("healthy", "connected", 655.0, 19, 21.0, []),
        ("warning", "connected", 701.3, 38, 84.6, ["High CPU usage: 85%"]),
        ("warning", "connected", 690.8, 250, 71.2, ["Processing lag above threshold: 250ms", "High CPU usage: 71%"]),
        ("critical", "disconnected", 0.0, 40, 9.7, ["WebSocket connection lost to Massive"]),
        ("critical", "reconnecting", 0.0, 40, 8.1, ["WebSocket connection lost to Massive for 60 s, reconnecting"]),
        ("healthy", "connected", 590.2, 33, 24.9, []),
        ("warning", "connected", 612.9, 27, 30.3, ["Database unreachable for 12 s: 3 minutes wait on disk"]),
        ("healthy", "connected", 640.5, 22, 19.4, []),
        ("healthy", "connected", 655.7, 20, 18.8, []),
    ]
    for minute, (status, connection, ticks, lag_ms, cpu, issues) in enumerate(told):
        yield StreamingHealth(
            Health(
                status=status,
                timestamp=_at(minute),
                active_symbols=len(SYMBOLS),
                connection_status=connection,
                data_flow=DataFlow(ticks, len(SYMBOLS) if ticks else 0, lag_ms),
                resource_usage=ResourceUsage(cpu, 180 + 3 * minute, 8),
                issues=issues,
            )
        )


def _critical() -> Iterator[CriticalAlert]:
    lost, stuck = "polygon_websocket", "database"
    for minute, severity, message, component, action, recovery in (
        (4, "critical", "WebSocket connection lost to Massive", lost, "Check the network and the API key", None),
        (6, "info", "WebSocket connection restored", lost, None, "Connection re-established after 2 minutes"),
        (7, "error", "PostgreSQL cannot be reached", stuck, "Start PostgreSQL; rows wait on disk until then", None),
        (8, "info", "PostgreSQL is back", stuck, None, "All 3 minutes that had waited are stored"),
    ):
        yield CriticalAlert(Critical(severity, message, _at(minute), component, action, recovery))  # type: ignore[arg-type]


def _session(patterns: int, indicators: int) -> Iterator[Event]:
    session_id = str(SESSION_ID)
    yield SessionStarted(Session(session_id, UNIVERSE, _at(0), len(SYMBOLS), "active"), _at(0))
    summary = SessionSummary(session_id, _at(MINUTES), 60 * MINUTES, patterns, indicators, "completed")
    yield SessionStopped(summary, _at(MINUTES))


if __name__ == "__main__":
    main()
