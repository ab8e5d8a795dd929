"""A session: who it is, how it resumes, and what it announces."""

from datetime import date

import pytest

from tickstockpl.contract.channels import Channel
from tickstockpl.contract.codec import decode
from tickstockpl.contract.events import encode
from tickstockpl.contract.timestamps import from_iso
from tickstockpl.market.calendar import MarketDay
from tickstockpl.store.rows import MinuteRows
from tickstockpl.store.sessions import StoredSession
from tickstockpl.streaming.identity import pattern_id, session_id
from tickstockpl.streaming.session import LiveSession

OPEN = "2018-02-26T14:30:00.000Z"
CLOSE_MS = from_iso("2018-02-26T21:00:00.000Z")
DAY = MarketDay(date(2018, 2, 26), from_iso(OPEN), CLOSE_MS)


@pytest.fixture
def session() -> LiveSession:
    return LiveSession.of_day(DAY, "demo:top_50", "replay:days", 50)


class TestIdentity:
    def test_the_same_source_day_and_universe_is_the_same_session(self, session: LiveSession) -> None:
        assert LiveSession.of_day(DAY, "demo:top_50", "replay:days", 50).id == session.id
        assert session.id.version == 5

    def test_every_part_of_its_key_makes_another_session(self) -> None:
        ids = {
            session_id(source, day, universe, ordinal)
            for source in ("replay:a", "replay:b")
            for day in (date(2018, 2, 26), date(2018, 2, 27))
            for universe in ("demo:top_50", "own:x")
            for ordinal in (1, 2)
        }
        assert len(ids) == 16

    def test_the_ids_never_change_from_release_to_release(self) -> None:
        first = session_id("replay:days", date(2018, 2, 26), "demo:top_50", 1)
        assert str(first) == "0191c4db-3f8e-5884-9ae0-082a97eca9b4"
        assert pattern_id(first, "NVDA", "Doji", "2018-02-26T14:31:00.000Z") == "27f37163-e6d7-5fc8-99e9-182b0d1ff3be"

    def test_every_part_of_a_detection_makes_another_pattern_id(self) -> None:
        sessions = [session_id("replay:days", date(2018, 2, day), "demo:top_50", 1) for day in (26, 27)]
        ids = {
            pattern_id(session, symbol, pattern, minute)
            for session in sessions
            for symbol in ("A", "AA")
            for pattern in ("Doji", "Hammer")
            for minute in ("2018-02-26T14:31:00.000Z", "2018-02-26T14:32:00.000Z")
        }
        assert len(ids) == 16


class TestResuming:
    def test_a_new_session_starts_at_the_open(self, session: LiveSession) -> None:
        assert session.stored_until_ms == DAY.open_ms
        assert (session.patterns, session.indicators) == (0, 0)

    def test_it_goes_on_after_the_last_stored_minute_with_its_totals(self, session: LiveSession) -> None:
        session.resume(StoredSession("stopped", 12, 340, "2018-02-26T15:44:00.000Z", OPEN, None))
        assert session.stored_until_ms == from_iso("2018-02-26T15:45:00.000Z")
        assert (session.patterns, session.indicators) == (12, 340)

    def test_one_that_stored_no_minute_starts_at_the_open_again(self, session: LiveSession) -> None:
        session.resume(StoredSession(None, 0, 0, None, OPEN, None))
        assert session.stored_until_ms == DAY.open_ms

    def test_one_that_was_started_late_keeps_its_start(self, session: LiveSession) -> None:
        late = "2018-02-26T16:00:00.000Z"
        session.resume(StoredSession(None, 0, 0, None, late, None))
        assert session.stored_until_ms == from_iso(late)
        assert session.started.session.started_at == session.opening.started_at == late
        assert session.stopped(CLOSE_MS, "completed").session.duration_seconds == 5 * 3600

    def test_one_that_starts_within_a_minute_streams_from_the_next_on(self) -> None:
        start_ms = from_iso("2018-02-26T16:00:00.001Z")
        session = LiveSession.of_day(DAY, "demo:top_50", "massive", 50, ordinal=2, started_ms=start_ms)
        assert session.started_ms == start_ms
        assert session.stored_until_ms == from_iso("2018-02-26T16:01:00.000Z")
        assert session.opening.ordinal == 2

    def test_none_starts_before_the_open(self) -> None:
        session = LiveSession.of_day(DAY, "demo:top_50", "massive", 50, started_ms=DAY.open_ms - 1)
        assert session.started_ms == session.stored_until_ms == DAY.open_ms


class TestAnnouncements:
    def test_started(self, session: LiveSession) -> None:
        started = session.started
        assert decode(Channel.SESSION_STARTED, encode(started)) == started
        assert started.timestamp == started.session.started_at == OPEN
        assert started.session.session_id == str(session.id) == session.opening.session_id
        assert (started.session.universe, started.session.symbol_count) == ("demo:top_50", 50)
        assert session.contract == started.session

    def test_opening_row(self, session: LiveSession) -> None:
        opening = session.opening
        assert (opening.source, opening.trading_date, opening.ordinal) == ("replay:days", date(2018, 2, 26), 1)
        assert (opening.started_at, opening.universe, opening.symbol_count) == (OPEN, "demo:top_50", 50)

    def test_counts_are_totals_of_what_went_out(self, session: LiveSession) -> None:
        bar = ("NVDA", 1.0, 1.0, 1.0, 1.0, 1)
        pattern = ("NVDA", "Doji", 0.9, 1.0, 1.0, 1.0, 1.0, 1, b"{}")
        indicator = ("NVDA", "RSI", 50.0, b"{}")
        alert = ("NVDA", "RSI_OVERBOUGHT", "RSI", 71.0, 70.0, "above", "warning")
        for _ in range(2):
            session.count(
                MinuteRows(
                    "replay:days", str(session.id), OPEN, OPEN, [bar] * 4, [pattern] * 3, [indicator] * 2, [alert]
                )
            )
        assert (session.bars, session.patterns, session.indicators, session.alerts) == (8, 6, 4, 2)

    @pytest.mark.parametrize("status", ["completed", "stopped", "failed"])
    def test_stopped_event_and_row_agree(self, session: LiveSession, status: str) -> None:
        session.patterns, session.indicators = 1250, 45_000
        stopped = session.stopped(CLOSE_MS, status)  # type: ignore[arg-type]  # one of the three
        assert decode(Channel.SESSION_STOPPED, encode(stopped)) == stopped
        summary = stopped.session
        assert summary.stopped_at == stopped.timestamp == "2018-02-26T21:00:00.000Z"
        assert summary.duration_seconds == 23_400
        row = session.closing(CLOSE_MS, status)  # type: ignore[arg-type]
        assert (row.session_id, row.stopped_at, row.total_patterns, row.total_indicators, row.final_status) == (
            summary.session_id,
            summary.stopped_at,
            summary.total_patterns,
            summary.total_indicators,
            summary.final_status,
        )

    def test_one_that_fails_before_its_open_has_lasted_no_time(self, session: LiveSession) -> None:
        assert session.stopped(DAY.open_ms - 1, "failed").session.duration_seconds == 0
