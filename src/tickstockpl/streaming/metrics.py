"""What the producer tells Prometheus, and the small server that does; ``docs/operations.md`` lists it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server

from tickstockpl.errors import TickStockError
from tickstockpl.feeds.base import Feed
from tickstockpl.readings import Readings
from tickstockpl.store.writer import Writer
from tickstockpl.streaming.commands import CommandDesk
from tickstockpl.streaming.publisher import Publisher
from tickstockpl.streaming.status import ServiceStatus

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Bounds of the histograms; health's two thresholds, 200 ms and 1 s, are among them."""


class ProducerMetrics:
    """The producer's instruments, in a registry of its own.

    Attributes:
        registry: all of them.
        readings: takes figures that parts of the service keep.
        processing_lag: from a minute's close to Redis' answer to its last event.
        publish: from handing a minute's messages over to Redis' answer to the last of them.
        sessions_ended: by final status.
        trades_left_out: by reason.
        minutes_backfilled: minutes that were fetched afterwards.
        bars_revised: bars that came again when their minute was out.
        definitions_switched_off: by kind.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.readings = Readings(registry)
        self.processing_lag = Histogram(
            "tickstock_processing_lag_seconds",
            "From a minute's close on the market's clock to Redis' answer to its last event, in wall time.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.publish = Histogram(
            "tickstock_publish_seconds",
            "From handing a minute's messages over to Redis' answer to the last of them.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.sessions_ended = Counter(
            "tickstock_sessions_ended_total", "Sessions that ended.", ["final_status"], registry=registry
        )
        self.trades_left_out = Counter(
            "tickstock_trades_left_out_total",
            "Trades that came after their bar was sealed (late), or were unusable (rejected).",
            ["reason"],
            registry=registry,
        )
        self.minutes_backfilled = Counter(
            "tickstock_minutes_backfilled_total", "Minutes that were fetched afterwards.", registry=registry
        )
        self.bars_revised = Counter(
            "tickstock_bars_revised_total",
            "Bars that their source sent again when their minute was out.",
            registry=registry,
        )
        self.definitions_switched_off = Counter(
            "tickstock_definitions_switched_off_total",
            "Patterns and indicators that raised and were switched off.",
            ["kind"],
            registry=registry,
        )

    def read(
        self,
        publisher: Publisher,
        writer: Writer,
        status: ServiceStatus,
        desk: CommandDesk,
        feed: Callable[[], Feed],
        rejected_bars: Callable[[], int],
    ) -> None:
        """Take the figures that the service's parts keep anyway.

        Args:
            publisher: counts messages.
            writer: counts minutes and what waits.
            status: counts rows.
            desk: counts commands.
            feed: the market that is streamed.
            rejected_bars: ready-made bars that did not pass the edge.
        """

        def rows() -> dict[str, float]:
            return {
                "bars_1min": status.bars,
                "intraday_patterns": status.patterns,
                "intraday_indicators": status.indicators,
                "indicator_alerts": status.alerts,
            }

        count, gauge = self.readings.count, self.readings.gauge
        count("tickstock_messages_published_total", "Messages sent to Redis.", lambda: publisher.counts, "channel")
        count("tickstock_rows_total", "Rows handed to the writer.", rows, "table")
        count("tickstock_minutes_stored_total", "Minutes that are committed.", lambda: writer.committed_minutes)
        gauge("tickstock_writer_queue_jobs", "Writes that are not committed yet.", lambda: writer.depth)
        gauge("tickstock_spool_bytes", "Rows that wait on disk, bytes.", lambda: writer.spooled_bytes)
        count("tickstock_writes_lost_total", "Writes that the full spool refused.", lambda: writer.lost.total())
        count("tickstock_events_lost_total", "Events that were lost while Redis was away.", lambda: publisher.lost)
        gauge("tickstock_redis_connected", "1 while Redis is connected, else 0.", lambda: publisher.away_s == 0)
        gauge("tickstock_database_connected", "1 while PostgreSQL is connected, else 0.", lambda: writer.connected)
        outages = "Times that %s was lost."
        count("tickstock_redis_outages_total", outages % "Redis", lambda: publisher.outages)
        count("tickstock_database_outages_total", outages % "PostgreSQL", lambda: writer.outages)
        connected = "1 while the feed is connected, else 0."
        gauge("tickstock_feed_connected", connected, lambda: feed().connection.status == "connected")
        gauge("tickstock_session_running", "1 while a session runs, else 0.", lambda: publisher.session is not None)
        count("tickstock_commands_total", "Operators' commands that were answered.", lambda: desk.handled)
        malformed = "Entries of the command stream that were no commands."
        count("tickstock_commands_malformed_total", malformed, lambda: desk.malformed)
        count("tickstock_bars_rejected_total", "Ready-made bars that were not sound.", rejected_bars)
        count("tickstock_feed_rows_rejected_total", "Rows that could not be used.", lambda: feed().report.rejected)
        garbled = "Messages of the feed that could not be read at all."
        count("tickstock_feed_messages_garbled_total", garbled, lambda: feed().report.garbled)
        duplicates = "Rows of the feed that had come before."
        count("tickstock_feed_duplicates_total", duplicates, lambda: feed().report.duplicates)
        conflated = "Trades that were merged because the service did not keep up; their bars are the same."
        count("tickstock_feed_trades_conflated_total", conflated, lambda: feed().report.conflated)


@contextmanager
def served(metrics: ProducerMetrics, host: str, port: int) -> Iterator[int]:
    """Answer Prometheus on a thread of its own for the length of a ``with``; gives the port.

    Args:
        metrics: what is answered.
        host: address to listen on.
        port: 0 takes a free one.

    Raises:
        TickStockError: if the port cannot be had.
    """
    try:
        server, thread = start_http_server(port, host, registry=metrics.registry)
    except OSError as error:
        raise TickStockError(
            f"metrics cannot be served on {host}, port {port} ({error.strerror}); "
            "choose others with TICKSTOCK_METRICS_HOST and TICKSTOCK_METRICS_PORT"
        ) from None
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
