"""What is subscribed to, and what the server has acknowledged."""

from collections.abc import Iterator, Sequence
from typing import Final

from tickstockpl.feeds.massive.options import Mode

WHOLE_MARKET: Final = 3000
"""From so many symbols on the whole market is subscribed to, and the others are left out here."""

TOPICS_AT_ONCE: Final = 500
"""Topics of one subscription: the server reads no message of any length."""

PULSE: Final = "A.SPY"
"""A topic that is never quiet while the market is open: second bars of its most traded fund."""

PREFIXES: Final = {Mode.TRADES: "T", Mode.MINUTES: "AM", Mode.SECONDS: "A"}

_ACKNOWLEDGED: Final = "subscribed to:"


class Topics:
    """The topics of one connection.

    Args:
        mode: what is wanted of each symbol.
        symbols: the universe.

    Attributes:
        wanted: the topics, in the order of the universe.
        refused: how often the server has said that a topic is not to be had.
    """

    def __init__(self, mode: Mode, symbols: Sequence[str]) -> None:
        prefix = PREFIXES[mode]
        names = symbols if len(symbols) < WHOLE_MARKET else ("*",)
        self.wanted = tuple(f"{prefix}.{name}" for name in names)
        self._pulse = () if {PULSE, "A.*", "T.*"} & set(self.wanted) else (PULSE,)
        self._open = set(self.wanted)
        self._pulse_beats = not self._pulse
        self.refused = 0

    def requests(self) -> Iterator[str]:
        """What to ask for, in portions: those that are not acknowledged yet."""
        open_topics = [topic for topic in self.wanted if topic in self._open]
        if not self._pulse_beats:
            open_topics += self._pulse
        for start in range(0, len(open_topics), TOPICS_AT_ONCE):
            yield ",".join(open_topics[start : start + TOPICS_AT_ONCE])

    def acknowledge(self, message: str) -> bool:
        """Read an acknowledgement; whether it is one."""
        if not message.startswith(_ACKNOWLEDGED):
            return False
        for topic in message.removeprefix(_ACKNOWLEDGED).split(","):
            self._open.discard(topic.strip())
            self._pulse_beats |= topic.strip() in self._pulse
        return True

    @property
    def missing(self) -> list[str]:
        """The topics that are not acknowledged, in the order of the universe."""
        return [topic for topic in self.wanted if topic in self._open]

    @property
    def are_refused(self) -> bool:
        """Whether none was acknowledged, and as many refused as there are."""
        return self.refused >= len(self.wanted) + len(self._pulse) and len(self._open) == len(self.wanted)

    @property
    def is_complete(self) -> bool:
        """Whether every topic is acknowledged; the pulse may be missing."""
        return not self._open

    @property
    def has_pulse(self) -> bool:
        """Whether there is a topic that is never quiet."""
        return self._pulse_beats
