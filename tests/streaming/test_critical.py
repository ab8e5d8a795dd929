"""Critical alerts: a definition that raises is switched off and the rest goes on; a session that fails says why."""

import dataclasses
from dataclasses import dataclass

import psycopg
import pytest

from tests.streaming.hand_made import (
    MONDAY,
    TUESDAY,
    HandMadeFeed,
    at,
    events,
    health,
    service_of,
    stopped,
    wandering,
)
from tests.streaming.market_files import play
from tests.support import Subscriber
from tickstockpl.analysis.engine import SwitchedOff
from tickstockpl.analysis.indicators.bank import IndicatorColumns
from tickstockpl.analysis.indicators.definition import IndicatorDefinition
from tickstockpl.analysis.patterns.candles import Candles
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.conditions import Comparison
from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.analysis.patterns.selection import ChosenPattern
from tickstockpl.analysis.patterns.window_candles import WindowCandles
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.codec import decode
from tickstockpl.contract.events import CriticalAlert
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.market.bars import Floats, MinuteBars
from tickstockpl.streaming.critical import LONGEST_COMPONENT, critical_message, definition_switched_off
from tickstockpl.streaming.service import StreamingService
from tickstockpl.streaming.wording import LONGEST


@dataclass
class RaisesLater:
    """A quantity that can be had of two minutes only."""

    minutes: int = 0
    newest: Candles | None = None

    def __call__(self, candles: Candles) -> Floats:
        if isinstance(candles, WindowCandles) and candles is not self.newest:
            self.newest = candles
            self.minutes += 1
        return candles.low(0) / (1 if self.minutes < 3 else 0 // 0)


def faulty() -> PatternDefinition:
    condition = Comparison("low_below_high", RaisesLater(), lambda candles: candles.high(0), strict=False)
    return PatternDefinition(
        "Faulty", "test", "neutral", "indecision", 1, "It raises on its third minute.", "this test", (condition,)
    )


def look_for(service: StreamingService, *patterns: PatternDefinition) -> None:
    chosen = tuple(ChosenPattern(pattern, 0.0) for pattern in patterns)
    plan = dataclasses.replace(service.parts.plan, patterns=chosen)
    service.parts = dataclasses.replace(service.parts, plan=plan)


async def test_one_alert_and_the_rest_goes_on(redis_url: str, database_url: str) -> None:
    feed = HandMadeFeed({MONDAY: wandering(30), TUESDAY: wandering(2, TUESDAY)})
    service = service_of(feed, redis_url, database_url)
    look_for(service, faulty(), PATTERNS["Doji"])
    with Subscriber(redis_url) as subscriber:
        status = await play(service)
    heard = subscriber.messages

    (alert,) = (event["alert"] for event in events(heard, Channel.CRITICAL_ALERTS))
    assert alert == {
        "severity": "error",
        "message": "pattern Faulty was switched off: ZeroDivisionError: integer division or modulo by zero",
        "timestamp": to_iso(at(180)),
        "component": "definition:Faulty",
        "action_required": "correct the definition and restart, or leave Faulty out of TICKSTOCK_PATTERNS",
        "recovery": None,
    }
    channels = [channel for channel, _ in heard]
    assert channels[: channels.index(Channel.CRITICAL_ALERTS)].count(Channel.BARS) == 2, "at once"
    with psycopg.connect(database_url) as connection:
        stored = connection.execute(
            """SELECT severity, message, component, action_required, recovery, trading_date = '2018-02-26'
               FROM critical_alerts JOIN session_sources USING (session_id)"""
        ).fetchall()
    assert stored == [(alert["severity"], alert["message"], alert["component"], alert["action_required"], None, True)]
    assert [note for note in status.notes if "Faulty" in note] == [f"{alert['message']}; {alert['action_required']}"]

    patterns = [event["detection"] for event in events(heard, Channel.PATTERNS)]
    assert {pattern["timestamp"] for pattern in patterns if pattern["pattern_type"] == "Faulty"} == {
        to_iso(at(60)),
        to_iso(at(120)),
    }
    assert len([pattern for pattern in patterns if pattern["pattern_type"] == "Doji"]) == 32
    assert len(events(heard, Channel.BARS)) == 32
    assert [summary.final_status for summary in status.summaries] == ["completed", "completed"]


async def test_health_tells_for_as_long_as_the_service_runs(redis_url: str, database_url: str) -> None:
    feed = HandMadeFeed({MONDAY: wandering(5), TUESDAY: wandering(2, TUESDAY)})
    service = service_of(feed, redis_url, database_url)
    look_for(service, faulty())
    with Subscriber(redis_url) as subscriber:
        await play(service)
    told = health(subscriber.messages)
    issue = "Switched off: pattern Faulty (ZeroDivisionError: integer division or modulo by zero)"
    assert [event["issues"] for event in told[:3]] == [[], [], []]
    assert {(event["status"], *event["issues"]) for event in told[3:]} == {("warning", issue)}
    assert told[-1]["timestamp"] == to_iso(TUESDAY.close_ms)


async def test_what_raised_in_the_warm_up_is_told_when_the_session_begins(
    redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @dataclass
    class Refusing:
        definition: IndicatorDefinition

        def update(self, bars: MinuteBars) -> IndicatorColumns:
            raise RuntimeError(f"no handles today for {len(bars)} bars")

    def refusing(definition: IndicatorDefinition, symbol_count: int) -> Refusing:
        assert symbol_count > 0
        return Refusing(definition)

    history = [batch.data for batch in wandering(3) if isinstance(batch.data, MinuteBars)]
    service = service_of(HandMadeFeed({TUESDAY: wandering(3, TUESDAY)}, history=history), redis_url, database_url)
    monkeypatch.setattr("tickstockpl.analysis.engine.open_bank", refusing)
    with Subscriber(redis_url) as subscriber:
        await play(service)
    alerts = [event["alert"] for event in events(subscriber.messages, Channel.CRITICAL_ALERTS)]
    assert len(alerts) == 6
    assert alerts[0]["component"] == "definition:RSI_14"
    assert alerts[0]["action_required"].endswith("leave RSI_14 out of TICKSTOCK_INDICATORS")
    assert {alert["timestamp"] for alert in alerts} == {to_iso(TUESDAY.open_ms)}
    channels = [channel for channel, _ in subscriber.messages if channel != Channel.CHECKPOINT]
    assert channels[:7] == [Channel.SESSION_STARTED, *[Channel.CRITICAL_ALERTS] * 6]


def test_what_a_definition_says_of_itself_cannot_harm_the_alert() -> None:
    alert = definition_switched_off(SwitchedOff("pattern", "N" * 200, "Error: \x00\ud800\n" + "x" * 5000), 0)
    assert isinstance(decode(*critical_message(alert)), CriticalAlert)
    assert len(alert.component) == LONGEST_COMPONENT
    assert alert.message.isprintable()
    assert len(alert.message) < 2 * LONGEST


async def test_a_session_that_fails_is_told_with_its_reason_and_without_secrets(
    redis_url: str, database_url: str
) -> None:
    feed = HandMadeFeed({MONDAY: [*wandering(2), RuntimeError("postgresql://sam:canary1234@db/market is no feed")]})
    with Subscriber(redis_url) as subscriber, pytest.raises(RuntimeError):
        await play(service_of(feed, redis_url, database_url))
    (event,) = events(subscriber.messages, Channel.CRITICAL_ALERTS)
    alert = event["alert"]
    session = stopped(subscriber.messages)
    assert session["final_status"] == "failed"
    assert alert["message"] == f"session {session['session_id']} failed: postgresql://sam:***@db/market is no feed"
    assert (alert["severity"], alert["component"], alert["recovery"]) == ("critical", "session", None)
    channels = [channel for channel, _ in subscriber.messages]
    assert channels.index(Channel.CRITICAL_ALERTS) < channels.index(Channel.SESSION_STOPPED)
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT message, component, session_id::text FROM critical_alerts").fetchall()
    assert rows == [(alert["message"], "session", session["session_id"])]
