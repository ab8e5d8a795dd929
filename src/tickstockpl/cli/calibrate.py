"""``tickstockpl calibrate``: the ranks by which patterns are graded, from a market of one's own."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tickstockpl.analysis.patterns.calibration_table import write_table
from tickstockpl.calibration.sample import calibrate_by
from tickstockpl.calibration.table_file import FILE_NAME
from tickstockpl.calibration.whole_file import check_writable, write_whole
from tickstockpl.cli.markets import survey_markets
from tickstockpl.settings import Settings


def calibrate(
    files: Sequence[Path],
    sources: Sequence[str],
    timezone: str | None,
    out: Path | None,
    settings: Settings,
    console: Console,
) -> None:
    """Count patterns, write their ranks, say what came of it and how to use it.

    Raises:
        TickStockError: if a market cannot be had, the sample is too small, or the file cannot be written.
    """
    path = out if out is not None else settings.data_dir / FILE_NAME
    check_writable(path)
    samples = survey_markets(files, sources, timezone, settings, console)
    calibration = calibrate_by(samples)
    write_whole(path, write_table(calibration))

    own = len(calibration.ranks)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    for what, count in (
        ("bars", sum(sample.bars for sample in samples)),
        ("symbols", len({symbol for sample in samples for symbol in sample.symbols})),
        ("trading days", len({day for sample in samples for day in sample.days})),
        ("patterns with ranks of their own", own),
        ("patterns graded by pooled ranks", len(samples[0].occurrences) - own),
    ):
        table.add_row(what, f"{count:,}")
    console.print(table)
    console.print(
        f"Written to {path}. To grade by it: TICKSTOCK_CALIBRATION={path.resolve()}", soft_wrap=True, markup=False
    )
