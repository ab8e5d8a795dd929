"""The four scenarios are what the specification asks for, and what is expected of them is what there is in them."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from tests.scenarios.playing import OPEN_MS, found_by_engine, symbols_of
from tickstockpl.contract.channels import Channel
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.builder import BarBuilder
from tickstockpl.scenarios.expected import expected
from tickstockpl.scenarios.facts import Facts, critical, stopped
from tickstockpl.scenarios.formations import HAMMER, WAVE
from tickstockpl.scenarios.library import ERROR_RECOVERY, HIGH_VOLUME, MARKET_CLOSE, NORMAL, SCENARIOS
from tickstockpl.scenarios.scenario import Cue, Scenario
from tickstockpl.scenarios.tape import ScriptedTape


def facts(scenario: Scenario) -> Facts:
    return expected(scenario, symbols_of(scenario), OPEN_MS)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda scenario: scenario.name)
def test_the_engine_finds_what_is_expected_and_nothing_else(scenario: Scenario) -> None:
    known = facts(scenario)
    for channel, found in found_by_engine(scenario).items():
        assert found == known.sent[channel] + known.afterwards[channel], channel


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda scenario: scenario.name)
def test_the_trades_of_a_minute_make_its_bars(scenario: Scenario) -> None:
    tape, builder = ScriptedTape(scenario, OPEN_MS), BarBuilder(scenario.symbols)
    for minute in range(scenario.minutes):
        trades, bars = tape.trades(minute), tape.bars(minute)
        assert (np.diff(trades.time_ms) >= 0).all(), "oldest first"
        builder.add(trades)
        (built,) = builder.seal(bars.close_ms)
        assert built.minute_ms == bars.minute_ms == OPEN_MS + minute * MINUTE_MS
        for column in ("index", "open", "high", "low", "close", "volume"):
            assert (getattr(built, column) == getattr(bars, column)).all(), column


def test_normal_operation() -> None:
    known = facts(NORMAL)
    assert (NORMAL.minutes, NORMAL.symbols, NORMAL.healthy) == (30, 500, True)
    assert 50 <= known.sent[Channel.PATTERNS].total() <= 100
    assert 20 <= known.sent[Channel.INDICATOR_ALERTS].total() <= 30
    assert known.sent[Channel.INDICATORS].total() == 30 * 500 * 6
    assert not known.sent[Channel.CRITICAL_ALERTS]


def test_high_volume_in_every_minute() -> None:
    known = facts(HIGH_VOLUME)
    assert HIGH_VOLUME.minutes == 15
    for channel, least in ((Channel.PATTERNS, 1000), (Channel.INDICATOR_ALERTS, 100)):
        by_minute = Counter(time for _, _, time in known.sent[channel].elements())
        assert len(by_minute) == 15
        assert min(by_minute.values()) >= least
    assert known.sent[Channel.HIGH_CONFIDENCE_PATTERNS]


def test_error_recovery() -> None:
    known = facts(ERROR_RECOVERY)
    assert ERROR_RECOVERY.minutes == 15
    assert ERROR_RECOVERY.cut is not None
    assert ERROR_RECOVERY.cut.end - ERROR_RECOVERY.cut.first == 2
    alerts = known.sent[Channel.CRITICAL_ALERTS]
    assert alerts[critical("critical", "polygon_websocket", recovery=False)] == 1
    assert alerts[critical("info", "polygon_websocket", recovery=True)] == 1
    missed = {"2025-10-06T13:36:00.000Z", "2025-10-06T13:37:00.000Z"}
    for channel in (Channel.PATTERNS, Channel.INDICATORS):
        assert {time for _, _, time in known.afterwards[channel]} == missed
        assert not missed & {time for _, _, time in known.sent[channel]}


def test_market_close() -> None:
    known = facts(MARKET_CLOSE)
    assert MARKET_CLOSE.to_the_close
    patterns, indicators = (known.sent[channel].total() for channel in (Channel.PATTERNS, Channel.INDICATORS))
    assert list(known.sent[Channel.SESSION_STOPPED]) == [stopped("completed", patterns, indicators)]


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda scenario: scenario.name)
def test_the_totals_count_what_was_fetched_afterwards_too(scenario: Scenario) -> None:
    known = facts(scenario)
    ((_, patterns, indicators),) = known.sent[Channel.SESSION_STOPPED]
    for said, channel in ((patterns, Channel.PATTERNS), (indicators, Channel.INDICATORS)):
        assert int(said.split()[0]) == known.sent[channel].total() + known.afterwards[channel].total()


def test_a_summary_says_what_there_is() -> None:
    known = facts(NORMAL)
    assert f"{known.sent[Channel.PATTERNS].total()} patterns" in NORMAL.summary
    assert f"{known.sent[Channel.INDICATOR_ALERTS].total()} alerts" in NORMAL.summary
    assert f"{HIGH_VOLUME.waves} of {HIGH_VOLUME.symbols} symbols" in HIGH_VOLUME.summary


def test_waves_are_in_every_phase() -> None:
    phases = {HIGH_VOLUME.base(symbol)[1] for symbol in range(500) if HIGH_VOLUME.base(symbol)[0] is WAVE}
    assert phases == set(range(8))


@pytest.mark.parametrize(
    ("cues", "reason"),
    [
        ([Cue(3, 1, HAMMER), Cue(3, 9, HAMMER)], "symbol 3 performs twice"),
        ([Cue(60, 1, HAMMER)], "no quiet symbol 60 in minute 1"),
        ([Cue(0, 15, HAMMER)], "no quiet symbol 0 in minute 15"),
    ],
)
def test_a_script_whose_outcome_nobody_knows_is_none(cues: list[Cue], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        replace(HIGH_VOLUME, cues=cues)
