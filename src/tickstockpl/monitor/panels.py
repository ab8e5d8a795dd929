"""What stands above the list of events: where the market is, the channels, health."""

from rich.table import Table
from rich.text import Text

from tickstockpl.contract.channels import SPECIFIED_CHANNELS
from tickstockpl.monitor.entries import HEALTH_TONES, health_in_words, market_clock
from tickstockpl.monitor.state import ChannelState, Filter, Monitor
from tickstockpl.monitor.styles import STYLES
from tickstockpl.printable import printable

SPARK_WIDTH = 20
NARROW = 90
"""Columns below which the sparklines are left out."""

_PREFIX = "tickstock:"


def headline(monitor: Monitor, address: str) -> Text:
    """Whose market it is, what time it is there, and how well it arrives."""
    line = Text(no_wrap=True, overflow="ellipsis")
    checkpoint = monitor.checkpoint
    if checkpoint is None:
        line.append(f"{address}: ", style="dim")
        line.append("no checkpoint yet; who publishes, and what is missed, is not known")
    else:
        speed = (
            "" if checkpoint.speed == 1 else " at full speed" if checkpoint.speed is None else f" {checkpoint.speed:g}×"
        )
        line.append(market_clock(checkpoint.market_time), style="bold")
        line.append(f"{speed}  latency {monitor.latency_ms or 0:,} ms")
        missed = monitor.missed or 0
        line.append(f"  {missed:,} missed", style=STYLES["bad"] if missed else "")
        line.append(f"  {printable(checkpoint.source)}")
    if monitor.redis == "lost":
        line.append("  Redis is lost, trying again", style=STYLES["bad"])
    elif monitor.interruptions:
        line.append(f"  Redis was lost {monitor.interruptions}×", style=STYLES["warning"])
    return line


def channels(monitor: Monitor, listed: Filter, now_s: float, width: int, *, own: bool) -> Table:
    """The channels, each with its key.

    Args:
        monitor: what was heard.
        listed: which channels are in the list.
        now_s: the time, by a clock that never jumps.
        width: columns there are.
        own: whether the producer's own channels are shown, which are not in the list.
    """
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("", width=1)
    table.add_column(f"{_PREFIX}…", no_wrap=True, min_width=25)
    for heading in ("messages", "a second"):
        table.add_column(heading, justify="right", no_wrap=True)
    if width >= NARROW:
        table.add_column(f"last {SPARK_WIDTH} s", no_wrap=True)
    for heading in ("invalid", "newest"):
        table.add_column(heading, justify="right", no_wrap=True)
    keys = {channel.value: str(number) for number, channel in enumerate(SPECIFIED_CHANNELS, 1)}
    for name, state in monitor.channels.items():
        if name not in keys and not own:
            continue
        is_listed = name in keys and name not in listed.hidden
        title = Text(name.removeprefix(_PREFIX), style="" if state.messages else "dim")
        cells = [Text(keys.get(name, ""), style="bold" if is_listed else "dim"), title, *_counts(state, now_s)]
        if width >= NARROW:
            cells.append(Text(state.rate.sparkline(now_s, SPARK_WIDTH), style=STYLES["good"]))
        invalid = Text(f"{state.invalid:,}", style=STYLES["bad"] if state.invalid else "dim")
        table.add_row(*cells, invalid, Text(_age(state, now_s)))
    return table


def _counts(state: ChannelState, now_s: float) -> tuple[Text, Text]:
    return Text(f"{state.messages:,}"), Text(f"{state.rate.per_second(now_s):,.1f}")


def _age(state: ChannelState, now_s: float) -> str:
    if state.newest_s is None:
        return "-"
    age_s = max(0, int(now_s - state.newest_s))
    return f"{age_s} s" if age_s < 120 else f"{age_s // 60} min" if age_s < 7200 else f"{age_s // 3600} h"


def health(monitor: Monitor) -> Text:
    """The newest measurement."""
    if monitor.health is None:
        return Text("no health event yet", style="dim", no_wrap=True)
    style = STYLES[HEALTH_TONES[monitor.health.status]]
    return Text(printable(health_in_words(monitor.health)), style=style, no_wrap=True, overflow="ellipsis")
