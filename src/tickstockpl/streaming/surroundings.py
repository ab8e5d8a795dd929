"""What a stream stands on: the servers, the feed and the disk, watched with a session and without one."""

from collections.abc import Iterator

from tickstockpl.clock import Clock
from tickstockpl.contract.events import Critical
from tickstockpl.feeds.base import Batch, Feed
from tickstockpl.redaction import Redactor
from tickstockpl.settings import Settings
from tickstockpl.store.writer import Writer
from tickstockpl.streaming.disk import DiskWatch
from tickstockpl.streaming.feed_watch import FeedWatch
from tickstockpl.streaming.health import Trouble
from tickstockpl.streaming.latch import hold_s
from tickstockpl.streaming.outages import OutageWatch
from tickstockpl.streaming.publisher import Publisher
from tickstockpl.streaming.wording import duration


class Surroundings:
    """All watches that need no session. Whoever waits for the next one looks about once a second, as a player does.

    Args:
        feed: the market.
        clock: the market's time.
        writer: to PostgreSQL.
        publisher: to Redis.
        settings: thresholds, and where the spool lies.
        redactor: strikes secrets out of what the feed says.
    """

    def __init__(
        self, feed: Feed, clock: Clock, writer: Writer, publisher: Publisher, settings: Settings, redactor: Redactor
    ) -> None:
        self._clock = clock
        hold = hold_s(clock, settings.health_hold_s)
        self._servers = OutageWatch(clock, writer, publisher, hold)
        self._feed = FeedWatch(feed, settings.stale_feed_s, hold, redactor)
        self._disk = DiskWatch(settings.data_dir, settings.disk_warning_mb, hold)

    def follow(self, feed: Feed) -> None:
        """Watch this feed from now on: an operator may want another universe."""
        self._feed.follow(feed)

    def start(self, market_ms: int) -> None:
        """A session begins."""
        self._feed.start(market_ms)

    def hear(self, batch: Batch, market_ms: int) -> None:
        """The feed has handed something over."""
        self._feed.hear(batch, market_ms)

    def look(self, market_ms: int, *, expects_data: bool = False) -> list[Critical]:
        """What has changed since the last look, as alerts of this moment.

        Args:
            market_ms: the market's time.
            expects_data: whether a session runs in its hours, so that a silent feed is a fault.
        """
        return [
            *self._servers.look(market_ms),
            *self._feed.look(market_ms, expects_data=expects_data),
            *self._disk.look(market_ms),
        ]

    def troubles(self) -> list[Trouble]:
        """What was wrong at the last look."""
        return [*self._servers.troubles(), *self._feed.troubles(), *self._disk.troubles(), *self._of_the_clock()]

    def _of_the_clock(self) -> Iterator[Trouble]:
        if set_by_ms := self._clock.set_by_ms:
            by = f"{'forward' if set_by_ms > 0 else 'back'} by {duration(abs(set_by_ms) / 1000)}"
            yield Trouble("warning", f"System time was set {by}; this session runs on by the old one")
