"""Which bank an indicator gets."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from tickstockpl.analysis.indicators.bank import Bank
from tickstockpl.analysis.indicators.definition import IndicatorDefinition, TalibIndicator, macd, rsi, sma
from tickstockpl.analysis.indicators.formula import FormulaIndicator
from tickstockpl.analysis.indicators.formula_bank import FormulaBank
from tickstockpl.analysis.indicators.kernels.macd import MacdBank
from tickstockpl.analysis.indicators.kernels.proof import Kernel, gives_talibs_bits
from tickstockpl.analysis.indicators.kernels.rsi import RsiBank
from tickstockpl.analysis.indicators.kernels.sma import SmaBank
from tickstockpl.analysis.indicators.talib_bank import TalibBank

KERNELS: Mapping[str, tuple[Kernel, tuple[TalibIndicator, ...]]] = MappingProxyType(
    {
        "MACD": (MacdBank, (macd(3, 7, 4), macd(12, 26, 9))),
        "RSI": (RsiBank, (rsi(3), rsi(14))),
        "SMA": (SmaBank, (sma(3), sma(14))),
    }
)
"""By TA-Lib's function: the kernel, and the indicators to prove it with."""


def open_bank(definition: IndicatorDefinition, symbol_count: int) -> Bank:
    """The bank that computes an indicator.

    Args:
        definition: which indicator.
        symbol_count: how many symbols the universe has.
    """
    match definition:
        case TalibIndicator() if has_kernel(definition.function):
            kernel, _ = KERNELS[definition.function]
            return kernel(definition, symbol_count)
        case TalibIndicator():
            return TalibBank(definition, symbol_count)
        case FormulaIndicator():
            return FormulaBank(definition, symbol_count)
        case _:
            raise TypeError(f"there is no bank for {type(definition).__name__}")


@cache
def has_kernel(function: str) -> bool:
    """Whether a function of TA-Lib has a kernel that gives its bits; proven once a process."""
    if function not in KERNELS:
        return False
    kernel, indicators = KERNELS[function]
    return all(gives_talibs_bits(kernel, definition) for definition in indicators)
