"""Text that comes from elsewhere, made fit for JSON, for PostgreSQL and for a line on a page."""

from typing import Final

from tickstockpl.contract.timestamps import to_iso

LONGEST: Final = 300
"""Characters of such a text that are passed on."""


def one_line(text: str) -> str:
    """``text`` on one line, without what cannot be printed (NUL, which no table takes, among it), cut where long."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def duration(seconds: float) -> str:
    """So long, as a person says it: ``12 s``, ``5 minutes``."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def clock_time(market_ms: int) -> str:
    """A time of the day, UTC: ``14:12Z``, or with its seconds where it is not a whole minute: ``14:12:05Z``."""
    text = to_iso(market_ms)
    return f"{text[11:16]}Z" if market_ms % 60_000 == 0 else f"{text[11:19]}Z"
