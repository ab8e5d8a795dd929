"""Playing a live day: watermarks, and the minutes that were missed, in their order."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Final

import numpy as np
import structlog

from tickstockpl.clock import Clock
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.feeds.base import Batch, FeedReport
from tickstockpl.feeds.live.coverage import Coverage, Hole
from tickstockpl.feeds.live.inbox import Inbox
from tickstockpl.feeds.live.refill import Refill, Refilled
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketDay
from tickstockpl.market.trades import Trades

LOOK_S: Final = 0.05
"""Wall time between two looks into the inbox: forming bars are as old as that."""

AVAILABLE_S: Final = 2.0
"""Wall time after a minute's end when a source's history is expected to have it."""

PATIENCE_S: Final = 15.0
"""Wall time after the close for which a connection that is lost is waited for."""

_log = structlog.get_logger(__name__)


class LivePlay:
    """Plays the days of one live source.

    A minute goes out once ``settle_ms`` are over after its end, so that latecomers are in it. Where something of a
    minute may have been missed, and the source has a history, the watermark waits before that minute until the
    connection is back and the history has given the minutes of the hole; they go out as backfilled, in their order, and
    live minutes after them. What the history cannot give is told as lost.

    Args:
        clock: the market's time.
        inbox: what was heard.
        coverage: of which time everything was heard.
        settle_ms: wall time for which a minute waits for latecomers, milliseconds.
        report: counts what lies outside the day's hours.
        refill: fetches missed minutes; ``None`` where the source has no history.
        is_given_up: whether the connection will not come back; then nothing is waited for.
        check: raises what the reader has failed with.
    """

    def __init__(
        self,
        clock: Clock,
        inbox: Inbox,
        coverage: Coverage,
        settle_ms: int,
        report: FeedReport,
        refill: Refill | None = None,
        is_given_up: Callable[[], bool] = lambda: False,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._inbox = inbox
        self._coverage = coverage
        self._settle_ms = settle_ms
        self._report = report
        self._refill = refill
        self._is_given_up = is_given_up
        self._has_told_end = False
        self._check = check

    async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
        """Play a day from a moment on, to its close."""
        begin_ms = until_ms = max(from_ms, day.open_ms)
        if begin_ms >= day.close_ms:
            yield Batch(day.close_ms)
            return
        self._coverage.settle(begin_ms)
        kept_ms = self._inbox.attend(begin_ms)
        if kept_ms > begin_ms:
            self._coverage.doubt(begin_ms, kept_ms)
        try:
            while until_ms < day.close_ms:
                self._check()
                safe_ms = min(self._market_ms(-self._settle_ms / 1000), day.close_ms)
                hole = self._coverage.first(until_ms)
                wanted = hole if hole is not None and self._can_be_had(hole, day) else None
                edge_ms = day.close_ms if wanted is None else _minute(max(until_ms, wanted.since_ms))
                for batch in self._within(day, begin_ms, max(until_ms, min(safe_ms, edge_ms))):
                    until_ms = batch.until_ms
                    yield batch if wanted is not None else self._told(batch, hole, begin_ms, day)
                if wanted is not None and until_ms >= edge_ms and (last_ms := self._over(wanted, day)) is not None:
                    first_ms = _minute(max(begin_ms, wanted.since_ms))
                    fetching = asyncio.ensure_future(self._fetch(first_ms, last_ms))
                    try:
                        while not fetching.done():
                            await asyncio.wait({fetching}, timeout=LOOK_S)
                            for batch in self._within(day, begin_ms, until_ms):
                                yield batch
                    finally:
                        fetching.cancel()
                        await asyncio.wait({fetching})
                    for batch in self._filled(first_ms, until_ms, last_ms, fetching.result()):
                        until_ms = batch.until_ms
                        yield batch
                    self._coverage.settle(until_ms)
                await self._wait(until_ms, day, is_held=wanted is not None)
        finally:
            self._inbox.leave()

    def _can_be_had(self, hole: Hole, day: MarketDay) -> bool:
        """Whether the minutes of a hole may still be had."""
        if self._refill is None:
            return False
        if hole.until_ms is None:
            return not self._is_given_up() and self._market_ms(-PATIENCE_S) < day.close_ms
        return True

    def _over(self, hole: Hole, day: MarketDay) -> int | None:
        """The end of a hole's last minute, once the history can be expected to have it."""
        if hole.until_ms is None:
            return None
        last_ms = min(_minute(hole.until_ms) + MINUTE_MS, day.close_ms)
        return last_ms if self._market_ms(-AVAILABLE_S) >= last_ms else None

    async def _fetch(self, first_ms: int, last_ms: int) -> Refilled:
        if self._refill is None:
            raise RuntimeError("a source without a history was asked for it")
        _log.info("fetching missed minutes", first=to_iso(first_ms), until=to_iso(last_ms))
        return await self._refill(first_ms, last_ms)

    def _filled(self, first_ms: int, until_ms: int, last_ms: int, refilled: Refilled) -> list[Batch]:
        """The minutes of a hole, oldest first; all that could be had of them.

        Those that had gone out before anybody knew of the hole are revised.
        """
        batches = []
        out = [bars for minute_ms, bars in sorted(refilled.bars.items()) if minute_ms < _minute(until_ms)]
        if out:
            batches.append(Batch(until_ms, revised=tuple(out)))
        for minute_ms in range(_minute(until_ms), last_ms, MINUTE_MS):
            bars = self._inbox.complete(minute_ms, refilled.bars.get(minute_ms))
            batches.append(Batch(minute_ms + MINUTE_MS, bars, backfilled=True))
        if refilled.missing:
            _log.warning("missed minutes could not be had whole", symbols=len(refilled.missing), why=refilled.reason)
            batches[-1] = replace(batches[-1], lost_since_ms=first_ms)
        return batches

    def _told(self, batch: Batch, hole: Hole | None, begin_ms: int, day: MarketDay) -> Batch:
        """A batch that says which time is lost, once a hole that will not be filled is over."""
        if hole is None:
            return batch
        end_ms = day.close_ms if hole.until_ms is None else min(hole.until_ms, day.close_ms)
        if hole.until_ms is None and self._is_given_up() and not self._has_told_end:
            self._has_told_end = True  # nobody knows whether there will be another moment to tell it
            end_ms = batch.until_ms
        if batch.until_ms < end_ms:
            return batch
        self._coverage.settle(batch.until_ms if hole.until_ms is None else batch.until_ms + 1)
        since_ms = max(begin_ms, hole.since_ms)
        return replace(batch, lost_since_ms=since_ms) if since_ms < end_ms else batch

    def _within(self, day: MarketDay, begin_ms: int, until_ms: int) -> list[Batch]:
        """What is to go out at a watermark, without the trades from outside the hours that are played."""
        batches = []
        waited_ms = self._in_market_ms(self._settle_ms / 1000)
        for found in self._inbox.batches(until_ms):
            batch = replace(found, waited_ms=waited_ms)
            if isinstance(batch.data, Trades):
                inside = (batch.data.time_ms >= begin_ms) & (batch.data.time_ms < day.close_ms)
                if not inside.all():
                    self._report.outside_hours += len(inside) - int(np.count_nonzero(inside))
                    batch = replace(batch, data=batch.data.take(inside) if inside.any() else None)
            batches.append(batch)
        return batches

    async def _wait(self, until_ms: int, day: MarketDay, *, is_held: bool) -> None:
        """Sleep until the next look: until the minute can go out, at most a moment."""
        due_ms = min(_minute(until_ms) + MINUTE_MS, day.close_ms) - self._market_ms(-self._settle_ms / 1000)
        due_s = max(0.0, due_ms / 1000 / self._clock.speed)
        await asyncio.sleep(LOOK_S if is_held else min(LOOK_S, due_s))

    def _market_ms(self, wall_s: float) -> int:
        """The market's time as it is a little wall time from now."""
        return self._clock.now_ms() + self._in_market_ms(wall_s)

    def _in_market_ms(self, wall_s: float) -> int:
        """The market time that passes in some wall time."""
        return int(wall_s * 1000 * self._clock.speed)


def _minute(moment_ms: int) -> int:
    return moment_ms - moment_ms % MINUTE_MS
