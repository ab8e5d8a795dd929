"""A columnar kernel gives what TA-Lib gives, bit for bit, or it is not used."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import talib
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.tape import Tape, made_minutes, read_tape
from tickstockpl.analysis.indicators import banks
from tickstockpl.analysis.indicators.bank import Bank, IndicatorColumns
from tickstockpl.analysis.indicators.banks import KERNELS, open_bank
from tickstockpl.analysis.indicators.definition import TalibIndicator, sma
from tickstockpl.analysis.indicators.kernels.proof import gives_talibs_bits
from tickstockpl.analysis.indicators.kernels.sma import SmaBank
from tickstockpl.analysis.indicators.selection import select_indicators
from tickstockpl.analysis.indicators.talib_bank import TalibBank
from tickstockpl.market.bars import Floats, MinuteBars

FILES = ("bars_2018-02-26_5d_142sym.csv.gz", "bars_2025-01_50sym_extended.csv.gz")
PERIODS = st.integers(2, 60)


def with_period(function: str, period: int) -> TalibIndicator:
    _, definition = KERNELS[function]
    return dataclasses.replace(definition, arguments={"timeperiod": period})


@pytest.fixture(scope="module", params=FILES)
def tape(request: pytest.FixtureRequest, test_data: Path) -> Tape:
    """All bars of a file, whatever the hour: here they are bars like others."""
    return read_tape(test_data / request.param)


@pytest.fixture(scope="module")
def minutes(tape: Tape) -> list[MinuteBars]:
    return tape.minutes()


def values(bank: Bank, tape: Tape, minutes: list[MinuteBars]) -> Floats:
    """An indicator's value at every bar of the tape; NaN where there is none."""
    said = np.full(len(tape), np.nan)
    seen = tape.starts[:-1].copy()
    for bars in minutes:
        columns = bank.update(bars)
        said[seen[bars.index][columns.rows]] = columns.outputs["value"]
        seen[bars.index] += 1
    return said


@pytest.mark.parametrize("function", KERNELS)
def test_on_all_real_bars_it_is_talibs_batch_function(function: str, tape: Tape, minutes: list[MinuteBars]) -> None:
    rng = np.random.default_rng(len(tape))
    for period in (2, 14, *rng.integers(3, 400, 4).tolist()):
        kernel, _ = KERNELS[function]
        said = values(kernel(with_period(function, period), tape.symbol_count), tape, minutes)
        expected = [getattr(talib, function)(tape.close[span], timeperiod=period) for span in tape.spans()]
        np.testing.assert_array_equal(said, np.concatenate(expected), f"period {period}")


@pytest.mark.parametrize("function", KERNELS)
@given(seed=st.integers(0, 2**32), symbols=st.integers(1, 5), minutes=st.integers(1, 150), period=PERIODS)
def test_on_any_bars_it_is_talibs_handle(function: str, seed: int, symbols: int, minutes: int, period: int) -> None:
    kernel, _ = KERNELS[function]
    definition = with_period(function, period)
    ours, talibs = kernel(definition, symbols), TalibBank(definition, symbols)
    for bars in made_minutes(seed, symbols, minutes):
        assert_same_bits(ours.update(bars), talibs.update(bars))


@pytest.mark.parametrize("function", KERNELS)
@given(
    closes=st.lists(st.floats(1e-4, 1e9) | st.sampled_from([1.0, 1.0 + 2**-52, 100.0]), min_size=1, max_size=80),
    period=st.integers(2, 9),
)
def test_on_any_prices_it_is_talibs_handle(function: str, closes: list[float], period: int) -> None:
    kernel, _ = KERNELS[function]
    definition = with_period(function, period)
    ours, talibs = kernel(definition, 1), TalibBank(definition, 1)
    for close in closes:
        price = np.array([close])
        bars = MinuteBars(0, np.array([0]), price, price, price, price, np.array([1]))
        assert_same_bits(ours.update(bars), talibs.update(bars))


def assert_same_bits(said: IndicatorColumns, expected: IndicatorColumns) -> None:
    assert said.rows.tolist() == expected.rows.tolist()
    assert {name: column.tobytes() for name, column in said.outputs.items()} == {
        name: column.tobytes() for name, column in expected.outputs.items()
    }


class DividesLate(SmaBank):
    """Nearly the same: the mean is a product with the reciprocal."""

    def update(self, bars: MinuteBars) -> IndicatorColumns:
        columns = super().update(bars)
        value = columns.outputs["value"] * self._period * (1.0 / self._period)
        return dataclasses.replace(columns, outputs={"value": value})


@pytest.fixture
def forget_proofs() -> Iterator[None]:
    banks.has_kernel.cache_clear()
    yield
    banks.has_kernel.cache_clear()


@pytest.mark.usefixtures("forget_proofs")
def test_a_kernel_that_has_other_bits_gives_way_to_handles(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(open_bank(sma(20), 1), SmaBank)
    assert not gives_talibs_bits(DividesLate, sma(14))
    monkeypatch.setattr(banks, "KERNELS", {"SMA": (DividesLate, sma(14))})
    banks.has_kernel.cache_clear()
    assert isinstance(open_bank(sma(20), 1), TalibBank)


def test_kernels_are_for_their_functions_and_handles_for_all_others() -> None:
    kinds = {one.instance: type(open_bank(one, 1)).__name__ for one in select_indicators("SMA:5 RSI MACD BB MA:5 CMO")}
    assert kinds == {
        "SMA_5": "SmaBank",
        "RSI_14": "RsiBank",
        "MACD_12_26_9": "TalibBank",
        "BB_20_2": "TalibBank",
        "MA_5": "TalibBank",
        "CMO_14": "TalibBank",
    }
