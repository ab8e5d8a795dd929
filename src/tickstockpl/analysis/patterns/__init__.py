"""Candlestick patterns: what they are, where they are found and how clear-cut they are."""
