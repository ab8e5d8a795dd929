"""What of a market's files could not be used, in sentences."""

from collections.abc import Iterator

from tickstockpl.feeds.base import FeedReport

_MORE_HOURS = "; TICKSTOCK_EXTENDED_HOURS=1 takes in pre-market and after-hours"


def left_out(report: FeedReport, *, more_hours: bool = False) -> Iterator[str]:
    """The first rows of each kind with their reasons, then how many there were in all.

    Args:
        report: what was left out.
        more_hours: whether the market's hours were regular ones and could be extended.
    """
    yield from report.messages
    for count, what in (
        (report.rejected, "that could not be used"),
        (report.outside_hours, f"outside the market's hours{_MORE_HOURS if more_hours else ''}"),
        (report.outside_universe, "of symbols outside the universe"),
    ):
        if count:
            yield f"left out: {count:,} {'row' if count == 1 else 'rows'} {what}"
