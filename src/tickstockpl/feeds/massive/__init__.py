"""The US stock market over Massive's WebSocket (formerly Polygon.io): trades, second bars or minute bars.

socket ─► frames ─► messages ─► columns ─► inbox ─► :mod:`tickstockpl.feeds.live.play`
"""
