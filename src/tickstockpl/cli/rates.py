"""``tickstockpl rates``: how often each pattern occurs, as a page with a plot."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from tickstockpl.analysis.patterns.calibration_table import shipped_calibration
from tickstockpl.analysis.patterns.rates import count_patterns
from tickstockpl.analysis.patterns.selection import select_patterns
from tickstockpl.calibration.rates_page import MarketRates, rates_page
from tickstockpl.calibration.rates_plot import rates_plot
from tickstockpl.calibration.sample import facts
from tickstockpl.calibration.table_file import load_calibration
from tickstockpl.calibration.whole_file import check_writable, write_whole
from tickstockpl.cli.markets import survey_markets
from tickstockpl.definitions import load_definitions
from tickstockpl.settings import Settings

PAGE: Final = Path("rates.md")
PLOT: Final = Path("images/rates.svg")


def rates(
    files: Sequence[Path],
    sources: Sequence[str],
    timezone: str | None,
    out: Path,
    settings: Settings,
    console: Console,
) -> None:
    """Count patterns and write page and plot.

    Raises:
        TickStockError: if a market or the calibration cannot be had, or a file cannot be written.
    """
    own = load_calibration(settings.calibration)
    calibration = own if own is not None else shipped_calibration()
    for file in (PAGE, PLOT):
        check_writable(out / file)
    defaults = Settings.model_fields
    definitions = load_definitions(settings.definitions)
    chosen = select_patterns(defaults["patterns"].default, defaults["min_confidence"].default, definitions.patterns)
    families = {pattern.name: pattern.family for pattern in definitions.patterns}
    markets = [
        MarketRates(
            sample.name,
            facts([sample]),
            sample.bars,
            count_patterns(sample.occurrences, calibration, chosen),
            families,
        )
        for sample in survey_markets(files, sources, timezone, settings, console)
    ]
    command = _command(files, sources, timezone, settings.calibration, out)
    write_whole(out / PLOT, rates_plot(markets).encode())
    write_whole(out / PAGE, rates_page(markets, calibration.described, command, PLOT.as_posix()).encode())
    console.print(f"Written to {out / PAGE}, with {out / PLOT}", soft_wrap=True, markup=False)


def _command(
    files: Sequence[Path], sources: Sequence[str], timezone: str | None, calibration: Path | None, out: Path
) -> str:
    """What was typed, with names of files for paths: where they lay is nobody's business."""
    words = ["tickstockpl", "rates"]
    for file in files:
        words += ["--file", file.resolve().name]
    for source in sources:
        words += ["--source", source]
    if timezone is not None:
        words += ["--timezone", timezone]
    if calibration is not None:
        words += ["--calibration", calibration.name]
    return shlex.join([*words, "--out", out.resolve().name])
