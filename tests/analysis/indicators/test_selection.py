"""Any of TA-Lib's indicators can be chosen by name and parameters; what makes no sense is told in one sentence."""

import re
from pathlib import Path

import numpy as np
import pytest
import talib
from pyarrow import compute, csv

from tickstockpl.analysis.alerts import ALERT_RULES
from tickstockpl.analysis.engine import Engine
from tickstockpl.analysis.indicators.banks import open_bank
from tickstockpl.analysis.indicators.catalog import INDICATORS
from tickstockpl.analysis.indicators.definition import DEFAULT_INDICATORS, TalibIndicator
from tickstockpl.analysis.indicators.entry import INSTANCE_LENGTH
from tickstockpl.analysis.indicators.selection import select_indicators
from tickstockpl.analysis.indicators.talib_functions import FUNCTIONS
from tickstockpl.errors import TickStockError
from tickstockpl.market.bars import MINUTE_MS, MinuteBars

SYMBOLS = ("AAPL", "AMZN")
FIRST = np.array([0])


@pytest.fixture(scope="module")
def days(test_data: Path) -> list[list[MinuteBars]]:
    """Five sessions of two real stocks, the closing auctions included: here they are bars like others."""
    table = csv.read_csv(test_data / "bars_2018-02-26_5d_142sym.csv.gz")
    series = []
    for symbol in SYMBOLS:
        bars = table.filter(compute.equal(table["symbol"], symbol))
        open_, high, low, close = (
            bars[name].to_numpy().astype(np.float64) for name in ("open", "high", "low", "close")
        )
        volume = bars["volume"].to_numpy().astype(np.int64)
        series.append(
            [
                MinuteBars(row * MINUTE_MS, FIRST, open_[[row]], high[[row]], low[[row]], close[[row]], volume[[row]])
                for row in range(len(volume))
            ]
        )
    return series


def column(bars: list[MinuteBars], name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([getattr(bar, name)[0] for bar in bars], dtype=np.float64)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_gives_talibs_batch_numbers_bit_for_bit(name: str, days: list[list[MinuteBars]]) -> None:
    (definition,) = select_indicators(name)
    assert isinstance(definition, TalibIndicator)
    for bars in days:
        bank = open_bank(definition, 1)
        said = [bank.update(minute) for minute in bars]
        batch = getattr(talib, definition.function)(
            *(column(bars, source) for source in definition.inputs), **definition.arguments
        )
        outputs = [batch] if len(definition.outputs) == 1 else list(batch)
        first = definition.outputs.index("value")
        warm = np.isfinite(outputs[first].astype(np.float64))
        warm[: definition.lookback] = False  # of whole numbers, TA-Lib's batch functions write 0 before they are warm
        assert [len(columns.rows) for columns in said] == warm.astype(int).tolist()
        for output, expected in zip(definition.outputs, outputs, strict=True):
            published = np.array([columns.outputs[output][0] for columns in said if len(columns.rows)])
            np.testing.assert_array_equal(published, expected[warm].astype(np.float64))


def test_the_default_set_has_a_name() -> None:
    assert select_indicators("default") == DEFAULT_INDICATORS
    assert [one.instance for one in select_indicators("RSI SMA:20 SMA:50 sma:200 MACD BBANDS")] == [
        one.instance for one in DEFAULT_INDICATORS
    ]


@pytest.mark.parametrize(
    ("item", "instance", "arguments"),
    [
        ("ATR", "ATR_14", {"timeperiod": 14}),
        ("atr:7", "ATR_7", {"timeperiod": 7}),
        ("RSI:9,80,20", "RSI_9_80_20", {"timeperiod": 9}),
        ("BB:10,1.5", "BB_10_1.5", {"timeperiod": 10, "nbdevup": 1.5, "nbdevdn": 1.5}),
        ("MACD:5", "MACD_5_26_9", {"fastperiod": 5, "slowperiod": 26, "signalperiod": 9}),
        (
            "STOCH:14,3,3",
            "STOCH_14_3_3",
            {"fastk_period": 14, "slowk_period": 3, "slowk_matype": 0, "slowd_period": 3, "slowd_matype": 0},
        ),
        (
            "STOCHF:14,fastd_matype=1",
            "STOCHF_14_3_fastd_matype1",
            {"fastk_period": 14, "fastd_period": 3, "fastd_matype": 1},
        ),
        ("OBV", "OBV", {}),
        ("SAR:0.01,0.1", "SAR_0.01_0.1", {"acceleration": 0.01, "maximum": 0.1}),
    ],
)
def test_values_go_by_order_and_by_name(item: str, instance: str, arguments: dict[str, float]) -> None:
    (definition,) = select_indicators(item)
    assert definition.instance == instance
    assert isinstance(definition, TalibIndicator)
    assert dict(definition.arguments) == arguments


def test_the_first_output_is_the_value_and_all_keep_their_names() -> None:
    (definition,) = select_indicators("STOCH:14,3,3")
    bank = open_bank(definition, 1)
    prices = (np.array([float(number % 5 + 10)]) for number in range(40))
    columns = [
        bank.update(MinuteBars(0, np.array([0]), price, price + 1, price - 1, price, np.array([5]))) for price in prices
    ][-1]
    assert set(columns.outputs) == {"value", "slowk", "slowd"}
    assert columns.outputs["value"].tolist() == columns.outputs["slowk"].tolist()


def test_what_has_no_number_is_not_said() -> None:
    (definition,) = select_indicators("ASIN")  # of a price above 1 there is none
    bank = open_bank(definition, 2)
    price = np.array([0.5, 2.0])
    columns = bank.update(MinuteBars(0, np.array([0, 1]), price, price, price, price, np.array([1, 1])))
    assert columns.rows.tolist() == [0]
    assert columns.outputs["value"].tolist() == [np.arcsin(0.5)]


def test_alerts_follow_the_thresholds_of_their_instance() -> None:
    definitions = select_indicators("RSI:2 RSI:2,90,10")
    engine = Engine(1, definitions, ())
    fired = []
    for close in (10.0, 9.0, 10.0, 10.5, 11.0, 20.0):
        price = np.array([close])
        analysis = engine.update(MinuteBars(0, np.array([0]), price, price, price, price, np.array([1])))
        fired += [(alert.definition.instance, alert.rule.alert_type) for alert in analysis.alerts]
    assert fired == [("RSI_2", "RSI_OVERBOUGHT"), ("RSI_2_90_10", "RSI_OVERBOUGHT")]
    assert "RSI" in ALERT_RULES


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("ATX:14", r"'ATX:14' names no indicator \(did you mean .*\); there are AC, .*ATR"),
        ("MAVP", "'MAVP' names no indicator"),
        ("CDLDOJI", "names no indicator"),
        ("ATR:x", r"'x' for timeperiod, which is not a whole number; ATR takes timeperiod \(14 unless given\)"),
        ("ATR:2.5", "not a whole number"),
        ("ATR:1" + 400 * "0", "outside of 1 to 100000"),
        ("BB:20,wide", "'wide' for deviations, which is not a number"),
        ("BB:20,nan", "'nan' for deviations"),
        ("ATR:1,2", "more values than parameters"),
        ("OBV:3", "OBV takes no parameters"),
        ("ATR:timperiod=3", "a parameter 'timperiod', which does not exist"),
        ("ATR:-3", r"'ATR:-3' has -3 for timeperiod, outside of 1 to 100000; ATR takes timeperiod"),
        ("SMA:0", "has 0 for period, outside of 1 to 100000"),
        ("RSI:1", "has 1 for period, outside of 2 to 100000"),
        ("RSI:14,130", "has 130 for overbought, outside of 0 to 100"),
        ("MAMA:0.999", "has 0.999 for fastlimit, outside of 0.01 to 0.99"),
        ("MA:10,matype=14", "has 14 for matype, outside of 0 to 13"),
        ("SAREXT:1.23456,1.23456,1.23456,1.23456,1.23456,1.23456,1.23456,1.23456", "longer than the 50 characters"),
        ("default RSI:14", "names RSI_14 a second time"),
        (" ; ", "is empty"),
    ],
)
def test_a_wrong_choice_is_one_sentence(choice: str, told: str) -> None:
    with pytest.raises(TickStockError, match="setting TICKSTOCK_INDICATORS") as refusal:
        select_indicators(choice)
    assert re.search(told, str(refusal.value)), refusal.value


@pytest.mark.parametrize("name", INDICATORS)
def test_every_name_fits_its_column_and_its_definition_is_complete(name: str) -> None:
    (definition,) = select_indicators(name)
    assert isinstance(definition, TalibIndicator)
    assert len(definition.instance) <= INSTANCE_LENGTH
    assert definition.outputs.count("value") == 1
    assert not set(definition.outputs) & set(definition.derived)
