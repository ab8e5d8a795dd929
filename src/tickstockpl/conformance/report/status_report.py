"""The report itself."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from tickstockpl.conformance.report.criteria import criteria
from tickstockpl.conformance.report.evidence import LIVE_SOURCES, Environment, Evidence
from tickstockpl.conformance.report.marks import Mark, Sign, worst
from tickstockpl.conformance.report.status import channel_marks, table_marks
from tickstockpl.contract.timestamps import from_iso
from tickstockpl.market.calendar import MarketCalendar, in_words

MOCK_DATA: Final = "tests/mock_data/"


class StatusReport(Struct, frozen=True):
    """The specification's Streaming Status Report.

    Attributes:
        date: when it was made, contract timestamp.
        reporter: who made it.
        environment: where.
        sources: whose market was heard.
        seconds: wall time that was listened.
        channels: status of the eight channels.
        tables: status of the four tables.
        criteria: the eight success criteria.
        live: whether a market of today was heard.
        next_open: when the exchange opens next, in words.
        issues: what is not as it should be, or cannot be known.
        outcome: the worst of all criteria.
    """

    date: str
    reporter: str
    environment: Environment
    sources: list[str]
    seconds: float
    channels: list[Mark]
    tables: list[Mark]
    criteria: list[Mark]
    live: bool
    next_open: str
    issues: list[str]
    outcome: Sign


def report(evidence: Evidence, reporter: str, calendar: MarketCalendar) -> StatusReport:
    """Fill the report in.

    Args:
        evidence: what it rests on.
        reporter: who makes it.
        calendar: the exchange's regular hours.
    """
    verification = evidence.verification
    marks = criteria(evidence, calendar)
    day = next(day for day in calendar.days_to_come(from_iso(verification.ended_at)))
    if day.open_ms <= from_iso(verification.ended_at):
        upcoming = calendar.days_to_come(day.close_ms)
        day = next(upcoming)
    return StatusReport(
        date=verification.ended_at,
        reporter=reporter,
        environment=evidence.environment,
        sources=verification.sources,
        seconds=verification.seconds,
        channels=channel_marks(evidence),
        tables=table_marks(evidence),
        criteria=marks,
        live=any(source.startswith(LIVE_SOURCES) for source in verification.sources),
        next_open=in_words(day.open_ms),
        issues=list(_issues(evidence)),
        outcome=worst(mark.sign for mark in marks),
    )


def _issues(evidence: Evidence) -> Iterator[str]:
    for finding in evidence.verification.findings:
        if finding.outcome == "fail":
            where = ", ".join(f"{offence.where} ({offence.count:,})" for offence in finding.offences)
            yield f"{finding.rule}: {finding.said}{f': {where}' if where else ''}"
        elif finding.outcome == "unknown":
            yield f"{finding.rule}, not known: {finding.said}"
    for played in evidence.played:
        if not played.passed:
            yield f"scenario {played.name} did not come to what it has to"
