"""What a feed hands over as bars passes if it is sound, and only then."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.market.bars import MINUTE_MS, MinuteBars, bar_defects
from tickstockpl.market.inspection import BarInspector

MINUTE = 1_519_655_460_000  # 2018-02-26 14:31Z
SYMBOLS = ("AAPL", "BRK.B", "MSFT", "NVDA", "TSLA")

Row = tuple[float, float, float, float, int]

SOUND: Row = (10.0, 11.0, 9.0, 10.5, 100)


def bars(*rows: Row, minute_ms: int = MINUTE, index: list[int] | None = None) -> MinuteBars:
    """The first symbols' bars, unless ``index`` says whose they are."""
    open_, high, low, close, volume = zip(*rows, strict=True) if rows else ([],) * 5
    positions = np.array(range(len(rows)) if index is None else index, np.intp)
    return MinuteBars(
        minute_ms,
        positions,
        np.array(open_, np.float64),
        np.array(high, np.float64),
        np.array(low, np.float64),
        np.array(close, np.float64),
        np.array(volume, np.int64),
    )


def test_sound_bars_pass_as_they_are() -> None:
    inspector = BarInspector(SYMBOLS)
    minute = bars(SOUND, SOUND)
    assert inspector.inspect(minute) is minute
    assert (inspector.rejected, inspector.newest) == (0, None)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((float("nan"), 11.0, 9.0, 10.5, 100), "a price is not a finite number"),
        ((10.0, float("inf"), 9.0, 10.5, 100), "a price is not a finite number"),
        ((10.0, 11.0, 0.0, 10.5, 100), "a price is zero or negative"),
        ((10.0, 11.0, -9.0, 10.5, 100), "a price is zero or negative"),
        ((10.0, 2e10, 9.0, 10.5, 100), "a price is 10,000,000,000 or more"),
        ((10.0, 9.0, 11.0, 10.5, 100), "high is below low"),
        ((12.0, 11.0, 9.0, 10.5, 100), "open or close lies outside low to high"),
        ((10.0, 11.0, 9.0, 8.5, 100), "open or close lies outside low to high"),
        ((10.0, 11.0, 9.0, 10.5, -1), "volume is negative"),
        ((10.0, 11.0, 9.0, 10.5, 10**15), "volume is 1,000,000,000,000,000 or more"),
    ],
)
def test_a_bar_that_is_not_sound_is_taken_out_counted_and_named(row: Row, reason: str) -> None:
    inspector = BarInspector(SYMBOLS)
    passed = inspector.inspect(bars(SOUND, row, SOUND, index=[0, 3, 4]))
    assert passed is not None
    assert passed.index.tolist() == [0, 4]
    assert passed.close.tolist() == [10.5, 10.5]
    assert (inspector.rejected, inspector.newest) == (1, f"NVDA 14:31Z: {reason}")


def test_a_minute_of_which_nothing_is_left_is_none() -> None:
    inspector = BarInspector(SYMBOLS)
    assert inspector.inspect(bars((10.0, 9.0, 11.0, 10.5, 100))) is None
    assert inspector.inspect(bars()) is None
    assert inspector.rejected == 1


def test_bars_that_do_not_start_on_a_minute_are_rejected() -> None:
    inspector = BarInspector(SYMBOLS)
    assert inspector.inspect(bars(SOUND, SOUND, minute_ms=MINUTE + 1)) is None
    assert (inspector.rejected, inspector.newest) == (2, "AAPL 14:31Z: it does not start on a whole minute")


def test_counts_run_on_and_the_newest_reason_stands() -> None:
    inspector = BarInspector(SYMBOLS)
    inspector.inspect(bars(SOUND, (10.0, 9.0, 11.0, 10.5, 100)))
    inspector.inspect(bars((10.0, 11.0, 9.0, 10.5, -1), minute_ms=MINUTE + MINUTE_MS))
    inspector.inspect(bars(SOUND, SOUND, minute_ms=MINUTE + 2 * MINUTE_MS))
    assert (inspector.rejected, inspector.newest) == (2, "AAPL 14:32Z: volume is negative")


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"index": np.array([1, 1])}, "did not rise strictly"),
        ({"index": np.array([1, 0])}, "did not rise strictly"),
        ({"index": np.array([0, 5])}, "from 0 to 5 in a universe of 5"),
        ({"index": np.array([-1, 0])}, "from -1 to 0 in a universe of 5"),
        ({"index": np.array([0.0, 1.0])}, "index of a minute of bars was of type float64"),
        ({"volume": np.array([1.5, 2.0])}, "volume of a minute of bars was of type float64"),
        ({"close": np.array([10.0])}, "had shapes"),
    ],
)
def test_columns_that_are_none_are_a_mistake_of_the_feed(wrong: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        BarInspector(SYMBOLS).inspect(dataclasses.replace(bars(SOUND, SOUND), **wrong))


prices = st.sampled_from([0.0, -1.0, 1.0, 1.5, 2.0, 2.5, 1e10, float("nan"), float("inf")])
volumes = st.sampled_from([0, 1, -1, 10**15 - 1, 10**15])
any_rows = st.lists(st.tuples(prices, prices, prices, prices, volumes), min_size=1, max_size=len(SYMBOLS))
sound_rows = st.lists(
    st.tuples(st.floats(0.01, 1e9), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(0, 10**14)).map(
        lambda drawn: _sound(*drawn)
    ),
    min_size=1,
    max_size=len(SYMBOLS),
)


def _sound(low: float, span: float, open_: float, close: float, volume: int) -> Row:
    high = low * (1 + span)
    return low + open_ * (high - low) / 2, high, low, low + close * (high - low) / 2, volume


@given(any_rows)
def test_what_passes_has_no_defect_and_nothing_sound_is_lost(rows: list[Row]) -> None:
    inspector = BarInspector(SYMBOLS)
    passed = inspector.inspect(bars(*rows))
    sound = [at for at, row in enumerate(rows) if _is_sound(*row)]
    assert ([] if passed is None else passed.index.tolist()) == sound
    assert inspector.rejected == len(rows) - len(sound)
    if passed is not None:
        prices = passed.open, passed.high, passed.low, passed.close
        passed_rows = zip(*(column.tolist() for column in (*prices, passed.volume)), strict=True)
        assert list(passed_rows) == [rows[at] for at in sound]
        assert not any(mask.any() for _, mask in bar_defects(*prices, passed.volume.astype(np.float64)))


def _is_sound(open_: float, high: float, low: float, close: float, volume: int) -> bool:
    """The definition once more, for one bar."""
    return 0 < low <= open_ <= high < 1e10 and low <= close <= high and 0 <= volume < 10**15


@given(sound_rows)
def test_a_sound_market_passes_whole(rows: list[Row]) -> None:
    inspector = BarInspector(SYMBOLS)
    minute = bars(*rows)
    assert inspector.inspect(minute) is minute
    assert inspector.rejected == 0
