"""One independent random stream for every part of the simulated market.

A stream depends on nothing but the seed and the part's own name, so a part comes out the same whatever else was drawn
before it.
"""

from enum import IntEnum

import numpy as np


class Part(IntEnum):
    """What a stream is for; its values are part of what a seed means."""

    STOCK = 0
    DAY = 1
    MINUTE = 2
    PRE_MARKET = 3
    PRE_MARKET_MINUTE = 4
    AFTER_HOURS = 5
    AFTER_HOURS_MINUTE = 6


def stream(seed: int, part: Part, *name: int) -> np.random.Generator:
    """The stream of one part of the market, told apart from its siblings by ``name``."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(part, *name))))
