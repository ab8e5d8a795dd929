"""The Live Streaming page's server: Redis and the tables in, WebSocket and REST out. Knows nothing of the producer."""
