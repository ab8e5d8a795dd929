"""Ticks: JSON objects with symbol, price, volume and timestamp, one or a list of them in a message."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct

from tickstockpl.feeds.base import FeedReport
from tickstockpl.market.trades import Trades

LAST_MS: Final = 4_102_444_800_000
"""Times stay below this: the year 2100."""

MOST_MESSAGES: Final = 20
"""Sentences that are kept for the user."""

_SECONDS_BELOW: Final = 1e11
"""A number below this counts seconds, another milliseconds, microseconds or nanoseconds: all of them are of this
century."""


class Tick(Struct, gc=False):
    """A trade."""

    symbol: str
    price: float
    volume: float
    timestamp: float | str


_decode: Final = msgspec.json.Decoder(Tick | list[Tick]).decode


def tick_ms(timestamp: float | str) -> int:
    """A tick's time, milliseconds since the epoch.

    Args:
        timestamp: ISO 8601, UTC where no offset is named, or a number since the epoch: seconds, milliseconds,
            microseconds or nanoseconds, by its size; as a number or as text.

    Raises:
        ValueError: if it is no time of this century.
    """
    if isinstance(timestamp, str):
        try:
            timestamp = float(timestamp)
        except ValueError:
            moment = datetime.fromisoformat(str(timestamp))
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
            return round(moment.timestamp() * 1000)
    time_ms = timestamp * 1000
    for _ in ("milliseconds", "microseconds", "nanoseconds"):
        if time_ms >= _SECONDS_BELOW * 1000:
            time_ms /= 1000
    if not 0 < time_ms < LAST_MS:
        raise ValueError(f"timestamp {timestamp} is no time of this century")
    return int(time_ms)


class TickReader:
    """Makes columns of ticks.

    Args:
        symbols: the universe, in its order.
        report: counts what cannot be used, and ticks of other symbols.
    """

    def __init__(self, symbols: Sequence[str], report: FeedReport) -> None:
        self._positions: Mapping[str, int] = {symbol: position for position, symbol in enumerate(symbols)}
        self._report = report

    def trades(self, payloads: Iterable[bytes]) -> Trades:
        """The trades of some messages, in their order; there may be none."""
        rows: list[tuple[int, int, float, float]] = []
        for payload in payloads:
            try:
                ticks = _decode(payload)
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                self._reject(f"a message is no tick: {error}")
                continue
            for tick in ticks if isinstance(ticks, list) else (ticks,):
                position = self._positions.get(tick.symbol)
                if position is None:
                    self._report.outside_universe += 1
                    continue
                try:
                    rows.append((tick_ms(tick.timestamp), position, tick.price, tick.volume))
                except (ValueError, OverflowError) as error:
                    self._reject(f"a tick of {tick.symbol} has no time: {error}")
        time, index, price, size = zip(*rows, strict=True) if rows else ((), (), (), ())
        return Trades(
            np.array(time, np.int64), np.array(index, np.intp), np.array(price, np.float64), np.array(size, np.float64)
        )

    def _reject(self, sentence: str) -> None:
        self._report.rejected += 1
        if len(self._report.messages) < MOST_MESSAGES:
            self._report.messages.append(sentence)
