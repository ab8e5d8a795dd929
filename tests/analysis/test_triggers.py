"""Alerts fire on the crossing, once, and are armed again when the value has come back (far enough, where damped)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.tape import made_minutes
from tickstockpl.analysis.alerts import ALERT_RULES
from tickstockpl.analysis.damping import AlertDamping
from tickstockpl.analysis.engine import Engine, MinuteAnalysis
from tickstockpl.analysis.indicators.bank import IndicatorColumns
from tickstockpl.analysis.indicators.definition import IndicatorDefinition, bollinger_bands, macd, rsi
from tickstockpl.analysis.triggers import AlertTriggers
from tickstockpl.market.bars import MINUTE_MS, MinuteBars

ONE = np.array([0])


def columns(definition: IndicatorDefinition, **outputs: float) -> IndicatorColumns:
    """An indicator of one symbol."""
    return IndicatorColumns(definition, ONE, {name: np.array([value]) for name, value in outputs.items()})


def minute(close: float = 100.0, number: int = 0) -> MinuteBars:
    """A minute of one symbol."""
    price = np.array([close])
    return MinuteBars(number * MINUTE_MS, ONE, price, price, price, price, np.array([100]))


def fired(triggers: AlertTriggers, indicator: IndicatorColumns, close: float = 100.0, number: int = 0) -> list[str]:
    return [alert.rule.alert_type for alert in triggers.update(indicator, minute(close, number))]


def rsi_alerts(
    values: Sequence[float], hysteresis: float = 0, cooldown_minutes: int = 0, minutes: Sequence[int] | None = None
) -> list[list[str]]:
    """What a series of RSI values raises, a minute apart unless ``minutes`` says when they are."""
    definition = rsi(14)
    triggers = AlertTriggers([definition], 1, AlertDamping({"RSI": hysteresis}, cooldown_minutes))
    return [
        fired(triggers, columns(definition, value=value), number=number)
        for value, number in zip(values, minutes or range(len(values)), strict=True)
    ]


def test_a_crossing_fires_once_and_again_after_the_value_came_back() -> None:
    over = ["RSI_OVERBOUGHT"]
    assert rsi_alerts([69, 71, 75, 71, 70, 70.1, 69, 90]) == [[], over, [], [], [], over, [], over]


def test_the_threshold_itself_is_no_crossing() -> None:
    assert rsi_alerts([50, 70, 30, 50]) == [[]] * 4


def test_both_sides_are_watched_apart() -> None:
    assert rsi_alerts([50, 25, 75, 25]) == [[], ["RSI_OVERSOLD"], ["RSI_OVERBOUGHT"], ["RSI_OVERSOLD"]]


def test_a_first_value_beyond_the_threshold_raises_nothing() -> None:
    assert rsi_alerts([80, 85]) == [[], []]
    assert rsi_alerts([80, 60, 80]) == [[], [], ["RSI_OVERBOUGHT"]]


def test_macd_crosses_its_signal_line_from_either_side() -> None:
    definition = macd()
    triggers = AlertTriggers([definition], 1)
    lines = [(-1.0, 0.0), (0.5, 0.0), (0.6, 0.7)]
    assert [
        fired(triggers, columns(definition, value=value, signal=signal, histogram=value - signal))
        for value, signal in lines
    ] == [[], ["MACD_BULLISH_CROSS"], ["MACD_BEARISH_CROSS"]]


def test_the_close_breaks_out_of_the_bands() -> None:
    definition = bollinger_bands()
    triggers = AlertTriggers([definition], 1)
    bands = columns(definition, upper=102.0, value=100.0, lower=98.0)
    closes = [100.0, 102.5, 103.0, 97.0]
    assert [fired(triggers, bands, close) for close in closes] == [[], ["BB_UPPER_BREAK"], [], ["BB_LOWER_BREAK"]]


def test_an_alert_carries_what_crossed_what() -> None:
    definition = bollinger_bands()
    triggers = AlertTriggers([definition], 1)
    bands = columns(definition, upper=102.0, value=100.0, lower=98.0)
    triggers.update(bands, minute(100.0))
    (alert,) = triggers.update(bands, minute(102.5))
    assert (alert.value.tolist(), alert.threshold.tolist()) == ([102.5], [102.0])
    assert alert.definition is definition
    assert alert.rule.direction == "above"


def test_thresholds_are_the_indicator_s_parameters() -> None:
    definition = rsi(14, overbought=80, oversold=20)
    triggers = AlertTriggers([definition], 1)
    assert [fired(triggers, columns(definition, value=value)) for value in (50, 75, 81)] == [
        [],
        [],
        ["RSI_OVERBOUGHT"],
    ]


def test_instances_of_one_indicator_are_armed_apart() -> None:
    fast, slow = rsi(7), rsi(21)
    triggers = AlertTriggers([fast, slow], 1)
    assert fired(triggers, columns(fast, value=60)) == []
    assert fired(triggers, columns(slow, value=80)) == []
    assert fired(triggers, columns(fast, value=80)) == ["RSI_OVERBOUGHT"]


@given(st.lists(st.sampled_from([20.0, 30.0, 50.0, 70.0, 80.0]), max_size=40))
def test_overbought_and_back_alternate(values: list[float]) -> None:
    alerts = rsi_alerts(values)
    above = [value > 70 for value in values]
    expected = [bar for bar in range(1, len(values)) if above[bar] and not above[bar - 1]]
    assert [bar for bar, said in enumerate(alerts) if "RSI_OVERBOUGHT" in said] == expected


class TestHysteresis:
    def test_an_alert_is_armed_again_only_when_the_value_has_come_back_far_enough(self) -> None:
        over = ["RSI_OVERBOUGHT"]
        assert rsi_alerts([69, 71, 69, 71, 68, 71, 68.1, 71], hysteresis=2) == [[], over, [], [], [], over, [], []]

    def test_before_the_first_alert_any_value_on_the_other_side_will_do(self) -> None:
        assert rsi_alerts([69.9, 70.1], hysteresis=5) == [[], ["RSI_OVERBOUGHT"]]

    def test_what_was_true_at_first_has_to_come_back_as_far(self) -> None:
        assert rsi_alerts([71, 69, 71, 60, 71], hysteresis=5) == [[], [], [], [], ["RSI_OVERBOUGHT"]]

    def test_for_bands_it_is_per_cent_of_their_width(self) -> None:
        definition = bollinger_bands()
        triggers = AlertTriggers([definition], 1, AlertDamping({"BB": 25}))
        bands = columns(definition, upper=102.0, value=100.0, lower=98.0)
        broke = ["BB_UPPER_BREAK"]
        assert [fired(triggers, bands, close) for close in (100, 103, 101.5, 103, 101, 103)] == [
            [],
            broke,
            [],
            [],
            [],
            broke,
        ]

    def test_for_macd_it_is_basis_points_of_the_close(self) -> None:
        definition = macd()
        triggers = AlertTriggers([definition], 1, AlertDamping({"MACD": 5}))
        lines = [columns(definition, value=value, signal=0.0) for value in (-1.0, 1.0, -0.04, 1.0, -0.06, 1.0)]
        said = [fired(triggers, line, close=100.0) for line in lines]
        assert [bar for bar, names in enumerate(said) if "MACD_BULLISH_CROSS" in names] == [1, 5]

    def test_an_indicator_that_is_not_named_has_none(self) -> None:
        definition = macd()
        triggers = AlertTriggers([definition], 1, AlertDamping({"RSI": 5}))
        lines = [columns(definition, value=value, signal=0.0) for value in (-1.0, 1.0, -0.04, 1.0)]
        assert [len(fired(triggers, line)) for line in lines] == [0, 1, 1, 1]


class TestCooldown:
    def test_a_crossing_too_soon_after_the_last_alert_is_none(self) -> None:
        over = ["RSI_OVERBOUGHT"]
        assert rsi_alerts([60, 80, 60, 80, 60, 80], cooldown_minutes=4) == [[], over, [], [], [], over]

    def test_what_was_passed_over_is_not_made_up_for(self) -> None:
        assert rsi_alerts([60, 80, 60, 80, 80, 80], cooldown_minutes=3)[2:] == [[]] * 4

    def test_minutes_are_the_market_s_not_the_bars(self) -> None:
        over = ["RSI_OVERBOUGHT"]
        assert rsi_alerts([60, 80, 60, 80], cooldown_minutes=5, minutes=[0, 1, 2, 6]) == [[], over, [], over]

    def test_alerts_cool_down_apart(self) -> None:
        assert rsi_alerts([50, 80, 20, 80], cooldown_minutes=9) == [[], ["RSI_OVERBOUGHT"], ["RSI_OVERSOLD"], []]


# RSI on a coarse grid, so that thresholds are hit and crossed often, at minutes with gaps.
grids = st.lists(
    st.tuples(st.sampled_from([20.0, 28.0, 30.0, 31.0, 50.0, 66.0, 69.0, 70.0, 72.0, 90.0]), st.integers(1, 4)),
    max_size=60,
)
amounts = st.sampled_from([0.0, 0.5, 1.0, 2.0, 4.0, 20.0])
cooldowns = st.integers(0, 12)


@dataclass(frozen=True)
class Story:
    """Values, and the minutes of their bars."""

    values: list[float]
    minutes: list[int]

    def alerts(self, hysteresis: float = 0, cooldown_minutes: int = 0) -> list[int]:
        """The bars on which RSI_OVERBOUGHT fired."""
        said = rsi_alerts(self.values, hysteresis, cooldown_minutes, self.minutes)
        return [bar for bar, names in enumerate(said) if "RSI_OVERBOUGHT" in names]


stories = grids.map(
    lambda steps: Story([value for value, _ in steps], np.cumsum([gap for _, gap in steps], dtype=int).tolist())
)


INDICATORS = rsi(3, overbought=60, oversold=40), macd(2, 4, 3), bollinger_bands(4, 1.0)
"""Warm after a few bars, and often across their thresholds."""


class TestLaws:
    @settings(max_examples=30)
    @given(st.builds(made_minutes, st.integers(0, 2**32 - 1), st.just(3), st.integers(1, 50)))
    def test_undamped_every_rule_is_the_plain_crossing(self, market: list[MinuteBars]) -> None:
        engine = Engine(3, INDICATORS, ())
        true_before: dict[tuple[int, str, str], bool] = {}
        for bars in market:
            analysis = engine.update(bars)
            crossed = []
            for name, symbol, close, outputs in _calculated(analysis):
                for alert_type, true in _statements(outputs, close).items():
                    if true and true_before.get((symbol, name, alert_type)) is False:
                        crossed.append((name, alert_type, symbol))
                    true_before[symbol, name, alert_type] = true
            fired = [
                (alert.definition.name, alert.rule.alert_type, int(symbol))
                for alert in analysis.alerts
                for symbol in bars.index[alert.rows]
            ]
            assert sorted(fired) == sorted(crossed)

    @given(stories, amounts, cooldowns)
    def test_two_alerts_are_never_closer_than_the_cool_down(
        self, story: Story, hysteresis: float, cooldown: int
    ) -> None:
        for first, second in pairwise(story.alerts(hysteresis, cooldown)):
            assert story.minutes[second] - story.minutes[first] >= cooldown

    @given(stories, amounts, cooldowns)
    def test_between_two_alerts_the_statement_was_false_by_the_hysteresis(
        self, story: Story, hysteresis: float, cooldown: int
    ) -> None:
        for first, second in pairwise(story.alerts(hysteresis, cooldown)):
            assert min(story.values[first:second]) <= 70 - hysteresis

    @given(stories, amounts, amounts, cooldowns)
    def test_a_larger_hysteresis_never_gives_more_alerts(
        self, story: Story, one: float, other: float, cooldown: int
    ) -> None:
        small, large = sorted((one, other))
        assert len(story.alerts(large, cooldown)) <= len(story.alerts(small, cooldown))
        assert set(story.alerts(large)) <= set(story.alerts(small))

    @settings(max_examples=30)
    @given(
        st.builds(made_minutes, st.integers(0, 2**32 - 1), st.just(3), st.integers(1, 50)),
        st.integers(0, 50),
        amounts,
        cooldowns,
    )
    def test_a_warm_up_leaves_the_state_that_live_bars_leave(
        self, market: list[MinuteBars], cut: int, hysteresis: float, cooldown: int
    ) -> None:
        damping = AlertDamping(dict.fromkeys(ALERT_RULES, hysteresis), cooldown)
        live, warmed = (Engine(3, INDICATORS, (), damping=damping) for _ in range(2))
        for bars in market[:cut]:
            live.update(bars)
        warmed.warm_up(market[:cut])
        for bars in market[cut:]:
            assert _said(warmed, bars) == _said(live, bars)


def _said(engine: Engine, bars: MinuteBars) -> list[tuple[str, list[int]]]:
    return [(alert.rule.alert_type, alert.rows.tolist()) for alert in engine.update(bars).alerts]


def _calculated(analysis: MinuteAnalysis) -> Iterator[tuple[str, int, float, dict[str, float]]]:
    """Indicator, symbol, close and outputs, one by one."""
    bars = analysis.bars
    for columns in analysis.indicators:
        for at, row in enumerate(columns.rows.tolist()):
            outputs = {name: float(values[at]) for name, values in columns.outputs.items()}
            yield columns.definition.name, int(bars.index[row]), float(bars.close[row]), outputs


def _statements(outputs: dict[str, float], close: float) -> dict[str, bool]:
    """What the alerts of :data:`INDICATORS` say of one bar, written out."""
    value = outputs["value"]
    if "upper" in outputs:
        return {"BB_UPPER_BREAK": close > outputs["upper"], "BB_LOWER_BREAK": close < outputs["lower"]}
    if "signal" in outputs:
        return {"MACD_BULLISH_CROSS": value > outputs["signal"], "MACD_BEARISH_CROSS": value < outputs["signal"]}
    return {"RSI_OVERBOUGHT": value > 60, "RSI_OVERSOLD": value < 40}
