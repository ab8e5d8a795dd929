"""Bars in, events out: pure functions of the bars, without I/O, asyncio or a clock."""
