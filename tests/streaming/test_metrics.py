"""What Prometheus is told by a producer is what it did."""

import asyncio
import socket
from pathlib import Path

import httpx
import psycopg
import pytest
from prometheus_client import CollectorRegistry

from tests.streaming.market_files import play, quiet_settings, replay_service
from tickstockpl.contract.channels import Channel
from tickstockpl.errors import TickStockError
from tickstockpl.streaming.metrics import ProducerMetrics, served


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, labels)


def test_a_replay_is_counted(one_day: Path, redis_url: str, database_url: str) -> None:
    service = replay_service(one_day, redis_url, database_url)
    asyncio.run(play(service))
    told = service.metrics.registry
    with psycopg.connect(database_url) as connection:
        for table in ("bars_1min", "intraday_patterns", "intraday_indicators", "indicator_alerts"):
            row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
            assert row == (value(told, "tickstock_rows_total", table=table),)
        minutes = connection.execute("SELECT count(DISTINCT minute) FROM bars_1min").fetchone()
    assert minutes == (value(told, "tickstock_minutes_stored_total"),)
    assert minutes == (value(told, "tickstock_processing_lag_seconds_count"),)
    assert minutes == (value(told, "tickstock_publish_seconds_count"),)
    for channel in Channel:
        sent = value(told, "tickstock_messages_published_total", channel=channel.value)
        assert sent == service.parts.publisher.counts[channel]
    assert value(told, "tickstock_sessions_ended_total", final_status="completed") == 1
    assert value(told, "tickstock_session_running") == 0
    assert value(told, "tickstock_writer_queue_jobs") == 0
    assert value(told, "tickstock_bars_rejected_total") == 0


def test_two_services_count_apart() -> None:
    one, other = ProducerMetrics(), ProducerMetrics()
    one.sessions_ended.labels("failed").inc()
    assert value(one.registry, "tickstock_sessions_ended_total", final_status="failed") == 1
    assert value(other.registry, "tickstock_sessions_ended_total", final_status="failed") is None


def test_they_are_served_on_the_loopback_while_the_service_is_open() -> None:
    metrics = ProducerMetrics()
    metrics.trades_left_out.labels("late").inc(3)
    with served(metrics, "127.0.0.1", 0) as port:
        answer = httpx.get(f"http://127.0.0.1:{port}/metrics")
    assert 'tickstock_trades_left_out_total{reason="late"} 3.0' in answer.text.splitlines()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/metrics")


async def test_a_port_that_is_taken_ends_the_start(one_day: Path, redis_url: str, database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        service = replay_service(one_day, redis_url, database_url, settings=quiet_settings(metrics_port=port))
        with pytest.raises(TickStockError, match=f"metrics cannot be served on 127.0.0.1, port {port}"):
            await service.open()
