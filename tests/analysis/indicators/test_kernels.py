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
from tickstockpl.analysis.indicators.definition import TalibIndicator, macd, rsi, sma
from tickstockpl.analysis.indicators.kernels.proof import gives_talibs_bits
from tickstockpl.analysis.indicators.kernels.sma import SmaBank
from tickstockpl.analysis.indicators.selection import select_indicators
from tickstockpl.analysis.indicators.talib_bank import TalibBank
from tickstockpl.market.bars import Floats, MinuteBars

FILES = ("bars_2018-02-26_5d_142sym.csv.gz", "bars_2025-01_50sym_extended.csv.gz")


def any_parameters(function: str, rng: np.random.Generator, longest: int) -> TalibIndicator:
    """The kernel's indicator with parameters as they come, the range's least ones included."""
    if function == "MACD":
        fast, slow = rng.integers(2, longest, 2).tolist()
        return macd(fast, slow, int(rng.integers(1, longest // 2)))
    make = {"RSI": rsi, "SMA": sma}[function]
    return make(int(rng.integers(2, longest)))


def usual(function: str) -> TalibIndicator:
    """The last of the indicators that the kernel is proven with."""
    _, indicators = KERNELS[function]
    return indicators[-1]


@pytest.fixture(scope="module", params=FILES)
def tape(request: pytest.FixtureRequest, test_data: Path) -> Tape:
    """All bars of a file, whatever the hour: here they are bars like others."""
    return read_tape(test_data / request.param)


@pytest.fixture(scope="module")
def minutes(tape: Tape) -> list[MinuteBars]:
    return tape.minutes()


def outputs(bank: Bank, tape: Tape, minutes: list[MinuteBars]) -> dict[str, Floats]:
    """An indicator's outputs at every bar of the tape; NaN where there are none."""
    said = {name: np.full(len(tape), np.nan) for name in bank.definition.outputs}
    seen = tape.starts[:-1].copy()
    for bars in minutes:
        columns = bank.update(bars)
        for name, values in columns.outputs.items():
            said[name][seen[bars.index][columns.rows]] = values
        seen[bars.index] += 1
    return said


@pytest.mark.parametrize("function", KERNELS)
def test_on_all_real_bars_it_is_talibs_batch_function(function: str, tape: Tape, minutes: list[MinuteBars]) -> None:
    rng = np.random.default_rng(len(tape))
    kernel, _ = KERNELS[function]
    for definition in (usual(function), *(any_parameters(function, rng, 300) for _ in range(4))):
        said = outputs(kernel(definition, tape.symbol_count), tape, minutes)
        batch = [getattr(talib, function)(tape.close[span], **definition.arguments) for span in tape.spans()]
        for place, name in enumerate(definition.outputs):
            expected = batch if len(definition.outputs) == 1 else [columns[place] for columns in batch]
            np.testing.assert_array_equal(said[name], np.concatenate(expected), f"{name} of {definition.instance}")


@pytest.mark.parametrize("function", KERNELS)
@given(seed=st.integers(0, 2**32), symbols=st.integers(1, 5), minutes=st.integers(1, 150))
def test_on_any_bars_it_is_talibs_handle(function: str, seed: int, symbols: int, minutes: int) -> None:
    kernel, _ = KERNELS[function]
    definition = any_parameters(function, np.random.default_rng(seed), 40)
    ours, talibs = kernel(definition, symbols), TalibBank(definition, symbols)
    for bars in made_minutes(seed, symbols, minutes):
        assert_same_bits(ours.update(bars), talibs.update(bars))


@pytest.mark.parametrize("function", KERNELS)
@given(
    closes=st.lists(st.floats(1e-4, 1e9) | st.sampled_from([1.0, 1.0 + 2**-52, 100.0]), min_size=1, max_size=80),
    seed=st.integers(0, 100),
)
def test_on_any_prices_it_is_talibs_handle(function: str, closes: list[float], seed: int) -> None:
    kernel, _ = KERNELS[function]
    definition = any_parameters(function, np.random.default_rng(seed), 12)
    ours, talibs = kernel(definition, 1), TalibBank(definition, 1)
    for close in closes:
        assert_same_bits(ours.update(one_bar(close)), talibs.update(one_bar(close)))


def test_a_signal_line_of_one_bar_is_the_macd_line_itself() -> None:
    kernel, _ = KERNELS["MACD"]
    definition = any_parameters("MACD", np.random.default_rng(3), 12)
    assert definition.arguments["signalperiod"] == 1
    ours, talibs = kernel(definition, 1), TalibBank(definition, 1)
    random = np.random.default_rng(7)
    for close in (10.0 ** random.uniform(-4, 9, 3000)).tolist():
        assert_same_bits(ours.update(one_bar(close)), talibs.update(one_bar(close)))


@pytest.mark.parametrize("function", KERNELS)
def test_in_a_market_that_stands_still_for_two_weeks_it_is_talibs_handle(function: str) -> None:
    kernel, _ = KERNELS[function]
    ours, talibs = kernel(usual(function), 1), TalibBank(usual(function), 1)
    for close in (
        *np.arange(100, 130, 0.7).tolist(),
        *4000 * [150.0],
    ):  # averages fade until they are no numbers any more
        assert_same_bits(ours.update(one_bar(close)), talibs.update(one_bar(close)))


def one_bar(close: float) -> MinuteBars:
    price = np.array([close])
    return MinuteBars(0, np.array([0]), price, price, price, price, np.array([1]))


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
    monkeypatch.setattr(banks, "KERNELS", {"SMA": (DividesLate, (sma(14),))})
    banks.has_kernel.cache_clear()
    assert isinstance(open_bank(sma(20), 1), TalibBank)


def test_kernels_are_for_their_functions_and_handles_for_all_others() -> None:
    kinds = {one.instance: type(open_bank(one, 1)).__name__ for one in select_indicators("SMA:5 RSI MACD BB MA:5 CMO")}
    assert kinds == {
        "SMA_5": "SmaBank",
        "RSI_14": "RsiBank",
        "MACD_12_26_9": "MacdBank",
        "BB_20_2": "TalibBank",
        "MA_5": "TalibBank",
        "CMO_14": "TalibBank",
    }
