"""``verify`` beside a real service, on real Redis and PostgreSQL."""

import asyncio

import psycopg
import pytest
import redis

from tests.conformance.recording import (
    Recording,
    broken,
    changed,
    fifty_one,
    finding,
    late,
    lower_case,
    no_timeframe,
    position,
    text_for_a_number,
    unsure,
)
from tests.streaming.test_simulated_service import simulate
from tests.support import eventually_async, listens
from tickstockpl.conformance.findings import Finding
from tickstockpl.conformance.fingerprints import Fingerprints
from tickstockpl.conformance.heard import Heard
from tickstockpl.conformance.listening import verify
from tickstockpl.conformance.rows import StoredRows
from tickstockpl.conformance.rules.tables import TableRule
from tickstockpl.conformance.verifier import Verification, Verifier
from tickstockpl.contract.channels import Channel
from tickstockpl.errors import TickStockError
from tickstockpl.store.read_pool import ReadPool


async def beside(redis_url: str, database_url: str | None, duration_s: float | None = None) -> Verification:
    """A real service's whole session, verified while it runs."""
    listening = asyncio.create_task(verify(redis_url, database_url, duration_s, asyncio.Event()))
    await eventually_async(lambda: listens(redis_url, "tickstockpl-verify"), what="verify has subscribed")
    await simulate("verified", redis_url, database_url or "")
    return await listening


async def test_a_real_session_passes_with_its_tables(redis_url: str, database_url: str) -> None:
    verification = await beside(redis_url, database_url)
    assert broken(verification) <= {"latency"}, verification.findings
    tables = finding(verification, "tables")
    assert tables.outcome == "pass", tables
    assert "each of " in tables.said
    events = sum(
        one.messages
        for one in verification.channels
        if one.channel.endswith(("patterns:streaming", "indicators:streaming", "alerts:indicators"))
    )
    compared = int("".join(sign for sign in tables.said.partition(" events")[0] if sign.isdigit()))
    assert compared > 0.9 * events, "but for the first minute, all is compared"
    latency = [one for one in verification.channels if one.latency_ms is not None]
    assert {one.latency_of for one in latency} == {"checkpoint"}


def planted(recording: Recording) -> Recording:
    """One recording with one of everything that can be wrong."""
    spoilt = recording
    for channel, change, number in (
        (Channel.INDICATORS, no_timeframe, 700),
        (Channel.INDICATORS, lower_case, 900),
        (Channel.INDICATOR_ALERTS, text_for_a_number, 5),
        (Channel.HIGH_CONFIDENCE_PATTERNS, unsure, 2),
        (Channel.PATTERNS, fifty_one, 4),
        (Channel.HEALTH, late, sum(name == Channel.HEALTH for name, _ in recording)),
    ):
        spoilt = changed(spoilt, channel, change, number)
    early = spoilt[position(spoilt, Channel.INDICATORS, 10)]
    again = spoilt[position(spoilt, Channel.INDICATOR_ALERTS, 9)]
    spoilt.insert(position(spoilt, Channel.INDICATORS, 2000), early)
    spoilt.insert(position(spoilt, Channel.INDICATOR_ALERTS, 9), again)
    del spoilt[position(spoilt, Channel.BARS, 12)]
    return spoilt


async def test_every_one_of_many_faults_is_told_at_once(recording: Recording, redis_url: str) -> None:
    """Published by somebody, heard through a real Redis."""
    listening = asyncio.create_task(verify(redis_url, None, None, asyncio.Event()))
    with redis.Redis.from_url(redis_url) as client:
        await eventually_async(lambda: listens(redis_url, "tickstockpl-verify"), what="verify has subscribed")
        with client.pipeline(transaction=False) as pipeline:
            for channel, payload in planted(recording):
                pipeline.publish(channel, payload)
            pipeline.execute()
    verification = await listening
    found = broken(verification) - {"latency"}  # it was recorded
    assert found == {"schema", "ordering", "duplicates", "gaps", "high confidence", "health"}
    schema = {
        (offence.where, one.field) for offence in finding(verification, "schema").offences for one in offence.first
    }
    assert schema == {
        (Channel.INDICATORS, "$.calculation.timeframe"),
        (Channel.INDICATORS, "$.calculation.symbol"),
        (Channel.INDICATOR_ALERTS, "$.alert.data.value"),
        (Channel.PATTERNS, "$.patterns"),
    }
    for rule, channel in (
        ("high confidence", Channel.HIGH_CONFIDENCE_PATTERNS),
        ("ordering", Channel.INDICATORS),
        ("duplicates", Channel.INDICATOR_ALERTS),
        ("gaps", Channel.BARS),
        ("health", Channel.HEALTH),
    ):
        assert channel in {offence.where for offence in finding(verification, rule).offences}, rule


SPOILS = {
    "a row is lost": (
        "DELETE FROM intraday_indicators WHERE id = (SELECT max(id) FROM intraday_indicators)",
        "intraday_indicators",
        " events and there are ",
    ),
    "a row is doubled": (
        """INSERT INTO intraday_patterns (id, session_id, symbol, pattern_type, confidence, detected_at)
           SELECT -1, session_id, symbol, pattern_type, confidence, detected_at FROM intraday_patterns
           ORDER BY id DESC LIMIT 1""",
        "intraday_patterns",
        " events and there are ",
    ),
    "a row is another symbol's": (
        "UPDATE intraday_indicators SET symbol = 'ZZZZ' WHERE id = (SELECT max(id) FROM intraday_indicators)",
        "intraday_indicators",
        "they name other symbols or kinds",
    ),
    "an alert is lost": (
        "DELETE FROM indicator_alerts WHERE id = (SELECT max(id) FROM indicator_alerts)",
        "indicator_alerts",
        " events and there are ",
    ),
    "health is lost": (
        "DELETE FROM streaming_health_metrics WHERE id = (SELECT max(id) FROM streaming_health_metrics)",
        "streaming_health_metrics",
        "there were 1 events and there are 0 rows",
    ),
    "totals are others": (
        "UPDATE streaming_sessions SET total_patterns = total_patterns + 1",
        "streaming_sessions",
        "was said to have",
    ),
    "the session never ended": (
        "UPDATE streaming_sessions SET stopped_at = NULL, final_status = NULL",
        "streaming_sessions",
        "has None",
    ),
}


async def compared(database_url: str, heard: Recording) -> Finding:
    """What is found in the tables of a stream that was heard whole."""
    verifier, tables = Verifier(0), TableRule()
    for channel, payload in heard:
        tables.take(verifier.take(channel, payload, 0))
    pool = ReadPool(database_url)
    await pool.open()
    try:
        return await tables.compare(StoredRows(pool), verifier.sessions, missed=False)
    finally:
        await pool.close()


@pytest.mark.parametrize("spoil", SPOILS)
async def test_tables_that_differ_are_told(
    spoil: str, redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickstockpl.conformance.rules.tables.STORED_WITHIN_S", 0.0)
    statement, table, reason = SPOILS[spoil]
    heard: Recording = await simulate("spoilt", redis_url, database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        assert connection.execute(statement.encode()).rowcount == 1
    found = await compared(database_url, heard)
    assert found.outcome == "fail"
    (offence,) = found.offences
    assert offence.where == table
    assert reason in offence.first[0].reason


async def test_a_foreign_producer_without_our_tables_is_compared_by_its_four(redis_url: str, database_url: str) -> None:
    heard: Recording = await simulate("foreign", redis_url, database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        for table in ("indicator_alerts", "session_sources", "critical_alerts", "bars_1min"):
            connection.execute(f"DROP TABLE {table} CASCADE".encode())
    found = await compared(database_url, heard)
    assert found.outcome == "pass", found
    assert found.said.endswith("the producer has no table indicator_alerts")


async def test_no_tables_at_all_are_a_fault(recording: Recording, empty_database_url: str) -> None:
    found = await compared(empty_database_url, recording)
    assert found.outcome == "fail"
    assert "lacks tables" in found.said


async def test_without_a_database_nothing_is_known_of_the_tables(redis_url: str) -> None:
    verification = await verify(redis_url, None, 0.1, asyncio.Event())
    assert finding(verification, "tables") == Finding("tables", "unknown", "no database was named", [])
    assert verification.outcome == "fail", "nothing was heard"


async def test_servers_that_do_not_answer_are_named(redis_url: str) -> None:
    with pytest.raises(TickStockError, match=r"Redis at redis://127\.0\.0\.1:1"):
        await verify("redis://127.0.0.1:1", None, 1, asyncio.Event())
    with pytest.raises(TickStockError, match=r"127\.0\.0\.1"):
        await verify(redis_url, "postgresql://nobody:secret@127.0.0.1:1/none", 1, asyncio.Event())


def test_fingerprints_know_what_was_heard_in_part_and_no_order() -> None:
    one, other = Fingerprints(), Fingerprints()
    for time_ms in (1, 2, 3):
        one.add(time_ms, "AAPL", "Doji")
        one.add(time_ms, "MSFT", "Hammer")
        other.add(time_ms, "MSFT", "Hammer")
        other.add(time_ms, "AAPL", "Doji")
    assert one.all() == other.all()
    assert list(one.all()) == [1, 2, 3]
    assert one.partial(ended=True) == {1}
    assert one.partial(ended=False) == {1, 3}
    other.add(3, "AAPL", "Doji")
    assert one.all() != other.all()
    assert Heard.read("nowhere", 1, b"", 0).event is None
