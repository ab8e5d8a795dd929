"""A simulated market: seeded, reproducible, trade by trade."""

from tickstockpl.feeds.simulator.feed import SimulatorFeed
from tickstockpl.feeds.simulator.live import LiveSimulatorFeed

__all__ = ["LiveSimulatorFeed", "SimulatorFeed"]
