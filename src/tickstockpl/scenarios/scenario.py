"""What a scenario is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from tickstockpl.scenarios.formations import QUIET, WAVE, Formation

HISTORY_MINUTES: Final = 300
"""Market minutes before the first, on which the analysis warms up: more than the 200 of the slowest usual indicator,
and enough for a wave's averages to repeat themselves."""


class Cue(NamedTuple):
    """A formation that one of the quiet symbols performs."""

    symbol: int
    minute: int
    formation: Formation


class Cut(NamedTuple):
    """Market minutes, from and until, in which the feed has lost its connection; it fetches them afterwards."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scripted market.

    Attributes:
        name: by which the command line knows it.
        summary: what happens in it, one sentence.
        minutes: how long it lasts, in market minutes.
        symbols: how many symbols trade.
        waves: how many of them, the last ones, go up and down all the time; the others are quiet.
        cues: what quiet symbols perform.
        cut: when the feed is away.
        to_the_close: whether it ends with the trading day; otherwise it begins with it.
        healthy: whether health has to be healthy throughout.
    """

    name: str
    summary: str
    minutes: int
    symbols: int
    waves: int = 0
    cues: Sequence[Cue] = ()
    cut: Cut | None = None
    to_the_close: bool = False
    healthy: bool = False

    def __post_init__(self) -> None:
        """Refuse a script whose outcome nobody knows: two formations must not touch, and none a wave."""
        performing: dict[int, int] = {}
        for cue in sorted(self.cues, key=lambda cue: cue.minute):
            if not 0 <= cue.symbol < self.symbols - self.waves or not 0 <= cue.minute < self.minutes:
                raise ValueError(f"{self.name}: no quiet symbol {cue.symbol} in minute {cue.minute}")
            if cue.symbol in performing:
                raise ValueError(f"{self.name}: symbol {cue.symbol} performs twice, the outcome of which is not known")
            performing[cue.symbol] = cue.minute

    def base(self, symbol: int) -> tuple[Formation, int]:
        """What a symbol does without a cue, over and over, and at which of its candles it is in minute 0."""
        wave = symbol - (self.symbols - self.waves)
        return (WAVE, wave % len(WAVE.candles)) if wave >= 0 else (QUIET, 0)

    def is_cut(self, minute: int) -> bool:
        """Whether the feed is away in a minute."""
        return self.cut is not None and self.cut.first <= minute < self.cut.end
