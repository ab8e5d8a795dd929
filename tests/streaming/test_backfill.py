"""Minutes that were missed and fetched afterwards: in order, stored and marked, and nothing told as if it were new."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import psycopg
import pytest

from tests.streaming.hand_made import (
    MONDAY,
    HandMadeFeed,
    at,
    bar,
    events,
    health,
    listen,
    service_of,
    trades,
    wandering,
)
from tests.streaming.live import RunningClock
from tests.streaming.market_files import play, quiet_settings
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.feeds.base import Batch
from tickstockpl.market.bars import MinuteBars
from tickstockpl.market.calendar import MarketDay
from tickstockpl.store.migrate import migrate

MINUTES = 80
MISSED = range(30, 45)

FOUND = (Channel.PATTERNS, Channel.HIGH_CONFIDENCE_PATTERNS, Channel.INDICATORS, Channel.INDICATOR_ALERTS)
TIMES = {
    Channel.PATTERNS: ("detection", "timestamp"),
    Channel.HIGH_CONFIDENCE_PATTERNS: ("detection", "timestamp"),
    Channel.INDICATORS: ("calculation", "timestamp"),
    Channel.INDICATOR_ALERTS: ("alert", "timestamp"),
}
CLOSES = {to_iso(at(60 * minute + 60)) for minute in MISSED}

Heard = list[tuple[str, bytes]]


@pytest.fixture
def everything() -> dict[str, Any]:
    """All patterns, whatever their grade, and the indicators with their alerts."""
    return {"settings": quiet_settings(patterns="all", min_confidence=0)}


def with_missed(batches: Sequence[Batch]) -> list[Batch]:
    """The same market, of which some minutes were fetched afterwards."""
    return [replace(batch, backfilled=number in MISSED) for number, batch in enumerate(batches)]


def found(heard: Heard, channel: Channel) -> list[dict[str, Any]]:
    name = TIMES[channel][0]
    return [event[name] for event in events(heard, channel)]


async def test_later_minutes_are_those_of_a_day_that_was_heard_whole(
    redis_url: str, database_url: str, empty_database_url: str, everything: dict[str, Any]
) -> None:
    whole = await listen(HandMadeFeed({MONDAY: wandering(MINUTES)}), redis_url, database_url, **everything)
    migrate(empty_database_url)
    feed = HandMadeFeed({MONDAY: with_missed(wandering(MINUTES))})
    filled = await listen(feed, redis_url, empty_database_url, **everything)
    for channel in FOUND:
        expected = [event for event in found(whole, channel) if event["timestamp"] not in CLOSES]
        assert found(filled, channel) == expected
        if channel is not Channel.HIGH_CONFIDENCE_PATTERNS:
            assert len(expected) < len(found(whole, channel)), f"{channel} had nothing to keep back"
    for table, time in (
        ("intraday_patterns", "detected_at"),
        ("intraday_indicators", "calculated_at"),
        ("indicator_alerts", "triggered_at"),
    ):
        count = f"SELECT count(*) FROM {table} WHERE {time} = ANY(%s)"
        with psycopg.connect(database_url) as one, psycopg.connect(empty_database_url) as other:
            expected_rows = one.execute(count, (sorted(CLOSES),)).fetchone()
            assert other.execute(count, (sorted(CLOSES),)).fetchone() == expected_rows
            assert expected_rows is not None
            assert expected_rows[0] > 0


async def test_rows_of_missed_minutes_are_marked_and_no_others(
    redis_url: str, database_url: str, everything: dict[str, Any]
) -> None:
    await listen(HandMadeFeed({MONDAY: with_missed(wandering(MINUTES))}), redis_url, database_url, **everything)
    queries = (
        ("bars_1min", "minute + interval '1 minute'", "backfilled"),
        ("indicator_alerts", "triggered_at", "backfilled"),
        ("intraday_patterns", "detected_at", "metadata @> '{\"backfilled\": true}'"),
        ("intraday_indicators", "calculated_at", "metadata @> '{\"backfilled\": true}'"),
    )
    with psycopg.connect(database_url) as connection:
        for table, time, marked in queries:
            rows = connection.execute(f"SELECT {time} = ANY(%s::timestamptz[]), {marked} FROM {table}", (list(CLOSES),))
            said = set(rows.fetchall())
            assert said == {(False, False), (True, True)}, table


async def test_bars_of_missed_minutes_go_out_marked_so_that_charts_have_no_hole(
    redis_url: str, database_url: str
) -> None:
    heard = await listen(HandMadeFeed({MONDAY: with_missed(wandering(MINUTES))}), redis_url, database_url)
    told = [(event["timestamp"], event.get("backfilled", False)) for event in events(heard, Channel.BARS)]
    assert told == [(to_iso(at(60 * minute + 60)), minute in MISSED) for minute in range(MINUTES)]


async def test_it_is_told_once_and_does_not_count_as_lag(redis_url: str, database_url: str) -> None:
    heard = await listen(HandMadeFeed({MONDAY: with_missed(wandering(MINUTES))}), redis_url, database_url)
    alerts = [event["alert"] for event in events(heard, Channel.CRITICAL_ALERTS)]
    assert [alert["message"] for alert in alerts] == ["15 minutes were fetched afterwards, 15:00Z to 15:15Z"]
    assert alerts[0]["severity"] == "warning"
    assert all(report["status"] == "healthy" for report in health(heard))


async def test_fetched_bars_take_the_place_of_the_trades_that_came_and_leave_the_others(
    redis_url: str, database_url: str
) -> None:
    price = np.array([50.0])
    fetched = MinuteBars(at(0), np.array([0]), price, price + 2, price - 2, price + 1, np.array([900]))
    batches = [
        Batch(at(10), trades((1, 0, 51.0, 10), (2, 1, 7.0, 5), (70, 0, 52.0, 3))),
        Batch(at(60), fetched, backfilled=True),
        Batch(at(120)),
    ]
    heard = await listen(HandMadeFeed({MONDAY: batches}), redis_url, database_url)
    first, second = events(heard, Channel.BARS)
    assert [(bar["symbol"], bar["close"], bar["volume"]) for bar in first["bars"]] == [("AAA", 51, 900), ("BBB", 7, 5)]
    assert [(bar["symbol"], bar["close"], bar["volume"]) for bar in second["bars"]] == [("AAA", 52, 3)]
    assert "backfilled" not in second


async def test_what_the_source_changes_of_a_minute_that_is_out_is_kept_beside_it(
    redis_url: str, database_url: str
) -> None:
    changed = bar(0, 123.0).data
    unsound = bar(1, -1.0).data
    assert isinstance(changed, MinuteBars)
    assert isinstance(unsound, MinuteBars)
    batches = [*wandering(3), Batch(at(200), revised=(changed, unsound)), Batch(at(210), revised=(changed,))]
    heard = await listen(HandMadeFeed({MONDAY: batches}), redis_url, database_url)
    assert len(events(heard, Channel.BARS)) == 3
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT symbol, minute, close, received_at FROM bar_revisions").fetchall()
        closes = connection.execute("SELECT close FROM bars_1min ORDER BY minute").fetchall()
    assert [(row[0], row[2]) for row in rows] == [("AAA", 123.0)]
    assert [to_iso(round(row[1].timestamp() * 1000)) for row in rows] == [to_iso(at(0))]
    assert [close for (close,) in closes] != [123.0]


@pytest.mark.parametrize(("waited_ms", "lag_s"), [(0, 300), (300_000, 0)])
async def test_what_a_feed_waits_for_latecomers_is_no_lag(
    waited_ms: int, lag_s: int, redis_url: str, database_url: str
) -> None:
    clock = RunningClock(at(0) - 500, 1)

    class LateFeed(HandMadeFeed):
        """Hands its minute over five minutes after its end."""

        async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
            clock.set(at(60) + 300_000)
            async for batch in super().batches(day, from_ms):
                yield batch

    feed = LateFeed({MONDAY: [replace(wandering(1)[0], waited_ms=waited_ms)]})
    service = service_of(feed, redis_url, database_url, clock=clock)
    await play(service)
    assert service.status.lag_ms / 1000 == pytest.approx(lag_s, abs=20)
