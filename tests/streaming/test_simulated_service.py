"""The simulated market through the whole producer."""

import json
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from tests.streaming.market_files import play, quiet_settings
from tests.support import Subscriber
from tickstockpl.clock import MAX_SPEED, VirtualClock
from tickstockpl.contract.channels import Channel
from tickstockpl.feeds.simulator import SimulatorFeed
from tickstockpl.market.calendar import MarketCalendar
from tickstockpl.market.universes import load_universe
from tickstockpl.streaming.service import StreamingService

MINUTES = 20
OPEN = "2025-10-06T13:30:00.000Z"

Heard = list[tuple[str, bytes]]


async def simulate(run: str, redis_url: str, database_url: str, seed: int = 7) -> Heard:
    """Twenty minutes of a simulated market, and everything that was published."""
    clock = VirtualClock(MAX_SPEED)
    feed = SimulatorFeed(
        load_universe("demo:top_50", Path("/nonexistent")),
        clock,
        MarketCalendar(),
        seed=seed,
        run=run,
        first_date=date(2025, 10, 5),
    )
    service = StreamingService(
        feed=feed,
        clock=clock,
        settings=quiet_settings(),
        redis_url=redis_url,
        database_url=database_url,
        duration_s=60 * MINUTES,
    )
    with Subscriber(redis_url) as subscriber:
        await play(service)
    return subscriber.messages


def events(heard: Heard, channel: Channel) -> list[dict[str, Any]]:
    return [json.loads(payload) for name, payload in heard if name == channel]


def market(heard: Heard) -> list[tuple[str, str]]:
    """What went out of the market, in order, without the ids of the run."""
    kept = []
    for channel, payload in heard:
        if channel in (Channel.PATTERNS, Channel.HIGH_CONFIDENCE_PATTERNS):
            event = json.loads(payload)
            del event["detection"]["metadata"]["session_id"], event["detection"]["metadata"]["pattern_id"]
            kept.append((channel, json.dumps(event)))
        elif channel in (Channel.BARS, Channel.INDICATORS, Channel.INDICATOR_ALERTS):
            kept.append((channel, payload.decode()))
    return kept


async def test_a_run_is_warm_from_its_first_minute_and_says_that_it_is_simulated(
    redis_url: str, database_url: str
) -> None:
    heard = await simulate("first", redis_url, database_url)

    assert {event["source"] for event in events(heard, Channel.CHECKPOINT)} == {"simulator:first"}
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT source, trading_date FROM session_sources").fetchall() == [
            ("simulator:first", date(2025, 10, 6))
        ]
    (started,) = events(heard, Channel.SESSION_STARTED)
    assert (started["session"]["started_at"], started["session"]["symbol_count"]) == (OPEN, 50)
    (stopped,) = events(heard, Channel.SESSION_STOPPED)
    assert stopped["session"]["duration_seconds"] == 60 * MINUTES

    instances: dict[str, set[str]] = defaultdict(set)
    for event in events(heard, Channel.INDICATORS):
        if event["calculation"]["timestamp"] == "2025-10-06T13:31:00.000Z":
            instances[event["calculation"]["symbol"]].add(event["calculation"]["metadata"]["instance"])
    first_bars = {bar["symbol"] for event in events(heard, Channel.BARS)[:1] for bar in event["bars"]}
    assert len(first_bars) >= 45
    assert set(instances) == first_bars
    assert set(map(frozenset, instances.values())) == {
        frozenset({"RSI_14", "SMA_20", "SMA_50", "SMA_200", "MACD_12_26_9", "BB_20_2"})
    }
    assert events(heard, Channel.PATTERNS)
    assert events(heard, Channel.INDICATOR_ALERTS)


async def test_the_same_seed_and_date_are_the_same_market_under_another_session(
    redis_url: str, database_url: str
) -> None:
    first = await simulate("first", redis_url, database_url)
    second = await simulate("second", redis_url, database_url)
    other = await simulate("third", redis_url, database_url, seed=8)
    assert len(market(first)) > 5000
    assert market(first) == market(second)
    assert market(first) != market(other)
    sessions = [events(heard, Channel.SESSION_STARTED)[0]["session"]["session_id"] for heard in (first, second, other)]
    assert len(set(sessions)) == 3
