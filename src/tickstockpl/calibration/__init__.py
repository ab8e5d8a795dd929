"""Counting patterns in whole markets: calibrations of one's own, and how often each pattern occurs."""
