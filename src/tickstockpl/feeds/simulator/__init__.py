"""A simulated market: seeded, reproducible, trade by trade."""

from tickstockpl.feeds.simulator.feed import SimulatorFeed

__all__ = ["SimulatorFeed"]
