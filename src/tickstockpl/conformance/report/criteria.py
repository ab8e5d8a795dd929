"""The specification's eight success criteria, each with its evidence."""

from collections.abc import Iterator
from typing import Final

from tickstockpl.conformance.report.evidence import LIVE_SOURCES, Evidence
from tickstockpl.conformance.report.marks import OF_OUTCOME, Mark, Sign, worst
from tickstockpl.conformance.report.sessions import SessionHeard
from tickstockpl.conformance.report.status import channel_marks, table_marks
from tickstockpl.conformance.rules.latency import LIMIT_MS
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.market.calendar import MarketCalendar, MarketDay

PUNCTUAL_MS: Final = 60_000
"""By how much a session may start after the exchange's open, or end after its close, to be at market hours."""

HOUR_S: Final = 3600.0


def criteria(evidence: Evidence, calendar: MarketCalendar) -> list[Mark]:
    """All eight, in the specification's order."""
    return [
        _channels(evidence),
        _tables(evidence),
        _page(evidence),
        _latency(evidence),
        _health(evidence),
        _market_hours(evidence, calendar),
        _live_data(evidence),
        _hour(evidence),
    ]


def _channels(evidence: Evidence) -> Mark:
    marks = channel_marks(evidence)
    valid = sum(mark.sign == "✅" for mark in marks)
    schema = evidence.finding("schema")
    said = f"{valid} of {len(marks)} channels carried valid events only; {schema.said}"
    return Mark(worst(mark.sign for mark in marks), "All 8 Redis channels publishing valid events", said)


def _tables(evidence: Evidence) -> Mark:
    marks = table_marks(evidence)
    filled = sum(mark.sign == "✅" for mark in marks)
    agree = evidence.finding("tables")
    sign = worst((*(mark.sign for mark in marks), OF_OUTCOME[agree.outcome]))
    said = f"{filled} of {len(marks)} have rows of the sessions that were heard; {agree.said}"
    return Mark(sign, "All 4 database tables populated with data", said)


def _page(evidence: Evidence) -> Mark:
    title = "TickStockAppV2 Live Streaming page displays real-time data"
    page = evidence.page
    if page is None:
        return Mark("⏳", title, "no page was watched")
    said = (
        f"{page.address} sent {page.patterns:,} patterns in {page.frames:,} frames and missed {page.missed:,} messages"
    )
    if page.lost:
        return Mark("❌", title, f"{said}; its connection was lost: {page.lost}")
    return Mark("✅" if page.patterns and not page.missed else "❌", title, said)


def _latency(evidence: Evidence) -> Mark:
    title = f"End-to-end latency <{LIMIT_MS}ms (95th percentile)"
    on_channels = evidence.finding("latency")
    if evidence.page is None or evidence.page.latency_ms is None:
        return Mark(OF_OUTCOME[on_channels.outcome], title, f"to a subscriber of Redis: {on_channels.said}")
    found = evidence.page.latency_ms
    sign: Sign = "✅" if found.p95 < LIMIT_MS else "❌"
    said = (
        f"from the producer to the page's connection, of {found.count:,} patterns: p50 {found.p50:,} ms, p95 "
        f"{found.p95:,} ms, p99 {found.p99:,} ms; to a subscriber of Redis: {on_channels.said}"
    )
    return Mark(sign, title, said)


def _health(evidence: Evidence) -> Mark:
    found = evidence.finding("health")
    return Mark(OF_OUTCOME[found.outcome], "Health monitoring accurate and updating every 60 seconds", found.said)


def _market_hours(evidence: Evidence, calendar: MarketCalendar) -> Mark:
    """Whether sessions begin at the open and are completed at the close; what an operator stops, ends earlier."""
    title = "Session lifecycle events trigger correctly at market hours"
    off = list(_off_hours(evidence.sessions, calendar))
    if off:
        return Mark("❌", title, "; ".join(off[:3]))
    at_open = sum(_since_open_ms(session, calendar) <= PUNCTUAL_MS for session in evidence.sessions)
    completed = sum(session.final_status == "completed" for session in evidence.sessions)
    said = (
        f"{len(evidence.sessions)} sessions heard: {at_open} began at the open, {completed} were completed at the close"
    )
    lifecycle = evidence.finding("lifecycle")
    seen: Sign = "✅" if at_open and completed else "⏳"
    return Mark(worst((seen, OF_OUTCOME[lifecycle.outcome])), title, f"{said}; {lifecycle.said}")


def _off_hours(sessions: list[SessionHeard], calendar: MarketCalendar) -> Iterator[str]:
    for session in sessions:
        started, day = to_iso(session.started_ms), calendar.day_at(session.started_ms)
        if day is None or not day.contains(session.started_ms):
            yield f"session {session.session_id} began at {started}, when the exchange is closed"
        elif session.stopped_ms is not None and not _ended_in_time(session, session.stopped_ms, day):
            stopped, close = to_iso(session.stopped_ms), to_iso(day.close_ms)
            yield f"session {session.session_id} was completed at {stopped}, and the exchange closes at {close}"


def _ended_in_time(session: SessionHeard, stopped_ms: int, day: MarketDay) -> bool:
    """Whether a session that was completed was so at the close; one that was stopped may end whenever it is stopped."""
    return session.final_status != "completed" or 0 <= stopped_ms - day.close_ms <= PUNCTUAL_MS


def _since_open_ms(session: SessionHeard, calendar: MarketCalendar) -> float:
    day = calendar.day_at(session.started_ms)
    return float("inf") if day is None else abs(session.started_ms - day.open_ms)


def _live_data(evidence: Evidence) -> Mark:
    title = "Integration tests pass with live data"
    played = evidence.played
    sources = evidence.verification.sources
    live = [source for source in sources if source.startswith(LIVE_SOURCES)]
    passed = sum(one.passed for one in played)
    said = f"{passed} of {len(played)} test scenarios passed" if played else "no test scenario was played"
    heard = f"live sources heard: {', '.join(live) or 'none'}"
    if passed < len(played) or (live and evidence.verification.outcome == "fail"):
        return Mark("❌", title, f"{said}; {heard}")
    return Mark("✅" if live else "⏳", title, f"{said}; {heard}")


def _hour(evidence: Evidence) -> Mark:
    title = "No critical errors during 1-hour streaming session"
    if not evidence.sessions:
        return Mark("⏳", title, "no session was heard")
    longest = max(evidence.sessions, key=lambda session: session.heard_s)
    said = (
        f"the longest session that was heard from its beginning, {longest.heard_s / 60:.0f} minutes of market time: "
        f"{longest.errors} critical errors"
    )
    others = sum(session.errors for session in evidence.sessions if session is not longest)
    if others:
        said += f" ({others} in other sessions)"
    if longest.heard_s < HOUR_S:
        return Mark("⏳", title, said)
    clean = [session for session in evidence.sessions if session.heard_s >= HOUR_S and not session.errors]
    return Mark("✅" if clean else "❌", title, said)
