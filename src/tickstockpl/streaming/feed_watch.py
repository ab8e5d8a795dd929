"""The feed's connection, its silence and its gaps: critical alerts, and what health says of them."""

from collections.abc import Iterator
from typing import Final

from tickstockpl.clock import monotonic_s
from tickstockpl.contract.events import Critical
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.feeds.base import Batch, Connection, Feed
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.redaction import Redactor
from tickstockpl.streaming.critical import LONGEST_COMPONENT, restored
from tickstockpl.streaming.health import Trouble
from tickstockpl.streaming.latch import Latch
from tickstockpl.streaming.wording import clock_time, duration, one_line

GAP_SHOWN_MS: Final = 300_000
"""Market time for which health warns of a gap after it was told."""


class FeedWatch:
    """Watches the feed.

    Args:
        feed: the market; only a live one can be stale.
        stale_s: market seconds after which it is, from when data was due; 0 never.
        hold_s: how long its data must have been back before it is no longer said to have been stale, wall seconds.
        redactor: strikes secrets out of what the feed says.
    """

    def __init__(self, feed: Feed, stale_s: int, hold_s: float, redactor: Redactor) -> None:
        self._stale_s = stale_s
        self._redactor = redactor
        self._is_stale = Latch.above(stale_s, hold_s)
        self._silence_s = 0.0
        self._last_data_ms = 0
        self._lost_at_s: float | None = None
        self._gave_up = False
        self._gap = ""
        self._gap_until_ms = 0
        self._filled: tuple[int, int] | None = None
        self._partly = ""
        self._untold: list[Critical] = []
        self.follow(feed)

    def follow(self, feed: Feed) -> None:
        """Watch this feed from now on."""
        self._feed = feed
        self._is_watched = feed.is_live and self._stale_s > 0
        self._lull_ms = MINUTE_MS

    def start(self, market_ms: int) -> None:
        """A session begins: silence counts from here."""
        self._last_data_ms = market_ms

    def hear(self, batch: Batch, market_ms: int) -> None:
        """The feed has handed something over."""
        if batch.data is not None and len(batch.data):
            self._last_data_ms = max(self._last_data_ms, market_ms)
            self._lull_ms = MINUTE_MS if isinstance(batch.data, MinuteBars) else 0
        self._note_backfill(batch, market_ms)
        if batch.lost_since_ms is not None and batch.lost_since_ms < batch.until_ms:
            self._gap = f"No data from {clock_time(batch.lost_since_ms)} to {clock_time(batch.until_ms)}"
            self._gap_until_ms = market_ms + GAP_SHOWN_MS
            self._untold.append(
                self._warning(
                    f"{self._gap}: bars of this time are missing or incomplete",
                    market_ms,
                    "none; indicators and patterns run on without what is missing",
                )
            )

    def look(self, market_ms: int, *, expects_data: bool) -> list[Critical]:
        """What has changed since the last look, as alerts of this moment.

        Args:
            market_ms: the market's time.
            expects_data: whether the market is open, so that silence means something.
        """
        connection = self._feed.connection
        if market_ms >= self._gap_until_ms:
            self._gap = ""
        if not expects_data or connection.status != "connected":
            self._last_data_ms = market_ms  # from when silence counts
        self._silence_s = max(0.0, (market_ms - self._last_data_ms) / 1000)
        if self._is_watched:
            # Ready-made bars come once a minute; before the first data it may be they that are awaited.
            self._is_stale.update(self._silence_s - self._lull_ms / 1000, monotonic_s())
        self._note_part(connection, market_ms)
        untold, self._untold = self._untold, []
        return [*self._of_the_connection(connection, to_iso(market_ms)), *untold]

    def troubles(self) -> Iterator[Trouble]:
        """What was wrong at the last look."""
        connection = self._feed.connection
        if connection.status != "connected":
            since_s = monotonic_s() - self._lost_at_s if self._lost_at_s is not None else 0.0
            lost = f"{_lost(connection)} for {duration(since_s)}, {connection.status}"
            yield Trouble("critical", self._with_reason(lost, connection))
        elif connection.reason:
            yield Trouble("warning", self._clean(connection.reason))
        lull_s = self._lull_ms / 1000
        if self._is_stale.is_on and self._silence_s - lull_s > self._stale_s:
            yield Trouble("warning", f"Stale feed: nothing for {duration(self._silence_s)}")
        elif self._is_stale.is_on:
            silence = duration(self._is_stale.worst + lull_s)
            yield Trouble("warning", f"Feed was stale: nothing for {silence}, now there is data")
        if self._gap:
            yield Trouble("warning", self._gap)

    def _note_backfill(self, batch: Batch, market_ms: int) -> None:
        """Tell of minutes that were fetched afterwards, once the last of them is out."""
        if batch.backfilled:
            first_ms = batch.until_ms - MINUTE_MS if self._filled is None else self._filled[0]
            self._filled = first_ms, batch.until_ms
        elif self._filled is not None:
            (first_ms, last_ms), self._filled = self._filled, None
            count = (last_ms - first_ms) // MINUTE_MS
            minutes = "1 minute was" if count == 1 else f"{count:,} minutes were"
            self._untold.append(
                self._warning(
                    f"{minutes} fetched afterwards, {clock_time(first_ms)} to {clock_time(last_ms)}",
                    market_ms,
                    "none; what was found in them is stored, marked as backfilled, and was not sent",
                )
            )

    def _note_part(self, connection: Connection, market_ms: int) -> None:
        """Tell of what a connection that stands does not deliver."""
        part = self._clean(connection.reason) if connection.status == "connected" else ""
        if part and part != self._partly:
            self._untold.append(self._warning(part, market_ms, "see to the plan and to the symbols of the universe"))
        self._partly = part

    def _warning(self, message: str, market_ms: int, action: str) -> Critical:
        return Critical(
            severity="warning",
            message=message,
            timestamp=to_iso(market_ms),
            component=self._feed.connection.component[:LONGEST_COMPONENT],
            action_required=action,
            recovery=None,
        )

    def _of_the_connection(self, connection: Connection, now: str) -> Iterator[Critical]:
        if connection.status == "connected":
            if self._lost_at_s is not None:
                away_s, self._lost_at_s, self._gave_up = monotonic_s() - self._lost_at_s, None, False
                component = connection.component[:LONGEST_COMPONENT]
                yield restored(f"{connection.kind} connection restored", component, now, away_s)
            return
        gives_up = connection.status == "disconnected" and not self._gave_up
        if self._lost_at_s is None or gives_up:
            yield Critical(
                severity="critical",
                message=self._with_reason(_lost(connection), connection),
                timestamp=now,
                component=connection.component[:LONGEST_COMPONENT],
                action_required=self._clean(connection.action_required)
                or f"check the network, {connection.server} and the credentials for it",
                recovery=None,
            )
        if self._lost_at_s is None:
            self._lost_at_s = monotonic_s()
        self._gave_up |= gives_up

    def _with_reason(self, sentence: str, connection: Connection) -> str:
        reason = self._clean(connection.reason)
        return f"{sentence}: {reason}" if reason else sentence

    def _clean(self, text: str) -> str:
        return one_line(self._redactor.text(text))


def _lost(connection: Connection) -> str:
    return f"{connection.kind} connection lost to {connection.server}"
