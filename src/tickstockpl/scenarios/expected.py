"""What a scenario must come to, read off its script."""

from collections.abc import Iterator, Sequence

from tickstockpl.analysis.indicators.definition import DEFAULT_INDICATORS
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.scenarios.facts import Facts, critical, started, stopped
from tickstockpl.scenarios.formations import CONFIDENT, Formation
from tickstockpl.scenarios.scenario import Scenario


def expected(scenario: Scenario, symbols: Sequence[str], open_ms: int) -> Facts:
    """Every event of a scenario, health left out.

    Args:
        scenario: the script.
        symbols: the universe; the first ones take the parts.
        open_ms: when its minute 0 begins, milliseconds since the epoch.
    """
    facts = Facts()

    def add(channel: Channel, minute: int, *words: str) -> None:
        known = facts.afterwards if scenario.is_cut(minute) else facts.sent
        known[channel][(*words, to_iso(open_ms + (minute + 1) * MINUTE_MS))] += 1

    for position, minute, formation, its_minute in _findings(scenario):
        symbol = symbols[position]
        for alert in formation.alerts.get(its_minute, "").split():
            add(Channel.INDICATOR_ALERTS, minute, alert, symbol)
        for pattern in formation.patterns.get(its_minute, "").split():
            add(Channel.PATTERNS, minute, pattern.removesuffix(CONFIDENT), symbol)
            if pattern.endswith(CONFIDENT):
                add(Channel.HIGH_CONFIDENCE_PATTERNS, minute, pattern.removesuffix(CONFIDENT), symbol)
    for minute in range(scenario.minutes):
        for indicator in DEFAULT_INDICATORS:
            for symbol in symbols[: scenario.symbols]:
                add(Channel.INDICATORS, minute, indicator.instance, symbol)
    if scenario.cut is not None:
        alerts = facts.sent[Channel.CRITICAL_ALERTS]
        alerts[critical("critical", "polygon_websocket", recovery=False)] += 1
        alerts[critical("info", "polygon_websocket", recovery=True)] += 1
        alerts[critical("warning", "polygon_websocket", recovery=False)] += 1  # so many minutes were fetched afterwards
    patterns, indicators = (
        facts.sent[channel].total() + facts.afterwards[channel].total()
        for channel in (Channel.PATTERNS, Channel.INDICATORS)
    )
    facts.sent[Channel.SESSION_STARTED][started(len(symbols))] += 1
    status = "completed" if scenario.to_the_close else "stopped"
    facts.sent[Channel.SESSION_STOPPED][stopped(status, patterns, indicators)] += 1
    return facts


def _findings(scenario: Scenario) -> Iterator[tuple[int, int, Formation, int]]:
    """A symbol, a minute, the formation that it is in, and the minute of that."""
    for symbol in range(scenario.symbols):
        base, phase = scenario.base(symbol)
        for minute in range(scenario.minutes):
            yield symbol, minute, base, (minute + phase) % len(base.candles)
    for symbol, first, formation in scenario.cues:
        for minute in range(first, scenario.minutes):
            yield symbol, minute, formation, minute - first
