"""Pages of rows, newest first, and the places between them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Generic, TypeVar

_TEXT: Final = re.compile(
    r"(?P<at>[^~]{1,40})~(?P<row>\d{1,18})(~(?P<session>[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}))?"
)

Item = TypeVar("Item")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class Position:
    """A place between rows: before the row that it names, or before a moment.

    Times alone would not do: rows of one minute have the same, and a page may end among them.

    Attributes:
        at: the row's time, or the moment, with its time zone.
        row: the row's number; 0 is before all rows of that time.
        session_id: of which session the row is, ``None`` for a moment, and for rows that are not asked by session.
    """

    at: datetime
    row: int = 0
    session_id: str | None = None

    def __str__(self) -> str:
        at = self.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
        session = "" if self.session_id is None else f"~{self.session_id}"
        return f"{at}Z~{self.row}{session}"


def parse_position(text: str) -> Position:
    """Read what :class:`Position` writes, or a time.

    Raises:
        ValueError: if it is neither, or a time without its zone.
    """
    parts = _TEXT.fullmatch(text)
    moment = datetime.fromisoformat(text if parts is None else parts["at"])
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time before the first year or after the last") from None
    return Position(moment) if parts is None else Position(moment, int(parts["row"]), parts["session"])


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Neighbouring items, newest first.

    Attributes:
        items: what was found; may be fewer than were asked for, though there are earlier ones.
        earlier: before what the next page lies, ``None`` where nothing is left.
    """

    items: list[Item]
    earlier: Position | None

    def built(self, build: Callable[[list[Item]], list[Other]]) -> "Page[Other]":
        """The same page of other items."""
        return Page(build(self.items), self.earlier)
