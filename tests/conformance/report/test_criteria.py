"""Each of the eight criteria holds, is not known, or does not hold, by its evidence."""

import pytest

from tests.conformance.report.evidence import CLOSE_MS, OPEN_MS, evidence, found, heard, session, verified
from tickstockpl.conformance.percentiles import Percentiles
from tickstockpl.conformance.report.criteria import criteria
from tickstockpl.conformance.report.evidence import Evidence, Played
from tickstockpl.conformance.report.marks import Mark, Sign
from tickstockpl.conformance.report.page import PageSeen
from tickstockpl.conformance.report.tables import TableCount
from tickstockpl.contract.channels import Channel
from tickstockpl.market.calendar import MarketCalendar

CALENDAR = MarketCalendar()
CHANNELS, TABLES, PAGE, LATENCY, HEALTH, HOURS, LIVE, HOUR = range(8)
DAY_MS = 86_400_000


def marks(given: Evidence) -> list[Mark]:
    return criteria(given, CALENDAR)


def page(frames: int = 5, patterns: int = 5, missed: int = 0, p95: int = 50, lost: str = "") -> PageSeen:
    return PageSeen("http://page", frames, patterns, missed, Percentiles(5, 1, p95, p95, p95), lost)


def test_where_everything_was_seen_to_hold_all_hold() -> None:
    assert [mark.sign for mark in marks(evidence())] == ["✅"] * 8


def test_each_mark_rests_on_figures() -> None:
    for mark in marks(evidence()):
        assert any(sign.isdigit() for sign in mark.evidence) or "found" in mark.evidence, mark


def test_they_are_the_specifications(specification: str) -> None:
    titles = [line.partition("✅ ")[2] for line in specification.splitlines() if line[:1].isdigit() and ". ✅ " in line]
    assert [mark.title for mark in marks(evidence())] == titles


@pytest.mark.parametrize(
    ("criterion", "sign", "given"),
    [
        (CHANNELS, "⏳", heard(Channel.CRITICAL_ALERTS, 0)),
        (CHANNELS, "❌", heard(Channel.INDICATORS, 5, violations=1)),
        (TABLES, "⏳", evidence(tables=None)),
        (TABLES, "⏳", evidence(tables=[TableCount("intraday_patterns", 0)])),
        (TABLES, "❌", evidence(tables=[TableCount("intraday_patterns", None)])),
        (TABLES, "❌", found("tables", "fail")),
        (TABLES, "⏳", found("tables", "unknown")),
        (PAGE, "⏳", evidence(page=None)),
        (PAGE, "❌", evidence(page=page(patterns=0))),
        (PAGE, "❌", evidence(page=page(missed=1))),
        (PAGE, "❌", evidence(page=page(lost="it went"))),
        (LATENCY, "✅", evidence(page=page(p95=99))),
        (LATENCY, "❌", evidence(page=page(p95=100))),
        (LATENCY, "✅", evidence(page=None)),
        (HEALTH, "❌", found("health", "fail")),
        (HEALTH, "⏳", found("health", "unknown")),
        (HOURS, "❌", evidence(sessions=[session(started_ms=OPEN_MS - 60_000)])),
        (HOURS, "❌", evidence(sessions=[session(started_ms=OPEN_MS - DAY_MS)])),  # a Sunday
        (HOURS, "❌", evidence(sessions=[session(stopped_ms=CLOSE_MS - 60_000)])),
        (HOURS, "⏳", evidence(sessions=[session(stopped_ms=CLOSE_MS - 60_000, final_status="stopped")])),
        (HOURS, "⏳", evidence(sessions=[session(started_ms=OPEN_MS + 61_000)])),
        (HOURS, "⏳", evidence(sessions=[])),
        (HOURS, "❌", found("lifecycle", "fail")),
        (LIVE, "⏳", verified(sources=["simulator:one"])),
        (LIVE, "✅", evidence(played=[])),
        (LIVE, "❌", evidence(played=[Played("normal", True), Played("market-close", False)])),
        (LIVE, "❌", verified(outcome="fail")),
        (HOUR, "⏳", evidence(sessions=[])),
        (HOUR, "⏳", evidence(sessions=[session(until_ms=OPEN_MS + 3_599_000)])),
        (HOUR, "⏳", evidence(sessions=[session(is_whole=False)])),
        (HOUR, "✅", evidence(sessions=[session(until_ms=OPEN_MS + 3_600_000)])),
        (HOUR, "❌", evidence(sessions=[session(errors=1)])),
        (HOUR, "✅", evidence(sessions=[session(), session(until_ms=OPEN_MS + 60_000, errors=1)])),
    ],
)
def test_one_criterion_by_its_evidence(criterion: int, sign: Sign, given: Evidence) -> None:
    assert marks(given)[criterion].sign == sign, marks(given)[criterion]
