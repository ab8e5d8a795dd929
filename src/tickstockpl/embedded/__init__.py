"""Real Redis and PostgreSQL servers from wheels, for a machine that has none."""

from tickstockpl.embedded.servers import EmbeddedServers

__all__ = ["EmbeddedServers"]
