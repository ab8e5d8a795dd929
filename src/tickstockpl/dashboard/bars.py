"""A symbol's stored bars with the values that its indicators had on them: what a chart begins with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from tickstockpl.contract.instances import instance_name
from tickstockpl.contract.timestamps import from_iso, to_iso
from tickstockpl.dashboard.answers import BarsAnswer, BarWithValues
from tickstockpl.dashboard.live.protocol import indicator_outputs
from tickstockpl.dashboard.live.symbols import MAX_INSTANCES
from tickstockpl.store.queries import Queries

_MINUTE_MS: Final = 60_000


async def read_bars(
    queries: Queries,
    symbol: str,
    source: str | None,
    limit: int,
    before: datetime | None,
    indicators: Sequence[str],
) -> BarsAnswer:
    """Read a page of bars, oldest first; about 10 ms for a day with the default indicators.

    Args:
        queries: the tables.
        symbol: whose bars.
        source: where they came from.
        limit: how many at most.
        before: only bars that begin earlier.
        indicators: whose values go with the bars, by name without parameters (``SMA``).

    Raises:
        DatabaseUnavailableError: if the database cannot be asked.
    """
    page = await queries.bars(symbol, source, limit, before)
    values: dict[str, dict[str, dict[str, float | None]]] = {}
    if page.bars and indicators:
        first, last = _close_of(page.bars[0].minute), _close_of(page.bars[-1].minute)
        for found in await queries.indicator_series(symbol, page.session_ids, indicators, first, last):
            of_bar = values.setdefault(found.timestamp, {})
            name = instance_name(found.indicator, found.metadata)
            if name not in of_bar and len(of_bar) < MAX_INSTANCES:  # the newest session's come first
                of_bar[name] = indicator_outputs(found.indicator, found.value, found.metadata)
    bars = [
        BarWithValues(
            bar.minute, bar.open, bar.high, bar.low, bar.close, bar.volume, values.get(_close_of(bar.minute), {})
        )
        for bar in page.bars
    ]
    return BarsAnswer(symbol, source, bars, page.bars[0].minute if page.earlier else None)


def _close_of(minute: str) -> str:
    """When a bar's indicators were calculated."""
    return to_iso(from_iso(minute) + _MINUTE_MS)
