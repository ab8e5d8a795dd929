"""Trades from a Redis channel, as TickStock installations publish them."""

from tickstockpl.feeds.redis_ticks.feed import RedisTicksFeed

__all__ = ["RedisTicksFeed"]
