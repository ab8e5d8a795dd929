"""Which bank an indicator gets."""

from tickstockpl.analysis.indicators.bank import Bank
from tickstockpl.analysis.indicators.definition import IndicatorDefinition, TalibIndicator
from tickstockpl.analysis.indicators.formula import FormulaIndicator
from tickstockpl.analysis.indicators.formula_bank import FormulaBank
from tickstockpl.analysis.indicators.talib_bank import TalibBank


def open_bank(definition: IndicatorDefinition, symbol_count: int) -> Bank:
    """The bank that computes an indicator.

    Args:
        definition: which indicator.
        symbol_count: how many symbols the universe has.
    """
    match definition:
        case TalibIndicator():
            return TalibBank(definition, symbol_count)
        case FormulaIndicator():
            return FormulaBank(definition, symbol_count)
        case _:
            raise TypeError(f"there is no bank for {type(definition).__name__}")
