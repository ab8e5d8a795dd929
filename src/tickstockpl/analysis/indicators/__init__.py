"""Indicators: TA-Lib's numbers, bit for bit."""
