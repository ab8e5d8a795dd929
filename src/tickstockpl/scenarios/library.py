"""The specification's four scenarios."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from types import MappingProxyType
from typing import Final

from tickstockpl.scenarios.formations import (
    BEARISH_ENGULFING,
    BLACK_MARUBOZU,
    BULLISH_ENGULFING,
    EVENING_STAR,
    HAMMER,
    MORNING_STAR,
    WHITE_MARUBOZU,
    WHITE_SOLDIERS,
    Formation,
)
from tickstockpl.scenarios.scenario import Cue, Cut, Scenario

SYMBOLS: Final = 500
"""As many as the specification's scenarios have."""

_STEP: Final = 37
"""From one performing symbol to the next: prime to how many there are, so that none comes twice."""


def _cast(cues: Sequence[tuple[int, Formation]], quiet_symbols: int) -> tuple[Cue, ...]:
    """Every formation with a symbol of its own."""
    return tuple(Cue(number * _STEP % quiet_symbols, *cue) for number, cue in enumerate(cues))


def _singles(minutes: range) -> Iterator[tuple[int, Formation]]:
    """A marubozu each of some minutes, white and black in turn: patterns without an alert."""
    return zip(minutes, cycle((WHITE_MARUBOZU, BLACK_MARUBOZU)), strict=False)


NORMAL: Final = Scenario(
    name="normal",
    summary="30 minutes of a quiet market of 500 symbols: 87 patterns, 22 alerts, healthy throughout, no errors",
    minutes=30,
    symbols=SYMBOLS,
    cues=_cast(
        [
            (2, MORNING_STAR),
            (3, EVENING_STAR),
            (5, WHITE_SOLDIERS),
            (8, HAMMER),
            (12, BULLISH_ENGULFING),
            (16, BEARISH_ENGULFING),
            *_singles(range(0, 28, 2)),
        ],
        SYMBOLS,
    ),
    healthy=True,
)

_WAVES: Final = 440

HIGH_VOLUME: Final = Scenario(
    name="high-volume",
    summary="15 minutes in which 440 of 500 symbols go up and down all the time: more than 1,000 patterns and 100 "
    "alerts a minute",
    minutes=15,
    symbols=SYMBOLS,
    waves=_WAVES,
    cues=_cast([cue for _ in range(4) for cue in _singles(range(15))], SYMBOLS - _WAVES),
)

ERROR_RECOVERY: Final = Scenario(
    name="error-recovery",
    summary="15 minutes; in the sixth the feed loses its connection, is back two minutes later and fetches what it has "
    "missed",
    minutes=15,
    symbols=SYMBOLS,
    cues=_cast(
        [
            (1, MORNING_STAR),
            (3, HAMMER),
            (5, WHITE_MARUBOZU),
            (6, BLACK_MARUBOZU),
            (8, EVENING_STAR),
            *_singles(range(14)),
        ],
        SYMBOLS,
    ),
    cut=Cut(5, 7),
)

MARKET_CLOSE: Final = Scenario(
    name="market-close",
    summary="the last 15 minutes of a trading day: the session is completed, and its totals are those of the tables",
    minutes=15,
    symbols=SYMBOLS,
    cues=_cast([(0, EVENING_STAR), (4, BULLISH_ENGULFING), (10, MORNING_STAR), *_singles(range(15))], SYMBOLS),
    to_the_close=True,
    healthy=True,
)

SCENARIOS: Final[Mapping[str, Scenario]] = MappingProxyType(
    {scenario.name: scenario for scenario in (NORMAL, HIGH_VOLUME, ERROR_RECOVERY, MARKET_CLOSE)}
)
"""By name, in the specification's order."""
