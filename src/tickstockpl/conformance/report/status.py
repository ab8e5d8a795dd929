"""The status of the eight channels and the four tables."""

from collections.abc import Iterator

from tickstockpl.conformance.channel_counts import ChannelFigures
from tickstockpl.conformance.report.evidence import Evidence
from tickstockpl.conformance.report.marks import Mark, Sign
from tickstockpl.conformance.report.tables import TABLES
from tickstockpl.contract.channels import Channel

CHANNELS = (
    Channel.SESSION_STARTED,
    Channel.SESSION_STOPPED,
    Channel.HEALTH,
    Channel.PATTERNS,
    Channel.HIGH_CONFIDENCE_PATTERNS,
    Channel.INDICATORS,
    Channel.INDICATOR_ALERTS,
    Channel.CRITICAL_ALERTS,
)
"""In the order of the specification's template."""


def channel_marks(evidence: Evidence) -> list[Mark]:
    """One for each channel: valid events were heard; none was; or some were not valid."""
    figures = {one.channel: one for one in evidence.verification.channels}
    return [Mark(_sign(figures[channel]), channel, _said(figures[channel])) for channel in CHANNELS]


def table_marks(evidence: Evidence) -> list[Mark]:
    """One for each table: it has rows of the sessions that were heard; none; or there is no such table."""
    if evidence.tables is None:
        return [Mark("⏳", name, evidence.finding("tables").said) for name in TABLES]
    return list(_of_tables(evidence))


def _of_tables(evidence: Evidence) -> Iterator[Mark]:
    for table in evidence.tables or ():
        if table.rows is None:
            yield Mark("❌", table.name, "there is no such table, or it lacks columns")
        else:
            said = f"{table.rows:,} rows of the sessions that were heard"
            yield Mark("✅" if table.rows else "⏳", table.name, said)


def _sign(figures: ChannelFigures) -> Sign:
    return "❌" if figures.violations else "✅" if figures.messages else "⏳"


def _said(figures: ChannelFigures) -> str:
    if not figures.messages:
        return "nothing was heard"
    said = f"{figures.messages:,} events, {figures.violations:,} not valid"
    latency = figures.latency_ms
    return said if latency is None else f"{said}; 95 % heard within {latency.p95:,} ms"
