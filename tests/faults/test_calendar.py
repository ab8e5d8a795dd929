"""Days on which the exchange keeps other hours, through the whole service: sessions open and close when it does."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from tests.streaming.market_files import play, quiet_settings, replay_service
from tests.support import Subscriber
from tickstockpl.contract.channels import Channel

EARLY_CLOSE = "bars_2015-12-23_goog_early_close.csv.gz"

BODY = {Channel.PATTERNS: "detection", Channel.INDICATORS: "calculation", Channel.INDICATOR_ALERTS: "alert"}
"""Under which name an event of the market holds its own time."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A session as a subscriber heard it.

    Attributes:
        opened: when it was said to have started.
        closed: when it was said to have stopped.
        final_status: how.
        bars_at: closes of the bars between the two, each once, in order.
        others_at: times of the patterns, indicator values and alerts between the two.
    """

    opened: str
    closed: str
    final_status: str
    bars_at: Sequence[str]
    others_at: Sequence[str]


async def sessions_of(path: Path, redis_url: str, database_url: str, *, extended_hours: bool = False) -> list[Heard]:
    """Replay a file and return its sessions; outside of them nothing of the market may be heard."""
    settings = quiet_settings(patterns="all", min_confidence=0, extended_hours=extended_hours)
    with Subscriber(redis_url) as heard:
        await play(replay_service(path, redis_url, database_url, settings=settings))
    return list(_sessions((Channel(name), json.loads(payload)) for name, payload in heard.messages))


def _sessions(events: Iterator[tuple[Channel, Any]]) -> Iterator[Heard]:
    opened = None
    bars_at: list[str] = []
    others_at: list[str] = []
    for channel, event in events:
        if channel is Channel.SESSION_STARTED:
            assert opened is None, "a session starts within another"
            opened, bars_at, others_at = event["session"]["started_at"], [], []
        elif channel is Channel.SESSION_STOPPED:
            assert opened is not None, "a session stops that has not started"
            session = event["session"]
            yield Heard(opened, session["stopped_at"], session["final_status"], bars_at, others_at)
            opened = None
        elif channel is Channel.BARS:
            assert opened is not None, f"bars outside a session: {event}"
            bars_at.append(event["timestamp"])
        elif channel in BODY:
            assert opened is not None, f"an event outside a session: {event}"
            others_at.append(event[BODY[channel]]["timestamp"])


def hours(sessions: Sequence[Heard]) -> list[tuple[str, str]]:
    """When each of them opened and closed, to the minute; all must be complete."""
    assert {session.final_status for session in sessions} == {"completed"}
    return [(session.opened[:16], session.closed[:16]) for session in sessions]


def write_bars(path: Path, minutes: Sequence[str]) -> Path:
    """A file with a bar of one symbol in each of some minutes (UTC, to the minute)."""
    rows = [f"{minute}:00Z,IBM,{100 + n},{102 + n},{99 + n},{101 + n},500" for n, minute in enumerate(sorted(minutes))]
    path.write_text("\n".join(["timestamp,symbol,open,high,low,close,volume", *rows, ""]))
    return path


def around(session: tuple[str, str]) -> tuple[list[str], list[str]]:
    """The first and the last minute of a session; and the minutes just before and after it."""
    opens, closes = map(datetime.fromisoformat, session)
    minute = timedelta(minutes=1)
    return (
        [f"{moment:%Y-%m-%dT%H:%M}" for moment in (opens, closes - minute)],
        [f"{moment:%Y-%m-%dT%H:%M}" for moment in (opens - minute, closes)],
    )


async def plays_only(
    expected: Sequence[tuple[str, str]], closed_days: Sequence[str], path: Path, redis_url: str, database_url: str
) -> None:
    """Replay minutes at both edges of some sessions and on closed days: what lies within the sessions goes out."""
    inside = [minute for session in expected for minute in around(session)[0]]
    outside = [minute for session in expected for minute in around(session)[1]]
    write_bars(path, [*inside, *outside, *closed_days])

    sessions = await sessions_of(path, redis_url, database_url)

    assert hours(sessions) == list(expected)
    for session, (opens, closes) in zip(sessions, expected, strict=True):
        first_close = datetime.fromisoformat(opens) + timedelta(minutes=1)
        assert [moment[:16] for moment in session.bars_at] == [f"{first_close:%Y-%m-%dT%H:%M}", closes]
    with psycopg.connect(database_url) as connection:
        query = "SELECT to_char(minute AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI') FROM bars_1min ORDER BY minute"
        assert [minute for (minute,) in connection.execute(query)] == inside


async def test_an_early_close_ends_the_session_and_what_is_traded_later_is_not_heard(
    test_data: Path, redis_url: str, database_url: str
) -> None:
    sessions = await sessions_of(test_data / EARLY_CLOSE, redis_url, database_url)
    assert hours(sessions) == [
        ("2015-12-23T14:30", "2015-12-23T21:00"),
        ("2015-12-24T14:30", "2015-12-24T18:00"),
        ("2015-12-28T14:30", "2015-12-28T21:00"),
    ]
    for session in sessions:
        assert session.bars_at
        assert session.others_at
        for moment in (*session.bars_at, *session.others_at):
            assert session.opened < moment <= session.closed
    with psycopg.connect(database_url) as connection:
        late = "SELECT count(*) FROM bars_1min WHERE minute >= '2015-12-24T18:00Z' AND minute < '2015-12-28T14:30Z'"
        assert connection.execute(late).fetchone() == (0,)


async def test_with_extended_hours_what_is_traded_around_the_regular_ones_is_heard(
    test_data: Path, redis_url: str, database_url: str
) -> None:
    sessions = await sessions_of(test_data / EARLY_CLOSE, redis_url, database_url, extended_hours=True)
    assert hours(sessions) == [
        ("2015-12-23T09:00", "2015-12-24T01:00"),
        ("2015-12-24T09:00", "2015-12-24T22:00"),
        ("2015-12-28T09:00", "2015-12-29T01:00"),
    ]
    for session in sessions:
        for moment in (*session.bars_at, *session.others_at):
            assert session.opened < moment <= session.closed
    christmas_eve = sessions[1]
    for heard in (christmas_eve.bars_at, christmas_eve.others_at):
        assert any(moment < "2015-12-24T14:30" for moment in heard)
        assert any(moment > "2015-12-24T18:01" for moment in heard)
    with gzip.open(test_data / EARLY_CLOSE, "rt") as rows, psycopg.connect(database_url) as connection:
        (stored,) = connection.execute("SELECT count(*) FROM bars_1min").fetchone() or (0,)
        assert stored == sum(1 for _ in rows) - 1, "every bar of the file lies in extended hours"
        days = "SELECT trading_date::text, started_at AT TIME ZONE 'UTC' FROM streaming_sessions JOIN session_sources "
        days += "USING (session_id) ORDER BY started_at"
        assert [day for day, _ in connection.execute(days)] == ["2015-12-23", "2015-12-24", "2015-12-28"]


async def test_sessions_follow_new_york_through_both_changes_of_daylight_saving(
    tmp_path: Path, redis_url: str, database_url: str
) -> None:
    expected = [
        ("2025-03-07T14:30", "2025-03-07T21:00"),
        ("2025-03-10T13:30", "2025-03-10T20:00"),
        ("2025-10-31T13:30", "2025-10-31T20:00"),
        ("2025-11-03T14:30", "2025-11-03T21:00"),
    ]
    await plays_only(expected, [], tmp_path / "daylight_saving.csv", redis_url, database_url)


async def test_a_holiday_and_a_weekend_have_no_session(tmp_path: Path, redis_url: str, database_url: str) -> None:
    expected = [("2025-07-03T13:30", "2025-07-03T17:00"), ("2025-07-07T13:30", "2025-07-07T20:00")]
    closed_days = ["2025-07-04T15:00", "2025-07-05T15:00", "2025-07-06T15:00"]
    await plays_only(expected, closed_days, tmp_path / "independence_day.csv", redis_url, database_url)
