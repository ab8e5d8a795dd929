"""Bars that are not over: told while they form, and no part of what is computed or stored."""

import pytest

from tests.streaming.hand_made import MONDAY, HandMadeFeed, Heard, at, events, listen, trades
from tickstockpl.clock import MAX_SPEED, VirtualClock
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.feeds.base import Batch
from tickstockpl.streaming import forming


def feed() -> HandMadeFeed:
    return HandMadeFeed(
        {
            MONDAY: [
                Batch(at(20), trades((1, 0, 10.0, 100), (2, 1, 20.0, 50))),
                Batch(at(30), trades((21, 0, 11.0, 100))),
                Batch(at(40)),
                Batch(at(60), trades((41, 1, 19.0, 1))),
                Batch(at(90), trades((61, 1, 21.0, 5))),
                Batch(at(120)),
            ]
        }
    )


async def heard_at(speed: float, redis_url: str, database_url: str) -> Heard:
    return await listen(feed(), redis_url, database_url, clock=VirtualClock(speed), duration_s=120)


async def test_what_has_traded_since_is_told_as_it_stands(
    redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forming, "INTERVAL_S", 0.0)
    heard = await heard_at(1.0, redis_url, database_url)
    told = [
        (event["minute"], [(bar["symbol"], bar["close"], bar["high"], bar["volume"]) for bar in event["bars"]])
        for event in events(heard, Channel.FORMING_BARS)
    ]
    assert told == [
        (to_iso(at(0)), [("AAA", 10.0, 10.0, 100), ("BBB", 20.0, 20.0, 50)]),
        (to_iso(at(0)), [("AAA", 11.0, 11.0, 200)]),
        (to_iso(at(60)), [("BBB", 21.0, 21.0, 5)]),
    ]


async def test_once_a_second_at_most(redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forming, "INTERVAL_S", 3600.0)
    assert len(events(await heard_at(1.0, redis_url, database_url), Channel.FORMING_BARS)) == 1


@pytest.mark.parametrize("speed", [60.0, MAX_SPEED])
async def test_a_market_that_runs_fast_has_none_and_otherwise_the_same(
    speed: float, redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forming, "INTERVAL_S", 0.0)
    heard = await heard_at(speed, redis_url, database_url)
    assert events(heard, Channel.FORMING_BARS) == []
    assert [(event["minute"], len(event["bars"])) for event in events(heard, Channel.BARS)] == [
        (to_iso(at(0)), 2),
        (to_iso(at(60)), 1),
    ]
