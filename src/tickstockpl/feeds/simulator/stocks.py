"""What is particular to each simulated stock, and does not change from day to day."""

import zlib
from dataclasses import dataclass

import numpy as np

from tickstockpl.feeds.simulator.randomness import Part, stream
from tickstockpl.market.bars import Floats, Index
from tickstockpl.market.universes import Universe

LOWEST_PRICE, HIGHEST_PRICE = 12.0, 800.0

TYPICAL_TRADES_PER_MINUTE = 11.0
"""How often a stock of middling liquidity trades, averaged over a calm day."""


@dataclass(frozen=True, slots=True, eq=False)
class Stocks:
    """Traits of a universe's stocks, one entry each.

    Attributes:
        price: the price around which a stock lives, US dollars.
        beta: how strongly it follows the market.
        sector: number of its sector, from 0.
        sector_beta: how strongly it follows its sector; 0 where the sector is not known.
        volatility: standard deviation of its own noise, per minute, as a log return.
        trades_per_minute: how often it trades, averaged over a calm day.
        half_spread: half its bid-ask spread, as a share of the price.
        sector_count: how many sectors there are.
    """

    price: Floats
    beta: Floats
    sector: Index
    sector_beta: Floats
    volatility: Floats
    trades_per_minute: Floats
    half_spread: Floats
    sector_count: int

    def __len__(self) -> int:
        return len(self.price)


def draw_stocks(universe: Universe, seed: int) -> Stocks:
    """Draw the traits of a universe's stocks: a symbol's are the same in every universe (20 µs a symbol)."""
    normals = np.array(
        [stream(seed, Part.STOCK, zlib.crc32(symbol.encode())).standard_normal(6) for symbol in universe.symbols]
    )
    known = sorted(set(universe.sectors))
    liquidity = np.clip(np.exp(0.95 * normals[:, 4]), 0.08, 9.0)
    return Stocks(
        price=np.clip(90.0 * np.exp(0.8 * normals[:, 0]), LOWEST_PRICE, HIGHEST_PRICE),
        beta=np.clip(1.0 + 0.3 * normals[:, 1], 0.3, 2.0),
        sector=np.array([known.index(sector) for sector in universe.sectors], np.intp),
        sector_beta=np.where(
            [bool(sector) for sector in universe.sectors], np.clip(1 + 0.3 * normals[:, 2], 0.2, 2), 0
        ),
        volatility=5.2e-4 * np.exp(0.35 * normals[:, 3]),
        trades_per_minute=TYPICAL_TRADES_PER_MINUTE * liquidity,
        half_spread=6e-5 * liquidity**-0.3 * np.exp(0.2 * normals[:, 5]),
        sector_count=len(known),
    )
