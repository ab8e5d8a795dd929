"""TickStockPL: a stock market's trades to bars, indicators, graded patterns and alerts, live."""

__version__ = "0.1.0"
