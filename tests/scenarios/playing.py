"""Scenarios without servers: what their engine finds, and outcomes that are right or spoilt."""

from collections import Counter
from collections.abc import Mapping
from copy import deepcopy

from tickstockpl.analysis.engine import Engine
from tickstockpl.analysis.indicators.definition import DEFAULT_INDICATORS
from tickstockpl.analysis.patterns.selection import select_patterns
from tickstockpl.contract.channels import HIGH_CONFIDENCE, Channel
from tickstockpl.contract.events import ConnectionStatus, DataFlow, Health, HealthStatus, ResourceUsage
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.scenarios.expected import expected
from tickstockpl.scenarios.facts import Fact, Facts
from tickstockpl.scenarios.listener import Heard
from tickstockpl.scenarios.outcome import Outcome, judge
from tickstockpl.scenarios.scenario import HISTORY_MINUTES, Scenario
from tickstockpl.scenarios.tape import ScriptedTape

OPEN_MS = 1_759_757_400_000
"""2025-10-06T13:30:00Z"""


def symbols_of(scenario: Scenario) -> list[str]:
    return [f"S{number}" for number in range(scenario.symbols)]


def found_by_engine(scenario: Scenario) -> Mapping[Channel, Counter[Fact]]:
    """Patterns and alerts of a whole scenario, the cut minutes included."""
    symbols, tape = symbols_of(scenario), ScriptedTape(scenario, OPEN_MS)
    engine = Engine(scenario.symbols, DEFAULT_INDICATORS, select_patterns("all", 0.0))
    engine.warm_up(tape.bars(minute) for minute in range(-HISTORY_MINUTES, 0))
    found: Mapping[Channel, Counter[Fact]] = {
        channel: Counter() for channel in (Channel.PATTERNS, Channel.HIGH_CONFIDENCE_PATTERNS, Channel.INDICATOR_ALERTS)
    }
    for minute in range(scenario.minutes):
        analysis = engine.update(tape.bars(minute))
        closed_at = to_iso(analysis.bars.close_ms)
        for pattern in analysis.patterns:
            for row, confidence in zip(pattern.rows.tolist(), pattern.confidence.tolist(), strict=True):
                fact = (pattern.definition.name, symbols[row], closed_at)
                found[Channel.PATTERNS][fact] += 1
                if confidence >= HIGH_CONFIDENCE:
                    found[Channel.HIGH_CONFIDENCE_PATTERNS][fact] += 1
        for alerts in analysis.alerts:
            for row in alerts.rows.tolist():
                found[Channel.INDICATOR_ALERTS][alerts.rule.alert_type, symbols[row], closed_at] += 1
    return found


def said(status: HealthStatus = "healthy", connection: ConnectionStatus = "connected", *issues: str) -> Health:
    return Health(status, to_iso(OPEN_MS), 500, connection, DataFlow(1.0, 1, 1), ResourceUsage(1.0, 1, 1), list(issues))


class Performed:
    """What a scenario came to, as it should be until a test spoils it."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.expected = expected(scenario, symbols_of(scenario), OPEN_MS)
        self.published = {str(channel): facts.total() for channel, facts in self.expected.sent.items()}
        away = [said("critical", "reconnecting", "lost")] if scenario.cut is not None else []
        health = [said(), *away, *[said()] * scenario.minutes]
        self.published[Channel.HEALTH] = self.stored_health = len(health)
        self.heard = Heard(Facts(sent=deepcopy(dict(self.expected.sent))), health)
        self.stored = deepcopy(Facts(dict(self.expected.sent), dict(self.expected.afterwards)))

    def judged(self) -> Outcome:
        return judge(
            self.scenario, "a session", self.expected, self.published, self.heard, self.stored, self.stored_health
        )
