"""Real Redis and PostgreSQL servers from wheels, for a machine that has none."""

from tickstockpl.embedded.servers import EmbeddedServers, running_database, running_redis

__all__ = ["EmbeddedServers", "running_database", "running_redis"]
