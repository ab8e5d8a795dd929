"""Trades between the thread that reads them and the one that plays them: bounded, and nothing is dropped."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Protocol

import numpy as np

from tickstockpl.feeds.base import Batch, FeedReport
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.market.forming import FormingMinute
from tickstockpl.market.trades import EVERYTHING, Trades

CAPACITY: Final = 500_000
"""Trades that wait as they came: five seconds of a busy open."""

KEPT_MS: Final = 10 * MINUTE_MS
"""Market time for which an inbox that nobody empties keeps what comes: a session may be about to start."""


class Inbox(Protocol):
    """Where what was heard waits until it is played."""

    def attend(self, from_ms: int) -> int:
        """From now on the inbox is emptied; what lies before ``from_ms`` goes.

        Returns:
            Market time from which on it has everything that was heard.
        """
        ...

    def leave(self) -> None:
        """Nobody empties the inbox for now."""
        ...

    def batches(self, until_ms: int) -> Iterator[Batch]:
        """All that is to go out where ``until_ms`` is the watermark, which may stand; the last batch's is it."""
        ...

    def complete(self, minute_ms: int, fetched: MinuteBars | None) -> MinuteBars | None:
        """The bars of a minute that is filled up: those that were fetched, and what else was heard as bars."""
        ...


class TradeInbox:
    """Trades as columns.

    Where the player does not keep up they are conflated: at most five rows a symbol and minute stay, which give the
    same bars.

    Args:
        symbol_count: symbols of the universe.
        report: counts trades that were conflated, and those that cannot be part of a bar
            (:attr:`~tickstockpl.market.trades.Trades.sound`).
        capacity: trades that wait as they came.
    """

    def __init__(self, symbol_count: int, report: FeedReport, capacity: int = CAPACITY) -> None:
        self._symbol_count = symbol_count
        self._report = report
        self._capacity = self._limit = capacity
        self._lock = threading.Lock()
        self._waiting: list[Trades] = []
        self._rows = 0
        self._arrived = 0
        self._newest_ms = 0
        self._gone_until_ms = 0
        self._is_attended = False

    def put(self, trades: Trades) -> None:
        """Take trades in order of arrival."""
        if not (sound := trades.sound).all():
            self._report.rejected += len(trades) - int(np.count_nonzero(sound))
            trades = trades.take(sound)
        if not len(trades):
            return
        with self._lock:
            if trades.sequence is None:
                trades = replace(trades, sequence=np.arange(self._arrived, self._arrived + len(trades)))
                self._arrived += len(trades)
            self._waiting.append(trades)
            self._rows += len(trades)
            self._newest_ms = max(self._newest_ms, int(trades.time_ms.max()))
            if not self._is_attended:
                self._drop_before(self._newest_ms - KEPT_MS)
            if self._rows > self._limit:
                self._conflate()

    def attend(self, from_ms: int) -> int:
        """From now on the inbox is emptied."""
        with self._lock:
            self._is_attended = True
            self._drop_before(from_ms)
            return self._gone_until_ms

    def leave(self) -> None:
        """Nobody empties the inbox for now."""
        with self._lock:
            self._is_attended = False

    def batches(self, until_ms: int) -> Iterator[Batch]:
        """All the trades that have come, though they be younger than the watermark."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            self._rows, self._limit = 0, self._capacity
            self._gone_until_ms = max(self._gone_until_ms, self._newest_ms)
        yield Batch(until_ms, _joined(waiting) if waiting else None)

    def complete(self, minute_ms: int, fetched: MinuteBars | None) -> MinuteBars | None:
        """What was fetched: whoever builds bars of the trades has the rest."""
        del minute_ms
        return fetched

    def _drop_before(self, from_ms: int) -> None:
        # Chunks, not trades: a few that are older than need be may stay.
        kept = [trades for trades in self._waiting if trades.time_ms[-1] >= from_ms]
        if len(kept) < len(self._waiting):
            self._gone_until_ms = max(self._gone_until_ms, min(from_ms, self._newest_ms))
            self._waiting = kept
            self._rows = sum(map(len, kept))

    def _conflate(self) -> None:
        forming: dict[int, FormingMinute] = {}
        for trades in self._waiting:
            minutes = trades.time_ms - trades.time_ms % MINUTE_MS
            for minute_ms in np.unique(minutes).tolist():
                if minute_ms not in forming:
                    forming[minute_ms] = FormingMinute(self._symbol_count)
                forming[minute_ms].merge(trades.take(minutes == minute_ms))
        self._waiting = [forming[minute_ms].trades(minute_ms) for minute_ms in sorted(forming)]
        before, self._rows = self._rows, sum(map(len, self._waiting))
        self._report.conflated += before - self._rows
        self._limit = max(self._capacity, 2 * self._rows)


def _joined(parts: list[Trades]) -> Trades:
    if len(parts) == 1:
        return parts[0]
    counts_for = None
    if any(part.counts_for is not None for part in parts):
        counts_for = np.concatenate(
            [
                part.counts_for if part.counts_for is not None else np.full(len(part), EVERYTHING, np.uint8)
                for part in parts
            ]
        )
    return Trades(
        np.concatenate([part.time_ms for part in parts]),
        np.concatenate([part.index for part in parts]),
        np.concatenate([part.price for part in parts]),
        np.concatenate([part.size for part in parts]),
        counts_for,
        np.concatenate([part.sequence for part in parts if part.sequence is not None]),
    )
