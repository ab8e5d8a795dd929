"""What long, short, near and equal mean: TA-Lib's candle settings.

Source: ``TA_RestoreCandleDefaultSettings`` in TA-Lib's ``ta_global.c``.
"""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class CandleSetting:
    """``factor`` times the mean ``measure`` of the ``period`` bars *before* the one that is compared.

    With a ``period`` of 0 a bar is compared with itself. Of ``shadows`` half the mean is taken: one shadow's share.
    """

    measure: Literal["body", "range", "shadows"]
    period: int
    factor: float


BODY_LONG: Final = CandleSetting("body", 10, 1.0)
BODY_SHORT: Final = CandleSetting("body", 10, 1.0)
BODY_DOJI: Final = CandleSetting("range", 10, 0.1)
SHADOW_LONG: Final = CandleSetting("body", 0, 1.0)
SHADOW_VERY_LONG: Final = CandleSetting("body", 0, 2.0)
SHADOW_SHORT: Final = CandleSetting("shadows", 10, 1.0)
SHADOW_VERY_SHORT: Final = CandleSetting("range", 10, 0.1)
NEAR: Final = CandleSetting("range", 5, 0.2)
FAR: Final = CandleSetting("range", 5, 0.6)
EQUAL: Final = CandleSetting("range", 5, 0.05)
