"""The whole producer, from a file of real bars to Redis and PostgreSQL."""

import asyncio
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import psycopg
import pytest
import redis
import talib

from tests.streaming.conftest import SYMBOLS
from tests.streaming.market_files import Series, play, quiet_settings, replay_service, series
from tests.support import Subscriber, eventually_async
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.definition import Talib
from tickstockpl.contract.catalog import decode_catalog
from tickstockpl.contract.channels import HIGH_CONFIDENCE, Channel
from tickstockpl.contract.codec import decode
from tickstockpl.contract.events import Checkpoint
from tickstockpl.contract.schema import schema_for
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.errors import TickStockError
from tickstockpl.store.rows import MinuteRows
from tickstockpl.store.writer import Writer

MARKET_CHANNELS = [channel for channel in Channel if channel not in (Channel.HEALTH, Channel.CHECKPOINT)]
WARM = 15  # bars after which every pattern's averages are full

Heard = list[tuple[str, bytes]]


async def listen(path: Path, redis_url: str, database_url: str, **how: Any) -> Heard:
    """Replay a file and return everything that was published."""
    service = replay_service(path, redis_url, database_url, **how)
    with Subscriber(redis_url) as subscriber:
        await play(service)
    return subscriber.messages


def events(heard: Heard, channel: Channel) -> list[dict[str, Any]]:
    return [json.loads(payload) for name, payload in heard if name == channel]


def rows(database_url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database_url) as connection:
        return connection.execute(query).fetchall()


def count(database_url: str, table: str) -> int:
    return int(rows(database_url, f"SELECT count(*) FROM {table}")[0][0])


async def test_until_the_first_session_the_markets_time_is_its_open(
    five_days: Path, redis_url: str, database_url: str
) -> None:
    service = replay_service(five_days, redis_url, database_url, speed=60)
    with Subscriber(redis_url) as subscriber:
        await service.open()
        try:
            said = await eventually_async(lambda: events(subscriber.messages, Channel.CHECKPOINT))
        finally:
            await service.close()
    assert {event["market_time"] for event in said} == {"2018-02-26T14:30:00.000Z"}


class TestFiveRealDays:
    """One replay, looked at from all sides."""

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, five_days: Path, servers: EmbeddedServers, lasting_database_url: str) -> tuple[Heard, str]:
        settings = quiet_settings(patterns="all", min_confidence=0)
        heard = asyncio.run(listen(five_days, servers.redis_url, lasting_database_url, settings=settings))
        return heard, lasting_database_url

    @pytest.fixture
    def heard(self, run: tuple[Heard, str]) -> Heard:
        return run[0]

    def test_what_goes_out_is_what_is_counted_and_stored(self, run: tuple[Heard, str]) -> None:
        heard, database_url = run
        published = Counter(channel for channel, _ in heard)
        checkpoint = decode(*[message for message in heard if message[0] == Channel.CHECKPOINT][-1])
        assert isinstance(checkpoint, Checkpoint)
        assert {channel: number for channel, number in checkpoint.counts.items() if number} == published

        stopped = [event["session"] for event in events(heard, Channel.SESSION_STOPPED)]
        assert len(stopped) == 5
        assert sum(session["total_patterns"] for session in stopped) == published[Channel.PATTERNS]
        assert sum(session["total_indicators"] for session in stopped) == published[Channel.INDICATORS]
        stored = rows(
            database_url,
            """SELECT session_id::text, total_patterns, total_indicators, final_status,
                   (SELECT count(*) FROM intraday_patterns p WHERE p.session_id = s.session_id),
                   (SELECT count(*) FROM intraday_indicators i WHERE i.session_id = s.session_id)
               FROM streaming_sessions s ORDER BY started_at""",
        )
        assert stored == [
            (
                session["session_id"],
                *(2 * [session["total_patterns"], session["total_indicators"]])[:2],
                "completed",
                session["total_patterns"],
                session["total_indicators"],
            )
            for session in stopped
        ]
        assert count(database_url, "indicator_alerts") == published[Channel.INDICATOR_ALERTS]
        assert count(database_url, "streaming_health_metrics") == published[Channel.HEALTH]
        bars = sum(len(event["bars"]) for event in events(heard, Channel.BARS))
        assert count(database_url, "bars_1min") == bars

        # Every session: started first, stopped last, nothing of the market outside.
        running = False
        for channel, _ in heard:
            if channel == Channel.SESSION_STARTED:
                assert not running
                running = True
            elif channel == Channel.SESSION_STOPPED:
                assert running
                running = False
            elif channel != Channel.CHECKPOINT:
                assert running

        # Every message is of the contract; every fiftieth is also held against the published schemas.
        validators = {channel: jsonschema.Draft202012Validator(schema_for(channel)) for channel in Channel}
        seen: Counter[str] = Counter()
        for name, payload in heard:
            decode(name, payload)
            if seen[name] % 50 == 0:
                validators[Channel(name)].validate(json.loads(payload))
            seen[name] += 1

        # High confidence goes out twice under one id, and is stored once.
        patterns = [event["detection"] for event in events(heard, Channel.PATTERNS)]
        high = [event["detection"] for event in events(heard, Channel.HIGH_CONFIDENCE_PATTERNS)]
        assert high == [pattern for pattern in patterns if pattern["confidence"] >= HIGH_CONFIDENCE]
        ids = [pattern["metadata"]["pattern_id"] for pattern in patterns]
        assert len(set(ids)) == len(ids)
        assert count(database_url, "intraday_patterns") == len(ids)

    def test_numbers_are_talibs(self, heard: Heard, five_days: Path) -> None:
        values: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        for event in events(heard, Channel.INDICATORS):
            calculation = event["calculation"]
            key = calculation["symbol"], calculation["metadata"]["instance"]
            values[*key, "value"].append(calculation["value"])
            for output in ("signal", "histogram", "upper", "lower"):
                if output in calculation["metadata"]:
                    values[*key, output].append(calculation["metadata"][output])
        for symbol in SYMBOLS:
            close = series(five_days, symbol).close
            macd, signal, histogram = talib.MACD(close, 12, 26, 9)
            upper, middle, lower = talib.BBANDS(close, 20, 2.0, 2.0)
            batch = {
                ("RSI_14", "value"): talib.RSI(close, 14),
                ("SMA_20", "value"): talib.SMA(close, 20),
                ("SMA_50", "value"): talib.SMA(close, 50),
                ("SMA_200", "value"): talib.SMA(close, 200),
                ("MACD_12_26_9", "value"): macd,
                ("MACD_12_26_9", "signal"): signal,
                ("MACD_12_26_9", "histogram"): histogram,
                ("BB_20_2", "upper"): upper,
                ("BB_20_2", "value"): middle,
                ("BB_20_2", "lower"): lower,
            }
            for (instance, output), expected in batch.items():
                published = np.array(values[symbol, instance, output])
                assert np.array_equal(published, expected[~np.isnan(expected)]), (symbol, instance, output)

    def test_detections_are_talibs(self, heard: Heard, five_days: Path) -> None:
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for event in events(heard, Channel.PATTERNS):
            detection = event["detection"]
            found[detection["symbol"], detection["pattern_type"]].add(detection["timestamp"])
        for symbol in SYMBOLS:
            bars = series(five_days, symbol)
            closes_at = [_close_of(minute) for minute in bars.minutes]
            for name, pattern in PATTERNS.items():
                assert isinstance(pattern.source, Talib)
                expected = {closes_at[bar] for bar in _talib_bars(bars, pattern.source) if bar >= WARM}
                published = {moment for moment in found[symbol, name] if closes_at.index(moment) >= WARM}
                assert published == expected, (symbol, name)


def _talib_bars(bars: Series, source: Talib) -> list[int]:
    output = getattr(talib, source.function)(bars.open, bars.high, bars.low, bars.close)
    return np.flatnonzero((np.sign(output) == source.sign) & ((np.abs(output) == 200) == source.confirms)).tolist()


def _close_of(minute: str) -> str:
    start = np.datetime64(minute.removesuffix("Z"), "ms")
    return f"{start + np.timedelta64(1, 'm')}Z"


async def test_the_same_file_gives_the_same_bytes(one_day: Path, redis_url: str, database_url: str) -> None:
    first = await listen(one_day, redis_url, database_url)
    second = await listen(one_day, redis_url, database_url, again=True)
    for channel in MARKET_CHANNELS:
        assert [payload for name, payload in first if name == channel] == [
            payload for name, payload in second if name == channel
        ], channel


async def test_a_complete_day_is_skipped_and_said(one_day: Path, redis_url: str, database_url: str) -> None:
    await listen(one_day, redis_url, database_url)
    before = count(database_url, "intraday_indicators")
    service = replay_service(one_day, redis_url, database_url)
    with Subscriber(redis_url) as subscriber:
        status = await play(service)
    assert {channel for channel, _ in subscriber.messages} <= {Channel.CHECKPOINT}
    assert any("already stored" in note and "--again" in note for note in status.notes)
    assert count(database_url, "intraday_indicators") == before


async def test_the_catalog_is_stored_for_the_source_and_outlives_a_replaced_session(
    one_day: Path, redis_url: str, database_url: str
) -> None:
    def enabled() -> list[dict[str, float]]:
        stored = rows(database_url, "SELECT catalog::text FROM streaming_catalogs")
        return [{one.name: one.threshold for one in decode_catalog(text).patterns if one.enabled} for (text,) in stored]

    first, second = quiet_settings(patterns="Doji"), quiet_settings(patterns="Hammer:0.5,BullishHarami")
    await listen(one_day, redis_url, database_url, settings=first, duration_s=60)
    assert enabled() == [{"Doji": 0.2}]
    await listen(one_day, redis_url, database_url, settings=second, duration_s=60, again=True)
    assert enabled() == [{"Hammer": 0.5, "BullishHarami": 0.2}]


ROW_QUERIES = (
    "SELECT source, symbol, minute, open, high, low, close, volume FROM bars_1min ORDER BY 2, 3",
    "SELECT symbol, pattern_type, confidence, detected_at, metadata FROM intraday_patterns ORDER BY 1, 2, 4",
    "SELECT symbol, indicator, value, calculated_at, metadata FROM intraday_indicators ORDER BY 1, 2, 4, 5",
    "SELECT symbol, alert_type, value, threshold, triggered_at FROM indicator_alerts ORDER BY 1, 2, 5",
    "SELECT session_id, started_at, stopped_at, total_patterns, total_indicators, final_status FROM streaming_sessions",
)


async def test_an_interrupted_day_is_taken_up_where_it_stopped(
    one_day: Path, redis_url: str, database_url: str
) -> None:
    whole = await listen(one_day, redis_url, database_url)
    expected = [rows(database_url, query) for query in ROW_QUERIES]

    first = await listen(one_day, redis_url, database_url, again=True, duration_s=5400)
    assert events(first, Channel.SESSION_STOPPED)[0]["session"]["final_status"] == "stopped"
    assert events(first, Channel.SESSION_STOPPED)[0]["session"]["duration_seconds"] == 5400
    second = await listen(one_day, redis_url, database_url)

    assert [rows(database_url, query) for query in ROW_QUERIES] == expected
    for channel in (Channel.PATTERNS, Channel.INDICATORS, Channel.INDICATOR_ALERTS, Channel.BARS):
        both = [payload for name, payload in [*first, *second] if name == channel]
        assert both == [payload for name, payload in whole if name == channel]
    assert events(second, Channel.SESSION_STOPPED) == events(whole, Channel.SESSION_STOPPED)


async def test_a_stop_ends_the_session_with_totals_that_are_stored(
    one_day: Path, redis_url: str, database_url: str
) -> None:
    settings = quiet_settings(patterns="all", min_confidence=0)
    service = replay_service(one_day, redis_url, database_url, settings=settings, speed=3000)
    stop = asyncio.Event()
    with Subscriber(redis_url) as subscriber:
        running = asyncio.create_task(play(service, stop))
        await eventually_async(lambda: service.status.patterns > 20, timeout=30)
        stop.set()
        await running
    (stopped,) = events(subscriber.messages, Channel.SESSION_STOPPED)
    assert stopped["session"]["final_status"] == "stopped"
    assert stopped["session"]["total_patterns"] == count(database_url, "intraday_patterns")
    assert stopped["session"]["total_indicators"] == count(database_url, "intraday_indicators")


async def test_nothing_is_stored_before_it_is_published(one_day: Path, redis_url: str, database_url: str) -> None:
    service = replay_service(one_day, redis_url, database_url, duration_s=1800)
    with redis.Redis.from_url(redis_url) as control:

        def carried() -> int:
            return int(control.info("commandstats").get("cmdstat_publish", {}).get("calls", 0))

        before = carried()
        early: list[int] = []

        class Watched(Writer):
            async def put(self, job: Any) -> None:
                if isinstance(job, MinuteRows):
                    early.append(sum(service.parts.publisher.counts.values()) - (carried() - before))
                await super().put(job)

        service.parts.writer.__class__ = Watched
        await play(service)
    assert early == [0] * 30


async def test_a_refused_write_fails_the_session_loudly(one_day: Path, redis_url: str, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE intraday_indicators ADD CHECK (indicator <> 'MACD')")
    service = replay_service(one_day, redis_url, database_url)
    with Subscriber(redis_url) as subscriber:
        await service.open()
        with pytest.raises(TickStockError, match="intraday_indicators"):
            await service.run(asyncio.Event())
        with pytest.raises(TickStockError):
            await service.close()
    (stopped,) = events(subscriber.messages, Channel.SESSION_STOPPED)
    assert stopped["session"]["final_status"] == "failed"


async def test_settings_choose_what_is_published(one_day: Path, redis_url: str, database_url: str) -> None:
    settings = quiet_settings(patterns="hammer, doji:0.1", min_confidence=0.05, pattern_batch=50)
    heard = await listen(one_day, redis_url, database_url, settings=settings)
    batches = events(heard, Channel.PATTERNS)
    assert batches
    patterns = [pattern for batch in batches for pattern in batch["patterns"]]
    assert all(batch["count"] == len(batch["patterns"]) <= 50 for batch in batches)
    assert {pattern["pattern_type"] for pattern in patterns} == {"Doji", "Hammer"}
    least = {
        name: min(pattern["confidence"] for pattern in patterns if pattern["pattern_type"] == name)
        for name in ("Doji", "Hammer")
    }
    assert least["Doji"] >= 0.1
    assert 0.05 <= least["Hammer"] < 0.1
    assert events(heard, Channel.SESSION_STOPPED)[0]["session"]["total_patterns"] == len(patterns)


async def test_any_indicator_of_talib_is_published_and_stored(one_day: Path, redis_url: str, database_url: str) -> None:
    settings = quiet_settings(indicators="default ATR:14 STOCH:14,3,3 OBV")
    heard = await listen(one_day, redis_url, database_url, settings=settings)
    calculations = [event["calculation"] for event in events(heard, Channel.INDICATORS)]
    bars = series(one_day, "AAPL")
    expected = talib.ATR(bars.high, bars.low, bars.close, 14)
    published = [
        calculation["value"]
        for calculation in calculations
        if calculation["symbol"] == "AAPL" and calculation["metadata"]["instance"] == "ATR_14"
    ]
    assert published == expected[~np.isnan(expected)].tolist()
    assert {"slowk", "slowd"} <= set(
        next(one["metadata"] for one in calculations if one["metadata"]["instance"] == "STOCH_14_3_3")
    )
    assert count(database_url, "intraday_indicators") == len(calculations)


async def test_a_wrong_indicator_is_told_before_anything_starts(
    one_day: Path, redis_url: str, database_url: str
) -> None:
    with pytest.raises(TickStockError, match="names no indicator"):
        replay_service(one_day, redis_url, database_url, settings=quiet_settings(indicators="ATX:14"))


async def test_alerts_are_damped_as_the_settings_say(one_day: Path, redis_url: str, database_url: str) -> None:
    def alerts(heard: Heard) -> list[tuple[str, str, str]]:
        told = [event["alert"] for event in events(heard, Channel.INDICATOR_ALERTS)]
        return [(alert["symbol"], alert["alert_type"], alert["timestamp"]) for alert in told]

    plain = alerts(await listen(one_day, redis_url, database_url))
    settings = quiet_settings(alert_hysteresis="RSI:3 MACD:1", alert_cooldown_minutes=30)
    damped = alerts(await listen(one_day, redis_url, database_url, settings=settings, again=True))
    assert 0 < len(damped) < len(plain) / 2
    last: dict[tuple[str, str], np.datetime64] = {}
    for symbol, alert_type, timestamp in damped:
        moment = np.datetime64(timestamp.removesuffix("Z"))
        if (symbol, alert_type) in last:
            assert moment - last[symbol, alert_type] >= np.timedelta64(30, "m")
        last[symbol, alert_type] = moment


async def test_a_wrong_hysteresis_is_told_before_anything_starts(
    one_day: Path, redis_url: str, database_url: str
) -> None:
    with pytest.raises(TickStockError, match="names no indicator that raises alerts"):
        replay_service(one_day, redis_url, database_url, settings=quiet_settings(alert_hysteresis="SMA:1"))
