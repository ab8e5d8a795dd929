"""What comes in and cannot be used: on no channel, in no table, and named in health."""

import asyncio
import json
from pathlib import Path

import numpy as np
import psycopg
import pytest

from tests.streaming.hand_made import (
    MONDAY,
    TUESDAY,
    HandMadeFeed,
    at,
    events,
    health,
    listen,
    service_of,
    stopped,
    wandering,
)
from tests.streaming.market_files import play, replay_service
from tests.support import Subscriber
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.feeds.base import Batch
from tickstockpl.market.bars import MinuteBars

Row = tuple[float, float, float, float, int]

SOUND: Row = (10.0, 11.0, 9.0, 10.5, 100)
HIGH_BELOW_LOW: Row = (10.0, 9.0, 11.0, 10.0, 777)
NOT_A_NUMBER: Row = (10.0, 11.0, 9.0, float("nan"), 777)


def minute(number: int, first: Row, second: Row) -> Batch:
    """Ready-made bars of both symbols for the n-th minute of Monday."""
    open_, high, low, close, volume = (np.array(column) for column in zip(first, second, strict=True))
    bars = MinuteBars(at(60 * number), np.array([0, 1]), open_, high, low, close, volume)
    return Batch(at(60 * number + 60), bars)


class TestBarsThatAreNotSound:
    async def test_they_appear_nowhere_and_the_good_ones_of_their_minute_do(
        self, redis_url: str, database_url: str
    ) -> None:
        batches = [minute(number, SOUND, SOUND) for number in range(20)]
        batches[16] = minute(16, SOUND, HIGH_BELOW_LOW)
        batches[17] = minute(17, NOT_A_NUMBER, HIGH_BELOW_LOW)
        heard = await listen(HandMadeFeed({MONDAY: batches}), redis_url, database_url)

        published = {event["minute"]: [bar["symbol"] for bar in event["bars"]] for event in events(heard, Channel.BARS)}
        whole = {to_iso(at(60 * number)): ["AAA", "BBB"] for number in range(20)}
        assert published == {**{k: v for k, v in whole.items() if k != to_iso(at(1020))}, to_iso(at(960)): ["AAA"]}
        closed_at = {to_iso(at(1020)): {"AAA"}, to_iso(at(1080)): set()}
        for channel, kind in ((Channel.PATTERNS, "detection"), (Channel.INDICATORS, "calculation")):
            for event in (event[kind] for event in events(heard, channel)):
                assert event["symbol"] in closed_at.get(event["timestamp"], {"AAA", "BBB"})
        with psycopg.connect(database_url) as connection:
            rows = connection.execute("SELECT symbol, minute, volume FROM bars_1min").fetchall()
        assert len(rows) == 37
        assert {volume for _, _, volume in rows} == {100}

    async def test_health_names_how_many_and_the_newest_for_a_minute(self, redis_url: str, database_url: str) -> None:
        batches = [minute(number, SOUND, SOUND) for number in range(6)]
        batches[1] = minute(1, SOUND, HIGH_BELOW_LOW)
        batches[2] = minute(2, NOT_A_NUMBER, HIGH_BELOW_LOW)
        heard = await listen(HandMadeFeed({MONDAY: batches}), redis_url, database_url, duration_s=360)
        assert [(event["timestamp"], event["status"], event["issues"]) for event in health(heard)] == [
            (to_iso(at(0)), "healthy", []),
            (to_iso(at(60)), "healthy", []),
            (to_iso(at(120)), "warning", ["Rejected bars: 1 (BBB 14:31Z: high is below low)"]),
            (to_iso(at(180)), "warning", ["Rejected bars: 3 (AAA 14:32Z: a price is not a finite number)"]),
            (to_iso(at(240)), "healthy", []),
            (to_iso(at(300)), "healthy", []),
            (to_iso(at(360)), "healthy", []),
        ]

    async def test_bars_that_no_feed_should_make_fail_the_session(self, redis_url: str, database_url: str) -> None:
        price = np.array([10.0, 10.0])
        twice = MinuteBars(at(60), np.array([1, 1]), price, price, price, price, np.array([1, 1]))
        service = service_of(HandMadeFeed({MONDAY: [*wandering(1), Batch(at(120), twice)]}), redis_url, database_url)
        with Subscriber(redis_url) as subscriber:
            await service.open()
            with pytest.raises(ValueError, match="did not rise strictly"):
                await service.run(asyncio.Event())
            await service.close()
        assert stopped(subscriber.messages)["final_status"] == "failed"


class TestRowsThatAFileFeedRefused:
    async def test_health_names_them_at_the_start_of_the_first_session(self, redis_url: str, database_url: str) -> None:
        feed = HandMadeFeed({MONDAY: wandering(3), TUESDAY: wandering(3, TUESDAY)})
        feed.report.rejected = 5
        feed.report.messages += ["bars.csv, line 17: high is below low", "bars.csv, line 18: volume is negative"]
        heard = await listen(feed, redis_url, database_url)
        issue = "Rejected rows: 5 (bars.csv, line 17: high is below low)"
        warned = [(event["timestamp"], event["issues"]) for event in health(heard) if event["status"] != "healthy"]
        assert warned == [(to_iso(at(0)), [issue])]

    async def test_a_real_file_s_are_named(self, tmp_path: Path, redis_url: str, database_url: str) -> None:
        path = tmp_path / "bars.csv"
        path.write_text(
            "timestamp,symbol,open,high,low,close,volume\n"
            "2018-02-26T14:30:00Z,AAPL,10,11,9,10,100\n"
            "2018-02-26T14:31:00Z,AAPL,10,9,11,10,100\n"
            "2018-02-26T14:32:00Z,AAPL,10,11,9,10,100\n"
        )
        with Subscriber(redis_url) as subscriber:
            await play(replay_service(path, redis_url, database_url))
        first = json.loads(subscriber.on(Channel.HEALTH)[0])["health"]
        assert first["issues"] == ["Rejected rows: 1 (bars.csv, line 3: high is below low)"]
