"""Samples: what they are made of, and the ranks that come of them."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from tests.calibration.made_market import LARGE_MARKET_SYMBOLS, large_market, write_large_market, write_small_market
from tickstockpl.analysis.engine import Engine
from tickstockpl.analysis.patterns.calibration_table import write_table
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.selection import select_patterns
from tickstockpl.calibration.markets import FileMarket
from tickstockpl.calibration.sample import MarketSample, calibrate_by, facts, survey_market
from tickstockpl.calibration.table_file import load_calibration
from tickstockpl.errors import TickStockError


def survey(path: Path, progress: list[tuple[int, int]] | None = None) -> MarketSample:
    told = progress if progress is not None else []
    market = FileMarket(path)
    return asyncio.run(survey_market(market, tuple(PATTERNS.values()), lambda done, total: told.append((done, total))))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> MarketSample:
    return survey(write_large_market(tmp_path_factory.mktemp("market") / "large.csv"))


def test_the_facts_are_counted(large: MarketSample, tmp_path: Path) -> None:
    small = survey(write_small_market(tmp_path / "small.csv"))
    assert facts([small]) == "30 one-minute bars of 1 symbol, regular hours of 2018-02-26"
    bars = sum(len(bars) for bars in large_market())
    assert facts([large]) == f"{bars:,} one-minute bars of 20 symbols, regular hours of 2018-02-26"
    assert facts([large, small]) == f"{bars + 30:,} one-minute bars of 21 symbols, regular hours of 2018-02-26"


def test_progress_reaches_the_end_of_the_day(tmp_path: Path) -> None:
    progress: list[tuple[int, int]] = []
    survey(write_small_market(tmp_path / "small.csv"), progress)
    assert progress == [(done, 390) for done in range(1, 391)]


def test_the_engine_grades_by_a_table_that_was_written(large: MarketSample, tmp_path: Path) -> None:
    calibration = calibrate_by([large])
    assert "BullishLongLine" in calibration.ranks
    path = tmp_path / "own.json"
    path.write_bytes(write_table(calibration))

    engine = Engine(LARGE_MARKET_SYMBOLS, (), select_patterns("BullishLongLine", 0.0), load_calibration(path))
    analyses = [engine.update(bars) for bars in large_market()]
    grades = np.concatenate([found.confidence for analysis in analyses for found in analysis.patterns])

    lines = large.occurrences["BullishLongLine"]
    np.testing.assert_array_equal(
        grades, calibration.ranks["BullishLongLine"].confidence(lines.clarity, lines.in_context)
    )
    assert np.count_nonzero(grades >= 0.2) == np.count_nonzero(lines.in_context)
    in_context = grades[lines.in_context]
    assert np.mean(in_context >= 0.8) == pytest.approx(0.25, abs=0.03), "of the sample itself one in four is clear"


def test_the_order_of_the_markets_does_not_matter(large: MarketSample, tmp_path: Path) -> None:
    small = survey(write_small_market(tmp_path / "small.csv"))
    assert write_table(calibrate_by([large, small])) == write_table(calibrate_by([small, large]))


def test_a_pattern_that_is_too_rare_has_no_ranks_of_its_own(large: MarketSample) -> None:
    calibration = calibrate_by([large])
    assert "MatHold" not in calibration.ranks
    assert calibration.of("MatHold") is calibration.pooled


def test_a_sample_that_is_too_small_is_refused(tmp_path: Path) -> None:
    small = survey(write_small_market(tmp_path / "small.csv"))
    with pytest.raises(TickStockError, match=r"^the sample is too small: 30 one-minute bars .*; name more files"):
        calibrate_by([small])


def test_trades_are_counted_as_the_bars_that_they_form(tmp_path: Path) -> None:
    lines = ["timestamp,symbol,price,size"]
    for row in write_small_market(tmp_path / "bars.csv").read_text().splitlines()[1:]:
        start, symbol, open_, high, low, close, _ = row.split(",")
        for second, price in enumerate((open_, high, low, close)):
            lines.append(f"{start.replace(':00.000Z', f':{second:02}.000Z')},{symbol},{price},25")
    (tmp_path / "trades.csv").write_text("\n".join(lines) + "\n")
    of_bars, of_trades = survey(tmp_path / "bars.csv"), survey(tmp_path / "trades.csv")
    assert of_trades.bars == of_bars.bars == 30
    for name, found in of_bars.occurrences.items():
        np.testing.assert_array_equal(of_trades.occurrences[name].clarity, found.clarity)
