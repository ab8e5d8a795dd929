"""Text that comes from elsewhere, made fit for JSON, for PostgreSQL and for a line on a page."""

from typing import Final

LONGEST: Final = 300
"""Characters of such a text that are passed on."""


def one_line(text: str) -> str:
    """``text`` on one line, without what cannot be printed (NUL, which no table takes, among it), cut where long."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def duration(seconds: float) -> str:
    """So long, as a person says it: ``12 s``, ``5 minutes``."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"
