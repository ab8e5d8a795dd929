"""The catalog's entries of the indicators with names, parameters and outputs of our own.

TA-Lib computes them like all others. Their names in the contract are the specification's, and alerts follow from them.
"""

from tickstockpl.analysis.indicators.definition import OVERBOUGHT, OVERSOLD, bollinger_bands, macd, rsi, sma
from tickstockpl.analysis.indicators.entry import IndicatorEntry, Parameter
from tickstockpl.analysis.indicators.talib_functions import FUNCTIONS

OWN_ENTRIES: tuple[IndicatorEntry, ...] = (
    IndicatorEntry(
        name="RSI",
        title="Relative Strength Index",
        family=FUNCTIONS["RSI"].group,
        parameters=(
            FUNCTIONS["RSI"].parameter("timeperiod", "period"),
            Parameter("overbought", OVERBOUGHT, 0.0, 100.0),
            Parameter("oversold", OVERSOLD, 0.0, 100.0),
        ),
        meaning="How much of the recent movement was upward, 0 to 100.",
        source="Wilder 1978; TA-Lib RSI",
        define=rsi,
    ),
    IndicatorEntry(
        name="SMA",
        title="Simple Moving Average",
        family=FUNCTIONS["SMA"].group,
        parameters=(FUNCTIONS["SMA"].parameter("timeperiod", "period", default=20),),
        meaning="Mean of the last closes.",
        source="TA-Lib SMA",
        define=sma,
    ),
    IndicatorEntry(
        name="MACD",
        title="Moving Average Convergence Divergence",
        family=FUNCTIONS["MACD"].group,
        parameters=tuple(
            FUNCTIONS["MACD"].parameter(f"{average}period", average) for average in ("fast", "slow", "signal")
        ),
        meaning="Fast minus slow exponential average, with its own average as signal line.",
        source="Appel 1979; TA-Lib MACD",
        define=macd,
    ),
    IndicatorEntry(
        name="BB",
        title="Bollinger Bands",
        family=FUNCTIONS["BBANDS"].group,
        parameters=(
            FUNCTIONS["BBANDS"].parameter("timeperiod", "period"),
            FUNCTIONS["BBANDS"].parameter("nbdevup", "deviations"),
        ),
        meaning="Mean of the last closes and some standard deviations to either side.",
        source="Bollinger 2001; TA-Lib BBANDS on a simple moving average",
        define=bollinger_bands,
        aliases=("BBANDS",),
    ),
)
"""They stand in the catalog in place of what TA-Lib's metadata would give."""
