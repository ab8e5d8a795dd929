"""Scenarios through the real service, on real Redis and PostgreSQL, with ``verify`` beside them."""

import asyncio
import json
from pathlib import Path

import psycopg
import pytest
import redis

from tests.conformance.recording import broken, finding
from tests.streaming.market_files import quiet_settings
from tests.support import eventually_async, listens
from tickstockpl.clock import MAX_SPEED
from tickstockpl.conformance.listening import verify
from tickstockpl.conformance.verifier import Verification
from tickstockpl.contract.channels import Channel
from tickstockpl.errors import TickStockError
from tickstockpl.scenarios.library import ERROR_RECOVERY, MARKET_CLOSE, SCENARIOS
from tickstockpl.scenarios.outcome import Outcome
from tickstockpl.scenarios.play import Performance
from tickstockpl.scenarios.scenario import Scenario

TIMEOUT_S = 120.0

TEST_EVENT = '{"type":"streaming_pattern","detection":{"symbol":"TEST","pattern_type":"Doji","confidence":0.9}}'
"""The specification's own, which is not of the contract."""


PATIENT = {"lag_warning_ms": 60_000, "lag_critical_ms": 60_000}
"""Health's thresholds for a machine that runs other tests too."""


async def play(scenario: Scenario, redis_url: str, database_url: str, speed: float = MAX_SPEED) -> Outcome:
    settings = quiet_settings(**PATIENT)
    return await Performance(scenario, speed, settings, redis_url, database_url).play(asyncio.Event())


async def listening(redis_url: str) -> None:
    await eventually_async(lambda: listens(redis_url, "tickstockpl-verify"), what="verify has subscribed")


async def verified(
    scenario: Scenario, redis_url: str, database_url: str, speed: float = MAX_SPEED
) -> tuple[Outcome, Verification]:
    verifying = asyncio.create_task(verify(redis_url, database_url, None, asyncio.Event()))
    await listening(redis_url)
    outcome = await play(scenario, redis_url, database_url, speed)
    return outcome, await verifying


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda scenario: scenario.name)
async def test_a_scenario_passes_and_conforms(scenario: Scenario, redis_url: str, database_url: str) -> None:
    outcome, verification = await verified(scenario, redis_url, database_url)
    assert outcome.passed, (outcome.wrong, outcome.statements)
    assert broken(verification) <= {"latency"}, verification.findings
    assert finding(verification, "tables").outcome == "pass"


async def test_verify_follows_a_market_that_goes_back_to_an_earlier_hour(redis_url: str, database_url: str) -> None:
    stop = asyncio.Event()
    verifying = asyncio.create_task(verify(redis_url, database_url, TIMEOUT_S, stop))
    await listening(redis_url)
    for scenario in (MARKET_CLOSE, ERROR_RECOVERY, MARKET_CLOSE):
        assert not (await play(scenario, redis_url, database_url)).wrong
    stop.set()
    assert broken(await verifying) <= {"latency"}


async def test_a_cut_of_two_seconds(redis_url: str, database_url: str) -> None:
    outcome = await play(ERROR_RECOVERY, redis_url, database_url, speed=60)
    assert outcome.passed, (outcome.wrong, outcome.statements)
    with psycopg.connect(database_url) as connection:
        told = connection.execute("SELECT message, recovery FROM critical_alerts ORDER BY id").fetchall()
    assert [message.partition(" to the scripted")[0] for message, _ in told[:2]] == [
        "WebSocket connection lost",
        "WebSocket connection restored",
    ]
    assert told[1][1] == "Connection re-established successfully after 2 s"


async def test_the_totals_of_a_completed_session_are_those_of_the_tables(redis_url: str, database_url: str) -> None:
    outcome = await play(MARKET_CLOSE, redis_url, database_url)
    with psycopg.connect(database_url) as connection:
        session = connection.execute(
            "SELECT final_status, total_patterns, total_indicators, (SELECT count(*) FROM intraday_patterns), "
            "(SELECT count(*) FROM intraday_indicators), stopped_at AT TIME ZONE 'America/New_York' "
            "FROM streaming_sessions WHERE session_id = %s",
            [outcome.session_id],
        ).fetchone()
    assert session is not None
    status, patterns, indicators, pattern_rows, indicator_rows, stopped_at = session
    assert (status, patterns, indicators) == ("completed", pattern_rows, indicator_rows)
    assert stopped_at.minute == 0, "a regular or an early close"


async def test_a_row_that_is_lost_is_named(redis_url: str, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
            "CREATE TRIGGER lose BEFORE INSERT ON intraday_patterns FOR EACH ROW "
            "WHEN (NEW.pattern_type = 'EveningStar') EXECUTE FUNCTION lose()"
        )
    outcome = await play(MARKET_CLOSE, redis_url, database_url)
    assert not outcome.passed
    assert [sentence.partition(" 20")[0] for sentence in outcome.wrong] == [
        "patterns:streaming: EveningStar A",
        "patterns:detected: EveningStar A",
    ]
    assert all(sentence.endswith("was not stored") for sentence in outcome.wrong)


async def test_what_somebody_else_publishes_is_told(redis_url: str, database_url: str) -> None:
    """As an operator would, who tries a channel while the market runs."""
    alert = {
        "type": "critical_alert",
        "alert": {
            "severity": "error",
            "message": "not ours",
            "timestamp": "2025-10-06T13:31:00.000Z",
            "component": "somebody",
            "action_required": None,
            "recovery": None,
        },
    }
    with redis.Redis.from_url(redis_url) as client, client.pubsub() as heard:
        heard.subscribe(Channel.SESSION_STARTED)
        playing = asyncio.create_task(play(MARKET_CLOSE, redis_url, database_url))
        await eventually_async(
            lambda: (heard.get_message() or {}).get("type") == "message", what="the session has started"
        )
        client.publish(Channel.PATTERNS, TEST_EVENT)
        client.publish(Channel.CRITICAL_ALERTS, json.dumps(alert))
        outcome = await playing
    assert outcome.wrong == ["alerts:critical: error somebody was received and not expected"]
    (unreadable,) = [said for holds, said in outcome.statements if not holds]
    assert unreadable.startswith("1 messages were not what their channels carry: tickstock:patterns:streaming: ")


async def test_given_up_it_has_no_outcome(redis_url: str, database_url: str) -> None:
    performance = Performance(MARKET_CLOSE, 60, quiet_settings(), redis_url, database_url)
    stop = asyncio.Event()
    playing = asyncio.create_task(performance.play(stop))
    await eventually_async(lambda: performance.progress()[0] >= 1, what="a minute has been played")
    stop.set()
    with pytest.raises(TickStockError, match=r"market-close was stopped after \d+ of 15 minutes"):
        await playing


async def test_a_universe_of_ones_own_may_be_too_small(redis_url: str, database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "market_leaders"
    folder.mkdir()
    (folder / "top_500.csv").write_text("symbol\nNVDA\n")
    settings = quiet_settings(universe_dir=tmp_path)
    with pytest.raises(
        TickStockError, match=r"market_leaders:top_500 has 1 symbols, and scenario market-close needs 500"
    ):
        Performance(MARKET_CLOSE, MAX_SPEED, settings, redis_url, database_url)
