"""What symbols do in a scripted market, and what is to be found in it.

Prices are whole ticks from a symbol's usual close. A tick is 1/64 dollar, which a double holds exactly: sums and
averages of such prices are exact too, and a formation is the same on every symbol.

The findings are stated here, not computed: the patterns that there are in these candles when all are looked for and no
confidence is too low, and the thresholds that the usual indicators cross. The tests hold them against TA-Lib itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

TICK: Final = 1 / 64
"""US dollars."""

CONFIDENT: Final = "*"
"""Follows the name of a pattern that also goes out on ``patterns:detected``: its confidence is 0.8 or more."""


class Candle(NamedTuple):
    """One minute's prices, in ticks from the usual close."""

    open: int
    high: int
    low: int
    close: int


@dataclass(frozen=True, slots=True)
class Formation:
    """Some candles one after the other, and all that is found while they last and in their aftermath.

    Attributes:
        name: for people.
        candles: from its first minute on.
        patterns: their names, by the minute counted from the first candle's; :data:`CONFIDENT` marks the sure ones.
        alerts: likewise the alerts' types.
    """

    name: str
    candles: tuple[Candle, ...]
    patterns: Mapping[int, str] = field(default_factory=dict)
    alerts: Mapping[int, str] = field(default_factory=dict)


QUIET: Final = Formation("quiet", (Candle(-6, 9, -8, 0),))
"""The same small white candle minute after minute: no pattern, and nothing crosses anything."""

WAVE: Final = Formation(
    "wave",
    (
        Candle(0, 42, -2, 40),
        Candle(40, 84, 38, 80),
        Candle(80, 164, 78, 160),
        Candle(172, 184, 168, 176),
        Candle(150, 152, 76, 80),
        Candle(80, 82, 36, 40),
        Candle(40, 42, -44, -40),
        Candle(-52, -48, -60, -50),
    ),
    {
        0: "WhiteShortLine",
        1: "BullishMarubozu BullishClosingMarubozu BullishBeltHold",
        2: "BullishMarubozu BullishClosingMarubozu BullishBeltHold ThreeWhiteSoldiers",
        3: "Doji GravestoneDoji LongLeggedDoji BearishDojiStar ShootingStar StalledPattern",
        4: "BearishMarubozu BearishClosingMarubozu BearishBeltHold EveningStar EveningDojiStar BearishAbandonedBaby",
        6: "BearishMarubozu BearishClosingMarubozu BearishBeltHold IdenticalThreeCrows",
        7: "Doji DragonflyDoji Takuri LongLeggedDoji BullishDojiStar Hammer",
    },
    {2: "MACD_BULLISH_CROSS", 6: "MACD_BEARISH_CROSS"},
)
"""Up to a star and down to a hammer, every eight minutes, of a symbol that has never done anything else."""

# The others are performed by a symbol that was quiet for a day, and is quiet afterwards.

WHITE_MARUBOZU: Final = Formation(
    "white marubozu", (Candle(-100, 0, -117, 0),), {0: "BullishClosingMarubozu*", 1: "BearishHarami"}
)

BLACK_MARUBOZU: Final = Formation(
    "black marubozu", (Candle(96, 104, 0, 0),), {0: "BearishClosingMarubozu*", 1: "InNeck OnNeck"}
)

BULLISH_ENGULFING: Final = Formation(
    "bullish engulfing",
    (
        Candle(-74, -57, -131, -127),
        Candle(-135, -117, -160, -147),
        Candle(-147, -130, -223, -208),
        Candle(-208, 9, -211, 0),
    ),
    {3: "BullishBeltHold BullishEngulfing*", 4: "BearishHarami"},
    {0: "MACD_BEARISH_CROSS BB_LOWER_BREAK", 5: "MACD_BULLISH_CROSS", 25: "MACD_BEARISH_CROSS"},
)

BEARISH_ENGULFING: Final = Formation(
    "bearish engulfing",
    (Candle(0, 60, -4, 56), Candle(56, 100, 54, 96), Candle(96, 130, 92, 124), Candle(126, 128, -4, 0)),
    {
        0: "BullishLongLine",
        1: "BullishLongLine BullishBeltHold",
        2: "AdvanceBlock",
        3: "BearishLongLine BearishBeltHold BearishEngulfing*",
        4: "InNeck",
    },
    {0: "RSI_OVERBOUGHT MACD_BULLISH_CROSS BB_UPPER_BREAK", 5: "MACD_BEARISH_CROSS", 25: "MACD_BULLISH_CROSS"},
)

MORNING_STAR: Final = Formation(
    "morning star",
    (
        Candle(0, 2, -44, -40),
        Candle(-40, -38, -84, -80),
        Candle(-80, -78, -164, -160),
        Candle(-176, -168, -186, -172),
        Candle(-150, 4, -152, 0),
    ),
    {
        0: "BearishLongLine BearishEngulfing",
        1: "BearishLongLine",
        2: "BearishLongLine BearishBeltHold",
        4: "BullishLongLine BullishBeltHold* MorningStar*",
        5: "BearishHarami",
    },
    {0: "MACD_BEARISH_CROSS BB_LOWER_BREAK", 6: "MACD_BULLISH_CROSS", 26: "MACD_BEARISH_CROSS"},
)

EVENING_STAR: Final = Formation(
    "evening star",
    (
        Candle(0, 44, -2, 40),
        Candle(40, 84, 38, 80),
        Candle(80, 164, 78, 160),
        Candle(172, 184, 168, 176),
        Candle(150, 152, -4, 0),
    ),
    {
        0: "BullishLongLine",
        1: "BullishLongLine",
        2: "BullishLongLine BullishBeltHold",
        4: "BearishLongLine BearishBeltHold* EveningStar*",
        5: "InNeck",
    },
    {0: "RSI_OVERBOUGHT MACD_BULLISH_CROSS BB_UPPER_BREAK", 6: "MACD_BEARISH_CROSS", 26: "MACD_BULLISH_CROSS"},
)

HAMMER: Final = Formation(
    "hammer",
    (
        Candle(0, 2, -44, -40),
        Candle(-40, -38, -84, -80),
        Candle(-80, -78, -124, -120),
        Candle(-128, -120, -176, -121),
        Candle(-118, 4, -120, 0),
    ),
    {
        0: "BearishLongLine BearishEngulfing",
        1: "BearishLongLine",
        2: "BearishLongLine BearishBeltHold",
        3: "Hammer*",
        4: "BullishLongLine BullishBeltHold MorningStar",
        5: "BearishHarami",
    },
    {0: "MACD_BEARISH_CROSS BB_LOWER_BREAK", 6: "MACD_BULLISH_CROSS", 26: "MACD_BEARISH_CROSS"},
)

WHITE_SOLDIERS: Final = Formation(
    "three white soldiers",
    (Candle(0, 4, -184, -180), Candle(-180, -118, -184, -120), Candle(-140, -58, -142, -60), Candle(-80, 2, -82, 0)),
    {
        0: "BearishLongLine BearishEngulfing",
        1: "BullishLongLine BullishClosingMarubozu",
        2: "BullishLongLine BullishMarubozu BullishClosingMarubozu BullishBeltHold",
        3: "BullishLongLine BullishMarubozu BullishClosingMarubozu BullishBeltHold ThreeWhiteSoldiers*",
        4: "BearishHarami",
    },
    {0: "MACD_BEARISH_CROSS BB_LOWER_BREAK", 5: "MACD_BULLISH_CROSS", 25: "MACD_BEARISH_CROSS"},
)
