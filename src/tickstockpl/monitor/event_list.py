"""The list of events: thousands of lines, of which those are drawn that are seen."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tickstockpl.monitor.entries import Entry
from tickstockpl.monitor.styles import STYLES

_DIM = Style(dim=True)
_LONGEST_SYMBOL = 10


class EventList(ScrollView, can_focus=True):
    """Follows the newest entry, at the bottom, until it is scrolled up."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._entries: Sequence[Entry] = ()
        self._symbol_width = 4
        self._follows = True
        self._bottom = 0

    def show(self, entries: Sequence[Entry]) -> None:
        """List these, oldest first."""
        # Who follows until scrolled up may also have come back to the end.
        self._follows = self.scroll_offset.y >= (self._bottom if self._follows else self.max_scroll_y)
        self._entries = entries
        longest = max((len(entry.symbol) for entry in entries), default=0)
        self._symbol_width = min(max(longest, self._symbol_width), _LONGEST_SYMBOL)
        self.virtual_size = Size(self._width, len(entries))
        if self._follows:
            self._jump_to_end()
        self.refresh()

    # Keys move at once: while it glided, the list would be drawn anew, and the end would move on.

    def action_scroll_up(self) -> None:
        """One line."""
        self._go(-1)

    def action_scroll_down(self) -> None:
        """One line."""
        self._go(1)

    def action_page_up(self) -> None:
        """As much as is seen."""
        self._go(-self.size.height)

    def action_page_down(self) -> None:
        """As much as is seen."""
        self._go(self.size.height)

    def action_scroll_home(self) -> None:
        """The oldest that is kept."""
        self._go(-len(self._entries))

    def action_scroll_end(self) -> None:
        """The newest, and whatever comes after it."""
        self._go(len(self._entries))

    def _go(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, immediate=True)
        self._follows = self.scroll_offset.y >= self.max_scroll_y
        self._bottom = self.scroll_offset.y

    def _jump_to_end(self) -> None:
        self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True)
        self._bottom = self.scroll_offset.y  # before the first layout there is no other

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        row = y + self.scroll_offset.y
        if row >= len(self._entries):
            return Strip.blank(self._width)
        entry = self._entries[row]
        style = Style.parse(STYLES[entry.tone])
        symbol = entry.symbol.ljust(self._symbol_width)
        segments = [
            Segment(f"{entry.time:8} ", _DIM),
            Segment(f"{entry.kind:9} ", style if entry.tone != "plain" else _DIM),
            Segment(f"{symbol} ", Style(bold=True)),
            Segment(_cut(entry.words, self._width - 20 - self._symbol_width), style),
        ]
        return Strip(segments).adjust_cell_length(self._width)


def _cut(words: str, width: int) -> str:
    return words if len(words) <= width else words[: max(0, width - 1)] + "…"
