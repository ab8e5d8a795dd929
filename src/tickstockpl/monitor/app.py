"""The monitor on a terminal."""

from collections.abc import Callable
from typing import ClassVar, Final

from rich.console import Group
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Static

from tickstockpl.clock import monotonic_s
from tickstockpl.contract.channels import SPECIFIED_CHANNELS
from tickstockpl.monitor import panels
from tickstockpl.monitor.entries import Entry
from tickstockpl.monitor.event_list import EventList
from tickstockpl.monitor.state import Filter, Monitor

REFRESH_S: Final = 0.25

TALL: Final = 30
"""Lines from which on the producer's own channels are shown too."""

KEYS: Final = """\
[b]space[/b]    hold the list still; counting goes on
[b]/[/b]        filter: words that must all be in a line, as  nvda star
[b]escape[/b]   leave the filter, or empty it
[b]1[/b] to [b]8[/b]   list a channel, or hide it; indicators, and the
         copies on patterns:detected, are hidden at first
[b]↑ ↓[/b]      scroll, with [b]PgUp[/b] and [b]PgDn[/b] too; at the end, [b]End[/b],
         the newest line is followed
[b]?[/b]        these keys
[b]q[/b]        end

Latency is how old a checkpoint is as it arrives. Missed is what
the checkpoints count and did not arrive. Invalid messages are not
what their channel carries; the list says why."""


class KeysScreen(ModalScreen[None]):
    """The keys, until any is pressed."""

    def compose(self) -> ComposeResult:
        """The one box."""
        yield Static(KEYS, id="keys")

    def on_key(self) -> None:
        """Whichever it is."""
        self.dismiss()


class MonitorApp(App[None]):
    """Shows a monitor; somebody else has it hear.

    Args:
        monitor: what was heard.
        address: of Redis, without a password.
        text: the filter to begin with.
    """

    TITLE = "tickstockpl monitor"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: ansi_default; color: ansi_default; }
    #head, #health { height: 1; }
    #channels { height: auto; }
    #filter { height: 1; border: none; padding: 0; display: none; }
    #filter.open { display: block; }
    #state { height: 1; text-style: dim; }
    #events { height: 1fr; background: ansi_default; scrollbar-size-vertical: 1; overflow-x: hidden; }
    KeysScreen { align: center middle; }
    #keys { width: auto; height: auto; padding: 1 2; border: round ansi_bright_black; background: ansi_default; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "hold", "Hold", priority=False),
        Binding("slash", "seek", "Filter"),
        Binding("escape", "leave", "No filter"),
        *(Binding(str(key), f"list({key})", show=False) for key in range(1, len(SPECIFIED_CHANNELS) + 1)),
        Binding("question_mark", "keys", "Keys"),
        Binding("q", "quit", "End"),
    ]

    def __init__(
        self, monitor: Monitor, address: str, text: str = "", now_s: Callable[[], float] = monotonic_s
    ) -> None:
        super().__init__(ansi_color=True)
        self._monitor = monitor
        self._address = address
        self._now_s = now_s
        self.filter = Filter(text)
        self.held: list[Entry] | None = None
        """What is listed while the list stands still."""
        self._head, self._channels, self._health, self._below = (
            Static(id=name) for name in ("head", "channels", "health", "state")
        )
        self._list = EventList(id="events")
        self._field = Input(text, placeholder="words that must be in a line", id="filter", compact=True)

    def compose(self) -> ComposeResult:
        """Head, channels, health, list, filter."""
        with Vertical():
            yield self._head
            yield self._channels
            yield self._health
            yield self._list
            yield self._below
            yield self._field
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Begin to draw."""
        self._list.focus()
        self.set_interval(REFRESH_S, self.draw)
        self.draw()

    def draw(self) -> None:
        """Everything, as it is now. Rich draws the lines: Textual has colours of its own for its own text."""
        monitor, now_s = self._monitor, self._now_s()
        own = self.size.height >= TALL
        self._head.update(Group(panels.headline(monitor, self._address)))
        table = panels.channels(monitor, self.filter, now_s, self.size.width, own=own)
        self._channels.update(table)
        self._health.update(Group(panels.health(monitor)))
        listed = self.filter.of(monitor) if self.held is None else self.held
        self._list.show(listed)
        self._below.update(self._state())

    def _state(self) -> str:
        """What the list shows, and what it does not."""
        said = []
        if self.held is not None:
            last = self.held[-1].number if self.held else -1
            newer = sum(entry.number > last for entry in self.filter.of(self._monitor))
            said.append(f"held, {newer:,} newer")
        if self.filter.text and not self._field.has_focus:
            said.append(f"filter: {self.filter.text}")
        if forgotten := sum(
            state.forgotten for name, state in self._monitor.channels.items() if name not in self.filter.hidden
        ):
            said.append(f"{forgotten:,} older ones are not kept")
        return "  ·  ".join(said)

    def action_hold(self) -> None:
        """Let the list stand still, or go on."""
        self.held = self.filter.of(self._monitor) if self.held is None else None
        self.draw()

    def action_seek(self) -> None:
        """Type a filter."""
        self._field.add_class("open")
        self._field.focus()

    def action_leave(self) -> None:
        """Leave the filter; left already, empty it."""
        if self._field.has_focus:
            self._close()
        else:
            self._field.value = ""
            self._field.remove_class("open")

    def action_list(self, key: int) -> None:
        """List a channel, or hide it."""
        self.filter.toggle(SPECIFIED_CHANNELS[key - 1].value)
        self._list_anew()

    def action_keys(self) -> None:
        """Show the keys."""
        self.push_screen(KeysScreen())

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as it is typed."""
        self.filter.text = event.value
        self._list_anew()

    def on_input_submitted(self) -> None:
        """Typed; back to the list."""
        self._close()

    def _close(self) -> None:
        if not self._field.value:
            self._field.remove_class("open")
        self._list.focus()

    def _list_anew(self) -> None:
        if self.held is not None:
            self.held = self.filter.of(self._monitor)
        self.draw()
