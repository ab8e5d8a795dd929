"""Whether a kernel gives TA-Lib's bits with the TA-Lib that is installed."""

from collections.abc import Callable
from typing import Final

import numpy as np

from tickstockpl.analysis.indicators.bank import Bank
from tickstockpl.analysis.indicators.definition import TalibIndicator
from tickstockpl.analysis.indicators.talib_bank import TalibBank
from tickstockpl.market.bars import MINUTE_MS, Floats, MinuteBars

Kernel = Callable[[TalibIndicator, int], Bank]
"""Makes a bank for a definition and a number of symbols."""

_SYMBOLS: Final = 32
_WARM_MINUTES: Final = 30


def gives_talibs_bits(kernel: Kernel, definition: TalibIndicator) -> bool:
    """Play some made bars to a kernel and to TA-Lib's handles; takes some milliseconds.

    A release of TA-Lib may order its operations differently without anybody calling that a change. Where it does, the
    kernel must not be used.

    Args:
        kernel: what to prove.
        definition: an indicator that it computes, with short periods; the proof takes its lookback and some bars more.
    """
    ours, talibs = kernel(definition, _SYMBOLS), TalibBank(definition, _SYMBOLS)
    steps = np.random.default_rng(0).integers(-20, 21, (definition.lookback + _WARM_MINUTES, _SYMBOLS))
    closes: Floats = (10_000 + steps.cumsum(axis=0)) / 100
    for minute, close in enumerate(closes):
        bars = MinuteBars(
            minute * MINUTE_MS, np.arange(_SYMBOLS), close, close, close, close, np.ones(_SYMBOLS, dtype=np.int64)
        )
        said, expected = ours.update(bars), talibs.update(bars)
        if not np.array_equal(said.rows, expected.rows):
            return False
        if any(said.outputs[name].tobytes() != expected.outputs[name].tobytes() for name in definition.outputs):
            return False
    return True
