"""How fast is a 500-symbol minute stored? 500 bars and 3,000 indicator rows with 150 bytes of JSON each.

- the writer, a transaction a minute: limit 50 ms (the specification's database write latency)
- the writer's rows a second: peer COPY alone, the same text made beforehand, sent in the same transactions
- deleting a full session of it: limit 15 s
- pruning one beside a writer that stores another: how much longer that writer's slowest twentieth of minutes takes

A ratio below 1 is within the limit; against the peer it is how many times as long the writer takes.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg

from tickstockpl.clock import monotonic_s
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.store.copy_text import copy_text
from tickstockpl.store.migrate import migrate
from tickstockpl.store.pruning import OldSession, delete_in_batches
from tickstockpl.store.rows import MinuteRows, SessionOpening
from tickstockpl.store.sessions import delete_session
from tickstockpl.store.writer import Writer

OPEN_MS = 1_759_757_400_000  # 2025-10-06 13:30 UTC
MINUTES = 390
MINUTE_LIMIT_S = 0.05
DELETE_LIMIT_S = 15.0
SYMBOLS = [f"S{number:03d}" for number in range(500)]
METADATA = msgspec.json.encode(
    {
        "fast_period": 12,
        "slow_period": 26,
        "signal_period": 9,
        "instance": "MACD_12_26_9",
        "signal": 0.051234567890123,
        "histogram": 0.031234567890123,
    }
)


def session_id(number: int) -> str:
    """The id of the n-th session of this run."""
    return str(UUID(int=number))


def minute_rows(session: int, number: int) -> MinuteRows:
    """The n-th minute of a session."""
    start_ms = OPEN_MS + number * MINUTE_MS
    price = 100 + number / 7
    return MinuteRows(
        source=f"replay:{session}",
        session_id=session_id(session),
        minute=to_iso(start_ms),
        closed_at=to_iso(start_ms + MINUTE_MS),
        bars=[(symbol, price, price + 1, price - 1, price, 12_345) for symbol in SYMBOLS],
        indicators=[
            (symbol, name, price / 3, METADATA)
            for name in ("RSI", "SMA", "SMA", "SMA", "MACD", "BB")
            for symbol in SYMBOLS
        ],
    )


async def write(url: str, session: int) -> float:
    """Seconds that the writer takes for a session."""
    writer = Writer(url)
    await writer.open()
    source = f"replay:{session}"
    await writer.put(
        SessionOpening(session_id(session), "bench:500", to_iso(OPEN_MS), 500, source, date(2025, 10, 6), session)
    )
    await writer.flush()
    minutes = [minute_rows(session, number) for number in range(MINUTES)]
    began_s = monotonic_s()
    for minute in minutes:
        await writer.put(minute)
    await writer.close()
    return monotonic_s() - began_s


async def write_beside_pruning(url: str, session: int, old: int) -> tuple[float, float]:
    """Seconds that pruning a session takes, and the 95th percentile of a minute's write beside it."""
    pruning = asyncio.create_task(asyncio.to_thread(delete_in_batches, url, OldSession(session_id(old), None, None)))
    began_s = monotonic_s()
    pruning.add_done_callback(lambda _: took.append(monotonic_s() - began_s))
    took: list[float] = []
    minutes = await timed_minutes(url, session, lambda: not pruning.done())
    await pruning
    return took[0], percentile_95(minutes)


async def timed_minutes(url: str, session: int, more: Callable[[], bool]) -> list[float]:
    """Seconds of each minute's write, from handing it over to its commit, one after the other."""
    writer = Writer(url)
    await writer.open()
    await writer.put(
        SessionOpening(
            session_id(session), "bench:500", to_iso(OPEN_MS), 500, f"replay:{session}", date(2025, 10, 6), session
        )
    )
    await writer.flush()
    taken = []
    for number in range(MINUTES):
        if not more():
            break
        rows = minute_rows(session, number)
        began_s = monotonic_s()
        await writer.put(rows)
        await writer.flush()
        taken.append(monotonic_s() - began_s)
    await writer.close()
    return taken


def percentile_95(figures: list[float]) -> float:
    """Of all but the slowest twentieth the largest."""
    return statistics.quantiles(figures, n=20)[-1]


def copy_alone(url: str, session: int) -> float:
    """Seconds that COPY takes for a session's text, made beforehand."""
    texts = []
    for number in range(MINUTES):
        rows = minute_rows(session, number)
        texts.append(
            (
                copy_text(rows.bars, (rows.source, rows.minute, rows.session_id)),
                copy_text(rows.indicators, (rows.session_id, rows.closed_at)),
            )
        )
    bar_columns = "source, minute, session_id, symbol, open, high, low, close, volume"
    indicator_columns = "session_id, calculated_at, symbol, indicator, value, metadata"
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO streaming_sessions (session_id, universe, started_at, symbol_count) VALUES (%s, 'x', %s, 500)",
            (session_id(session), to_iso(OPEN_MS)),
        )
        began_s = monotonic_s()
        for bars, indicators in texts:
            with connection.transaction():
                with cursor.copy(f"COPY bars_1min ({bar_columns}) FROM STDIN") as copy:
                    copy.write(bars)
                with cursor.copy(f"COPY intraday_indicators ({indicator_columns}) FROM STDIN") as copy:
                    copy.write(indicators)
        return monotonic_s() - began_s


def main(_arguments: Sequence[str]) -> int:
    """Measure and print; the exit code is 1 if a limit was passed."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedServers(Path(folder), need_redis=False) as servers:
        url = servers.database_url
        migrate(url)
        asyncio.run(write(url, 1))  # both sides then find tables of some size
        written_s = asyncio.run(write(url, 2))
        alone_s = copy_alone(url, 3)
        began_s = monotonic_s()
        delete_session(url, session_id(2))
        deleted_s = monotonic_s() - began_s
        alone_95_s = percentile_95(asyncio.run(timed_minutes(url, 4, lambda: True)))
        pruned_s, beside_95_s = asyncio.run(write_beside_pruning(url, 5, old=4))
    minute_s = written_s / MINUTES
    rows = MINUTES * len(SYMBOLS) * 7
    print(f"one minute         {minute_s * 1000:8.1f} ms     limit 50 ms, ratio {minute_s / MINUTE_LIMIT_S:.2f}")
    peer = f"COPY alone {rows / alone_s:.0f} /s, ratio {written_s / alone_s:.2f}"
    print(f"rows               {rows / written_s:8.0f} /s     {peer}")
    print(f"a session deleted  {deleted_s:8.1f} s      limit 15 s, ratio {deleted_s / DELETE_LIMIT_S:.2f}")
    beside = f"p95 of a minute's write {beside_95_s * 1000:.1f} ms, alone {alone_95_s * 1000:.1f} ms"
    print(f"a session pruned   {pruned_s:8.1f} s      {beside}, ratio {beside_95_s / alone_95_s:.2f}")
    return int(minute_s > MINUTE_LIMIT_S or deleted_s > DELETE_LIMIT_S)
