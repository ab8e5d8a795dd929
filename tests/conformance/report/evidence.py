"""Evidence for a report: all that is well, until a test says otherwise."""

from typing import Any

from msgspec.structs import replace

from tests.conformance.recording import BEGAN_MS
from tickstockpl.conformance.channel_counts import ChannelFigures
from tickstockpl.conformance.findings import Finding, Outcome
from tickstockpl.conformance.percentiles import Percentiles
from tickstockpl.conformance.report.evidence import Environment, Evidence, Played
from tickstockpl.conformance.report.page import PageSeen
from tickstockpl.conformance.report.sessions import SessionHeard
from tickstockpl.conformance.report.tables import TABLES, TableCount
from tickstockpl.conformance.verifier import Verification
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import to_iso

OPEN_MS = BEGAN_MS
CLOSE_MS = BEGAN_MS + 390 * 60_000
RULES = ("schema", "order", "duplicates", "gaps", "high confidence", "health", "lifecycle", "latency", "tables")
QUICK = Percentiles(100, 10, 40, 60, 80)


def finding(rule: str, outcome: Outcome = "pass") -> Finding:
    return Finding(rule, outcome, f"what {rule} found", [])


def figures(channel: str, messages: int = 7, violations: int = 0) -> ChannelFigures:
    return ChannelFigures(channel, messages, 1.0, violations, None, QUICK, "checkpoint")


def session(**changes: Any) -> SessionHeard:
    whole = SessionHeard("one", OPEN_MS, True, CLOSE_MS, CLOSE_MS, "completed")
    return replace(whole, **changes)


def evidence(**changes: Any) -> Evidence:
    """Everything holds, of a market of today."""
    verification = Verification(
        began_at=to_iso(BEGAN_MS),
        ended_at=to_iso(CLOSE_MS),
        seconds=60.0,
        outcome="pass",
        services=["service"],
        sources=["massive"],
        sessions=["one"],
        channels=[figures(channel) for channel in Channel],
        findings=[finding(rule) for rule in RULES],
    )
    page = PageSeen("http://127.0.0.1:8450", 50, 7, 0, QUICK, "")
    tables = [TableCount(name, 5) for name in TABLES]
    return replace(
        Evidence(Environment.here(), verification, [session()], tables, page, [Played("normal", True)]), **changes
    )


def verified(**changes: Any) -> Evidence:
    """With another verification."""
    usual = evidence()
    return replace(usual, verification=replace(usual.verification, **changes))


def found(rule: str, outcome: Outcome) -> Evidence:
    """With another finding."""
    kept = [one for one in evidence().verification.findings if one.rule != rule]
    return verified(findings=[*kept, finding(rule, outcome)])


def heard(channel: Channel, messages: int, violations: int = 0) -> Evidence:
    """With another channel."""
    others = [one for one in evidence().verification.channels if one.channel != channel]
    return verified(channels=[*others, figures(channel, messages, violations)])
