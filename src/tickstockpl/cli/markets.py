"""The markets that ``calibrate`` and ``rates`` count patterns in, and how far the counting is."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.calibration.markets import FileMarket, Market, StoredBars
from tickstockpl.calibration.sample import MarketSample, survey_market
from tickstockpl.cli.left_out import left_out
from tickstockpl.cli.servers import servers
from tickstockpl.definitions import load_definitions
from tickstockpl.errors import TickStockError
from tickstockpl.feeds.files.paths import find_files
from tickstockpl.settings import Settings


def survey_markets(
    files: Sequence[Path], sources: Sequence[str], timezone: str | None, settings: Settings, console: Console
) -> list[MarketSample]:
    """Count all patterns, the user's own among them, in files and in stored bars, each a market of its own.

    Servers are asked for, or started, only where there are sources. On a terminal a bar shows how far it is. Rows that
    could not be used are told.

    Raises:
        TickStockError: if nothing is named, something twice, or a market is not there or holds nothing usable.
    """
    if not files and not sources:
        raise TickStockError(
            "there is nothing to count in; name a --file of bars or trades, or a --source that is stored"
        )
    if files:
        find_files(files)  # refuses a file that is named twice, also by its folder
    if (twice := next((one for one in sources if sources.count(one) > 1), None)) is not None:
        raise TickStockError(f"source {twice} is given twice; name it once")
    patterns = (*PATTERNS.values(), *load_definitions(settings.definitions).patterns)
    markets: list[Market] = [FileMarket(path, timezone) for path in files]
    if not sources:
        return asyncio.run(_survey(markets, patterns, console))
    with servers(settings, console, need_redis=False) as found:
        markets += [StoredBars(found.database_url, source) for source in sources]
        return asyncio.run(_survey(markets, patterns, console))


async def _survey(
    markets: Sequence[Market], patterns: Sequence[PatternDefinition], console: Console
) -> list[MarketSample]:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    samples = []
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        rows = [progress.add_task(market.name, total=1, start=False) for market in markets]
        for row, market in zip(rows, markets, strict=True):
            progress.start_task(row)

            def advance(done: int, total: int, row: TaskID = row) -> None:
                progress.update(row, completed=done, total=total)

            samples.append(await survey_market(market, patterns, advance))
            for sentence in left_out(market.report):
                names_its_file = sentence in market.report.messages
                said = sentence if names_its_file else f"{market.name}: {sentence}"
                console.print(said, soft_wrap=True, markup=False)
    return samples
