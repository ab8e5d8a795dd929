"""The report as the specification's template has it."""

from collections.abc import Iterable, Iterator
from typing import Final

from tickstockpl.conformance.report.marks import Mark
from tickstockpl.conformance.report.status_report import MOCK_DATA, StatusReport
from tickstockpl.printable import printable

_ESCAPED: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\`*[]<>|"})


def markdown(report: StatusReport) -> str:
    """The whole report."""
    lines = [
        "# TickStockPL Streaming Status Report",
        "",
        f"**Date**: {report.date}",
        "",
        f"**Reporter**: {_text(report.reporter)}",
        "",
        _where(report),
        "",
        "✅ holds; ⏳ was not seen, or cannot be known; ❌ does not hold.",
        "",
        "## Success Criteria",
        "",
        *_numbered(report.criteria),
        "",
        "## Channel Implementation Status",
        "",
        *_numbered(report.channels),
        "",
        "## Database Tables Status",
        "",
        *_numbered(report.tables),
        "",
        "## Testing Availability",
        "",
        f"- Live testing available: {'YES' if report.live else 'NO: the market that was heard is replayed or made'}",
        f"- Proposed date/time: the exchange's next open, {report.next_open}",
        "- Mock data available: YES",
        f"- Mock data location: {MOCK_DATA}",
        "",
        "## Known Issues",
        "",
        *([f"- {_text(issue)}" for issue in report.issues] or ["None was found."]),
        "",
        "## Questions for TickStockAppV2",
        "",
        "None.",
    ]
    return "\n".join(lines) + "\n"


def _where(report: StatusReport) -> str:
    here = report.environment
    sources = _text(", ".join(report.sources)) or "nobody who says where the market comes from"
    machine = f"{here.system}, Python {here.python}, {here.processors} processors, {here.memory_gb} GB"
    return f"TickStockPL {here.version}, {machine}. Heard for {report.seconds:.0f} s: {sources}."


def _numbered(marks: Iterable[Mark]) -> Iterator[str]:
    for number, mark in enumerate(marks, 1):
        yield f"{number}. {_text(mark.title)}: {mark.sign} - {_text(mark.evidence)}"


def _text(text: str) -> str:
    """Without anything that Markdown, or a terminal, would obey: a producer's words are quoted here."""
    return printable(text).translate(_ESCAPED)
