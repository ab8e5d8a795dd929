"""Indicators appear when they are warm, each symbol for itself, with their derived outputs."""

import numpy as np
import pytest

from tickstockpl.analysis.indicators.bank import Bank, IndicatorColumns
from tickstockpl.analysis.indicators.definition import (
    DEFAULT_INDICATORS,
    TalibIndicator,
    bollinger_bands,
    macd,
    rsi,
    sma,
)
from tickstockpl.analysis.indicators.talib_bank import TalibBank
from tickstockpl.market.bars import MinuteBars


def minute(closes: dict[int, float]) -> MinuteBars:
    """A minute in which some symbols stood at one price."""
    price = np.array(list(closes.values()))
    return MinuteBars(0, np.array(list(closes)), price, price, price, price, np.zeros(len(closes), np.int64))


def play(bank: Bank, closes: list[float]) -> list[IndicatorColumns]:
    """One symbol's closes, one after the other."""
    return [bank.update(minute({0: close})) for close in closes]


@pytest.mark.parametrize(
    ("definition", "lookback"),
    [(rsi(14), 14), (sma(20), 19), (sma(200), 199), (macd(12, 26, 9), 33), (bollinger_bands(20, 2), 19)],
    ids=lambda value: value.instance if isinstance(value, TalibIndicator) else str(value),
)
def test_nothing_is_said_before_an_indicator_is_warm(definition: TalibIndicator, lookback: int) -> None:
    assert definition.lookback == lookback
    said = play(TalibBank(definition, 1), [100.0 + number % 7 for number in range(lookback + 3)])
    assert [len(columns.rows) for columns in said] == [0] * lookback + [1] * 3
    assert all(set(columns.outputs) == {*definition.outputs, *definition.derived} for columns in said)


def test_each_symbol_warms_up_for_itself() -> None:
    bank = TalibBank(sma(2), 3)
    assert bank.update(minute({0: 1.0, 2: 5.0})).rows.tolist() == []
    columns = bank.update(minute({1: 10.0, 2: 7.0}))
    assert columns.rows.tolist() == [1]
    assert columns.outputs["value"].tolist() == [6.0]
    columns = bank.update(minute({0: 3.0, 1: 20.0, 2: 9.0}))
    assert columns.rows.tolist() == [0, 1, 2]
    assert columns.outputs["value"].tolist() == [2.0, 15.0, 8.0]


def test_percent_b_is_0_on_the_lower_band_and_1_on_the_upper() -> None:
    closes = [1.0, 3.0]  # mean 2, deviation 1: bands 1 and 3
    (columns,) = play(TalibBank(bollinger_bands(2, 1), 1), closes)[1:]
    assert {name: values.tolist() for name, values in columns.outputs.items()} == {
        "upper": [3.0],
        "value": [2.0],
        "lower": [1.0],
        "percent_b": [1.0],
        "bandwidth": [1.0],
    }
    (columns,) = play(TalibBank(bollinger_bands(2, 1), 1), closes[::-1])[1:]
    assert columns.outputs["percent_b"].tolist() == [0.0]


def test_percent_b_has_no_value_where_the_bands_coincide() -> None:
    columns = play(TalibBank(bollinger_bands(3, 2), 1), [5.0] * 3)[-1]
    assert np.isnan(columns.outputs["percent_b"]).tolist() == [True]
    assert columns.outputs["bandwidth"].tolist() == [0.0]


def test_instances_are_named_by_their_parameters() -> None:
    assert [one.instance for one in DEFAULT_INDICATORS] == [
        "RSI_14",
        "SMA_20",
        "SMA_50",
        "SMA_200",
        "MACD_12_26_9",
        "BB_20_2",
    ]
    assert bollinger_bands(20, 2).instance == bollinger_bands(20, 2.0).instance
    assert bollinger_bands(20, 2.5).instance == "BB_20_2.5"


@pytest.mark.parametrize("definition", DEFAULT_INDICATORS, ids=lambda one: one.instance)
def test_every_default_indicator_is_complete(definition: TalibIndicator) -> None:
    assert "value" in definition.outputs
    assert definition.parameters
    assert not set(definition.outputs) & set(definition.derived)
