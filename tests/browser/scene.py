"""A market with a little of everything in it, stored and live, as the tests that look at the whole page want it."""

import json

import psycopg

from tests.browser.events import found
from tests.contract.catalogs import CATALOG
from tests.dashboard.rows import SESSION, SOURCE, insert_catalog
from tests.dashboard.running import publish
from tests.dashboard.samples import (
    alert,
    at,
    bars,
    checkpoint,
    critical,
    health,
    indicator,
    session,
    session_id,
    started,
)
from tickstockpl.contract.timestamps import from_iso

SYMBOL = "TSLA"
"""The symbol that has stored bars."""

MINUTES = 45

_BAR = "INSERT INTO bars_1min VALUES ('simulator:1', %s, %s, %s, %s, %s, %s, %s, %s)"
_VALUE = (
    "INSERT INTO intraday_indicators (session_id, symbol, indicator, value, calculated_at, metadata) "
    "VALUES (%s, %s, %s, %s, %s, %s)"
)


def store_scene(database_url: str) -> None:
    """A session that runs, the bars of :data:`SYMBOL` in it, and the catalog."""
    insert_catalog(database_url, CATALOG)
    with psycopg.connect(database_url) as connection:
        connection.execute(SESSION, (session_id(1), at(0)))
        connection.execute(SOURCE, (session_id(1), "simulator:1", 1))
        for minute in range(MINUTES):
            close = 100 + minute % 7 / 10
            bar = (close - 0.1, close + 0.3, close - 0.4, close, 1000 + minute)
            connection.execute(_BAR, (SYMBOL, at(minute), *bar, session_id(1)))
            for name, instance, value, further in (
                ("SMA", "SMA_20", close, {}),
                ("BB", "BB_20_2", close, {"upper": close + 1, "lower": close - 1, "percent_b": 0.5}),
                ("RSI", "RSI_14", 50 + minute % 20, {}),
                ("MACD", "MACD_12_26_9", 0.25, {"signal": 0.125, "histogram": 0.125}),
            ):
                metadata = json.dumps({"instance": instance, **further})
                connection.execute(_VALUE, (session_id(1), SYMBOL, name, value, at(minute + 1), metadata))


def play_scene(redis_url: str) -> None:
    """The newest minute of it."""
    symbols = ("AAPL", "AMD", "GOOGL", "META", "MSFT", "NVDA")
    publish(
        redis_url,
        started(),
        checkpoint(running=session(), sent_ms=from_iso(at(MINUTES))),
        bars(MINUTES - 1, *symbols, SYMBOL),
        bars(MINUTES, *symbols, SYMBOL, open_=10.25),
        *(indicator(symbol, 25 + 9.0 * n, instance="RSI_14") for n, symbol in enumerate((*symbols, SYMBOL))),
        *(indicator(symbol, 0.05 * n - 0.1, name="MACD", instance="MACD_12_26_9") for n, symbol in enumerate(symbols)),
        found(1, symbol=SYMBOL, pattern_type="BullishEngulfing", explanation="body 1.3 × the one before"),
        found(2, symbol="NVDA", confidence=0.55),
        found(3, symbol="MSFT", pattern_type="Doji", confidence=0.3),
        alert(SYMBOL),
        alert("NVDA"),
        health(MINUTES, ("High CPU usage: 85%",)),
        critical(MINUTES, "feed lost"),
    )
