"""The page as it is followed: a real dashboard, real Redis and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.conformance.recording import Recording
from tests.dashboard.running import dashboard, publish
from tests.support import eventually_async
from tickstockpl.conformance.heard import Heard
from tickstockpl.conformance.report.page import PageProbe
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Checkpoint, StreamingPattern
from tickstockpl.contract.timestamps import from_iso
from tickstockpl.errors import TickStockError


@asynccontextmanager
async def followed(probe: PageProbe) -> AsyncIterator["asyncio.Task[None]"]:
    ready = asyncio.Event()
    following = asyncio.create_task(probe.run(ready))
    async with asyncio.timeout(15):
        await ready.wait()
    try:
        yield following
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_patterns_are_timed_from_the_producer_to_the_page(
    redis_url: str, database_url: str, recording: Recording
) -> None:
    patterns = {payload for channel, payload in recording if channel == Channel.PATTERNS}
    assert patterns
    async with dashboard(redis_url, database_url) as url:
        probe = PageProbe(url, "")
        async with followed(probe):
            publish(redis_url, *recording)
            await eventually_async(lambda: probe.seen().patterns == len(patterns), what="the page has them all")
    assert probe.seen().latency_ms is None, "nobody has said when they were sent"
    sent: list[int] = []
    for channel, payload in recording:
        heard = Heard.read(channel, 1, payload, 0)
        probe.take(heard)
        if isinstance(heard.event, Checkpoint):
            sent.append(from_iso(heard.event.timestamp))
    latency = probe.seen().latency_ms
    assert latency is not None
    assert latency.count == len(patterns), "each once, though the sure ones went out on two channels"
    assert latency.p50 > 0
    assert (probe.seen().missed, probe.seen().lost) == (0, "")


async def test_what_was_sent_before_it_was_shown_is_timed_alike(recording: Recording) -> None:
    probe = PageProbe("http://nowhere", "")
    sent_ms = 0
    first: str | None = None
    for channel, payload in recording:
        heard = Heard.read(channel, 1, payload, 0)
        probe.take(heard)
        if first is None and isinstance(heard.event, StreamingPattern):
            first = heard.event.detection.metadata.pattern_id
        elif first is not None and isinstance(heard.event, Checkpoint):
            sent_ms = from_iso(heard.event.timestamp)
            break
    frame = f'{{"type": "delta", "patterns": [{{"metadata": {{"pattern_id": "{first}"}}}}]}}'
    probe._take(frame, sent_ms + 42)
    latency = probe.seen().latency_ms
    assert latency is not None
    assert (latency.count, latency.max) == (1, 42)


async def test_a_page_that_ends_is_told(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url:
        probe = PageProbe(url, "")
        ready = asyncio.Event()
        following = asyncio.create_task(probe.run(ready))
        async with asyncio.timeout(15):
            await ready.wait()
    async with asyncio.timeout(15):
        await following
    assert probe.seen().lost


async def test_a_page_that_lets_nobody_in(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url, auth="on") as url:
        plain = url.partition("/?")[0]
        assert plain != url
        with pytest.raises(TickStockError, match=rf"the page at {plain} does not let the report in \(.*401\)$"):
            await PageProbe(url, "not a token").run(asyncio.Event())


async def test_no_page_at_all() -> None:
    with pytest.raises(
        TickStockError, match=r"there is no page at http://127\.0\.0\.1:9 \(.*is the dashboard running\?"
    ):
        await PageProbe("http://127.0.0.1:9", "").run(asyncio.Event())
