"""What docs/operations.md tells an operator to set up is enough for the two halves, and no more than that."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
import redis
from prometheus_client import CollectorRegistry

from tests.dashboard.running import dashboard, get, opened
from tests.docs.fenced import DOCS, block
from tests.streaming.market_files import play, replay_service
from tickstockpl.dashboard.live.hub import Hub
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.session_commands import NoServiceError, Operator
from tickstockpl.store.audit import Actor, AuditLog
from tickstockpl.store.migrate import migrate
from tickstockpl.store.queries import Queries

ROW = re.compile(r"^\| `(tickstock_\w+)` \|", re.MULTILINE)
PAGE = (DOCS / "operations.md").read_text("utf-8")


@dataclass(frozen=True)
class Roles:
    """The servers, by who asks."""

    servers: EmbeddedServers

    def redis_url(self, user: str) -> str:
        return self.servers.redis_url.replace("unix://", f"unix://{user}:secret@")

    def database_url(self, user: str) -> str:
        return self.servers.database_url.replace("://postgres@", f"://{user}:secret@")


@pytest.fixture(scope="module")
def roles(make_data_dir: Callable[[], Path]) -> Iterator[Roles]:
    """Servers that were set up as the page says."""
    with EmbeddedServers(make_data_dir()) as servers:
        migrate(servers.database_url)
        with psycopg.connect(servers.database_url, autocommit=True) as owner:
            owner.execute(block(PAGE, "sql").encode())
        with redis.Redis.from_url(servers.redis_url) as admin:
            for line in block(PAGE, "acl").splitlines():
                _, name, *rules = line.split()
                admin.execute_command("ACL", "SETUSER", name, *rules)
        yield Roles(servers)


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    path = tmp_path / "bars.csv"
    rows = [f"2018-02-26T14:{minute}:00Z,AAPL,178,178.1,177.9,178,1000" for minute in range(30, 60)]
    path.write_text("\n".join(["timestamp,symbol,open,high,low,close,volume", *rows, ""]))
    return path


async def test_producer_and_dashboard_work_as_these_users(roles: Roles, bars: Path) -> None:
    producer = "producer", "tickstock_producer"
    async with dashboard(roles.redis_url("dashboard"), roles.database_url("tickstock_dashboard")) as url:
        async with opened(url) as page:
            for again in (False, True):  # the second time deletes and writes anew
                service = replay_service(
                    bars, roles.redis_url(producer[0]), roles.database_url(producer[1]), again=again
                )
                await asyncio.to_thread(asyncio.run, play(service))
            await page.until(lambda has: has["summary"] is not None)
        sessions = (await get(url, "/api/streaming/sessions")).json()["sessions"]
        assert [session["final_status"] for session in sessions] == ["completed"]
        assert (await get(url, "/api/streaming/catalog")).json()["patterns"]


async def test_an_operator_and_the_dashboards_administrator_can_ask_the_producer(roles: Roles, bars: Path) -> None:
    service = replay_service(
        bars, roles.redis_url("producer"), roles.database_url("tickstock_producer"), speed=1, again=True
    )
    stop = asyncio.Event()
    playing = asyncio.create_task(play(service, stop))
    try:
        operator = Operator(roles.redis_url("operator"), "tests")
        for _ in range(20):  # each asking listens for a second and a half
            if is_running := await _is_running(operator):
                break
        assert is_running
        assert (await operator.order("stop")).outcome == "done"
        users = roles.redis_url("dashboard"), roles.database_url("tickstock_dashboard")
        async with dashboard(*users, admin_token="tests-0123456789") as url, httpx.AsyncClient(base_url=url) as client:
            admin = {"authorization": "Bearer tests-0123456789"}
            path = "/api/streaming/session"
            started = await client.post(path, json={"action": "start"}, headers=admin, timeout=30)
            assert started.status_code == 200, started.text
            assert (await client.get(path, headers=admin, timeout=30)).json()["services"][0]["phase"] == "running"
    finally:
        stop.set()
        await playing


async def _is_running(operator: Operator) -> bool:
    try:
        states, _ = await operator.status()
    except NoServiceError:
        return False
    return [state.phase for state in states] == ["running"]


def test_an_operator_can_do_nothing_else(roles: Roles) -> None:
    with redis.Redis.from_url(roles.redis_url("operator")) as client:
        for command in (
            ("PUBLISH", "tickstock:streaming:checkpoint", "x"),
            ("SUBSCRIBE", "tickstock:patterns:streaming"),
            ("XADD", "other", "*", "a", "b"),
            ("XRANGE", "tickstock:streaming:commands", "-", "+"),
            ("DEL", "tickstock:streaming:commands"),
            ("RPUSH", "tickstock:streaming:replies:x", "x"),
            ("BLPOP", "other", "1"),
            ("CONFIG", "GET", "*"),
        ):
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*command)


def test_the_dashboard_can_neither_publish_nor_write_events(roles: Roles) -> None:
    with redis.Redis.from_url(roles.redis_url("dashboard")) as client:
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.publish("tickstock:streaming:health", "{}")
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.get("x")
    with psycopg.connect(roles.database_url("tickstock_dashboard"), autocommit=True) as connection:
        for statement in (
            "DELETE FROM bars_1min",
            "UPDATE streaming_sessions SET symbol_count = 0",
            "INSERT INTO streaming_catalogs (source, catalog) VALUES ('x', '{}')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


async def test_the_dashboard_writes_the_audit_log_and_can_change_none_of_it(roles: Roles) -> None:
    with psycopg.connect(roles.database_url("tickstock_producer"), autocommit=True) as producer:
        producer.execute(
            "INSERT INTO critical_alerts (severity, message, component, raised_at) VALUES ('critical', 'x', 'x', %s)",
            ("2026-01-30T15:04:05.678Z",),
        )
    url = roles.database_url("tickstock_dashboard")
    seen = await AuditLog(url).acknowledge("x", "2026-01-30T15:04:05.678Z", Actor("ci", "admin", "127.0.0.1"))
    assert seen is not None
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in ("DELETE FROM audit_log", "UPDATE audit_log SET actor = 'x'", "TRUNCATE audit_log"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_the_producer_publishes_on_its_own_channels_only_and_owns_no_table(roles: Roles) -> None:
    with redis.Redis.from_url(roles.redis_url("producer")) as client:
        for command in (("PUBLISH", "other", "x"), ("SUBSCRIBE", "tickstock:streaming:health"), ("CONFIG", "GET", "*")):
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*command)
    with psycopg.connect(roles.database_url("tickstock_producer"), autocommit=True) as connection:
        for statement in (
            "DELETE FROM audit_log",
            "DROP TABLE bars_1min",
            "TRUNCATE bars_1min",
            "CREATE TABLE public.x ()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def names(registry: CollectorRegistry) -> set[str]:
    return {f"{metric.name}_total" if metric.type == "counter" else metric.name for metric in registry.collect()}


def test_the_lists_of_metrics_are_those_of_the_registries(bars: Path) -> None:
    nowhere = "redis://localhost:1", "postgresql://localhost:1/x"
    service = replay_service(bars, *nowhere)
    hub = Hub(nowhere[0], Queries(nowhere[1]))
    listed = ROW.findall(PAGE)
    assert len(listed) == len(set(listed))
    assert set(listed) == names(service.metrics.registry) | names(hub.metrics.registry)
    assert {name for name in listed if name.startswith("tickstock_dashboard_")} == names(hub.metrics.registry)
