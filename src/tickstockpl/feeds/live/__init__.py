"""What live feeds share: from whatever comes over a connection to batches that lose nothing silently.

connection ─► inbox ─► :mod:`~tickstockpl.feeds.live.play` ─► batches
     └──────► coverage ──┘        ▲
                               refill
"""
