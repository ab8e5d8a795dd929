"""The service on the feed, with real servers: what an operator is told, what is stored, and what nobody gets to see."""

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from tests.feeds.massive.conftest import MINUTES, SYMBOLS
from tests.feeds.massive.listening import by_key, options
from tests.feeds.massive.test_faults import (
    Fault,
    be_mute,
    close_cleanly,
    cut,
    freeze,
    refuse_a_while,
    send_garbage,
    stay_away,
    time_out,
    truncate,
)
from tests.massive_server import MassiveServer, Tape
from tests.streaming.live import RunningClock, running
from tests.streaming.market_files import quiet_settings
from tests.support import Subscriber, eventually_async
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import from_iso
from tickstockpl.feeds.massive import refusals
from tickstockpl.feeds.massive.feed import MassiveFeed
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.universes import plain_universe
from tickstockpl.streaming.service import StreamingService

TapeOf = Callable[..., Awaitable[Tape]]

COMPONENT = "polygon_websocket"


LULL_S = 5.0
"""A busy machine may say nothing for a second; where silence is not the fault, it is not to be taken for one."""


def service_on(
    server: MassiveServer, clock: RunningClock, redis_url: str, database_url: str, mute_s: float = LULL_S
) -> StreamingService:
    chosen = options(server, mute_s=mute_s)
    feed = MassiveFeed(plain_universe("own:five", SYMBOLS), clock, MarketCalendar(), chosen)
    return StreamingService(
        feed=feed,
        clock=clock,
        settings=quiet_settings(),
        redis_url=redis_url,
        database_url=database_url,
        duration_s=MINUTES * 60,
        secrets=[chosen.api_key],
    )


def told(subscriber: Subscriber, component: str = COMPONENT) -> list[dict[str, Any]]:
    """The critical alerts of a component, in their order."""
    alerts = [json.loads(payload)["alert"] for name, payload in subscriber.messages if name == Channel.CRITICAL_ALERTS]
    return [alert for alert in alerts if alert["component"] == component]


def issues(subscriber: Subscriber) -> list[str]:
    """What health has said."""
    events = [json.loads(payload) for name, payload in subscriber.messages if name == Channel.HEALTH]
    return [issue for event in events for issue in event["health"]["issues"]]


def stored_bars(url: str) -> dict[tuple[int, str], tuple[float, float, float, float, int]]:
    """The bars as their source has them in the end."""
    found = {}
    with psycopg.connect(url) as connection:
        for table, order in (("bars_1min", "minute"), ("bar_revisions", "id")):
            rows = connection.execute(
                f"SELECT minute, symbol, open, high, low, close, volume FROM {table} ORDER BY {order}"
            )
            for minute, symbol, *values in rows:
                found[round(minute.timestamp() * 1000), symbol] = tuple(values)
    return found


LOSSES = (cut, be_mute, freeze, close_cleanly, stay_away, refuse_a_while, time_out)
SPOILT = (send_garbage, truncate)
SILENCES = (be_mute, freeze)
SILENCE_S = 1.5


@pytest.mark.parametrize("fault", [*LOSSES, *SPOILT], ids=lambda fault: fault.__name__)
async def test_whatever_is_lost_is_told_filled_up_and_told_to_be_back(
    fault: Fault,
    tape_of: TapeOf,
    day: MarketDay,
    clock: RunningClock,
    redis_url: str,
    database_url: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(refusals, "TOO_MANY", replace(refusals.TOO_MANY, pause_s=0.2))  # the market runs fast
    caplog.set_level(logging.DEBUG)
    tape = await tape_of("T")
    clock.set(day.open_ms - 60_000)
    async with MassiveServer(tape, clock) as server:
        mute_s = SILENCE_S if fault in SILENCES else LULL_S
        service = service_on(server, clock, redis_url, database_url, mute_s)
        with Subscriber(redis_url) as subscriber:
            async with running(service, redis_url):
                await eventually_async(lambda: service.status.market_ms >= day.open_ms + 150_000, 30)
                await fault(server)
                await eventually_async(lambda: service.status.summaries, 60, what="the end of the session")
        key = options(server).api_key
    alerts = told(subscriber)
    if fault in LOSSES:
        lost, back = (alert for alert in alerts if "WebSocket connection" in alert["message"])
        assert (lost["severity"], back["severity"]) == ("critical", "info")
        assert lost["message"].startswith("WebSocket connection lost to Massive: ")
        assert lost["action_required"]
        assert back["message"] == "WebSocket connection restored"
        assert back["recovery"].startswith("Connection re-established successfully after ")
    else:
        assert any("could not be read" in issue for issue in issues(subscriber))
    assert any("fetched afterwards" in alert["message"] for alert in alerts)
    oracle = by_key(SYMBOLS, tape.between(day.open_ms, day.open_ms + MINUTES * MINUTE_MS).bars)
    assert stored_bars(database_url) == oracle
    with psycopg.connect(database_url) as connection:
        marked = {row[0] for row in connection.execute("SELECT minute FROM bars_1min WHERE backfilled").fetchall()}
        components = {row[0] for row in connection.execute("SELECT component FROM critical_alerts").fetchall()}
    assert marked
    assert COMPONENT in components
    missed = {round(minute.timestamp() * 1000) + MINUTE_MS for minute in marked}
    found = (Channel.PATTERNS, Channel.INDICATORS, Channel.INDICATOR_ALERTS)
    for name, payload in subscriber.messages:
        if name in found:
            event = json.loads(payload)
            body = event.get("detection") or event.get("calculation") or event["alert"]
            assert from_iso(body["timestamp"]) not in missed
    of_the_server = "websockets.server"  # the test's own, which writes what it hears
    assert not any(key in record.getMessage() for record in caplog.records if record.name != of_the_server)
    assert not any(key.encode() in payload for _, payload in subscriber.messages)


async def test_a_key_that_is_withdrawn_ends_the_trying_and_says_so(
    tape_of: TapeOf, day: MarketDay, clock: RunningClock, redis_url: str, database_url: str
) -> None:
    clock.set(day.open_ms - 60_000)
    async with MassiveServer(await tape_of("T"), clock) as server:
        service = service_on(server, clock, redis_url, database_url)
        with Subscriber(redis_url) as subscriber:
            async with running(service, redis_url):
                await eventually_async(lambda: service.status.market_ms >= day.open_ms + 150_000, 30)
                server.refuses = "auth_failed"
                server.cut()
                await eventually_async(lambda: service.status.summaries, 60, what="the end of the session")
        sign_ins = len(server.sign_ins)
    lost, *others = told(subscriber)
    gave_up = next(alert for alert in (lost, *others) if "does not accept the API key" in alert["message"])
    assert gave_up["severity"] == "critical"
    assert gave_up["action_required"].startswith("correct TICKSTOCK_MASSIVE_API_KEY")
    assert any("No data from" in alert["message"] for alert in others), "the gap was silent"
    assert sign_ins == 2
