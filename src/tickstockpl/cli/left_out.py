"""What of a market's files could not be used, in sentences."""

from collections.abc import Iterator

from tickstockpl.feeds.base import FeedReport


def left_out(report: FeedReport) -> Iterator[str]:
    """The first rows of each kind with their reasons, then how many there were in all."""
    yield from report.messages
    for count, what in (
        (report.rejected, "that could not be used"),
        (report.outside_hours, "outside the market's hours"),
        (report.outside_universe, "of symbols outside the universe"),
    ):
        if count:
            yield f"left out: {count:,} {'row' if count == 1 else 'rows'} {what}"
