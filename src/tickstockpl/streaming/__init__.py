"""The producer: from a feed to Redis and PostgreSQL."""
