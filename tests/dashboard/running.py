"""A real dashboard in the test's own event loop, and pages that connect to it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
import redis
from websockets.asyncio.client import ClientConnection, connect

from tests.dashboard.samples import Page
from tickstockpl.dashboard.server import serve
from tickstockpl.settings import load_settings
from tickstockpl.subscriber import Message

PATIENCE_S = 15.0


@asynccontextmanager
async def dashboard(redis_url: str, database_url: str, **settings: object) -> AsyncIterator[str]:
    """A dashboard on a free port that asks nobody, unless it is told to; gives its address."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        serve(load_settings(**{"port": 0, "auth": "off", **settings}), redis_url, database_url, ready.set_result)
    )
    await asyncio.wait((serving, ready), return_when=asyncio.FIRST_COMPLETED)
    if not ready.done():
        serving.result()
    try:
        yield ready.result()
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


class LivePage:
    """A page: follows every frame, checks the protocol's numbers, and can be waited for."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.page = Page({})
        self.epoch: str | None = None
        self.seq = -1
        self.frames = self.snapshots = 0

    async def next(self) -> dict[str, Any]:
        """The next frame, followed."""
        async with asyncio.timeout(PATIENCE_S):
            frame: dict[str, Any] = json.loads(await self.connection.recv())
        kind, epoch, seq = frame.pop("type"), frame.pop("epoch"), frame.pop("seq")
        if kind == "snapshot":
            self.page = Page(frame)
            self.snapshots += 1
        else:
            assert (kind, epoch, frame.pop("since")) == ("delta", self.epoch, self.seq)
            assert seq > self.seq
            self.page.follow(frame)
        self.epoch, self.seq = epoch, seq
        self.frames += 1
        return frame

    async def until(self, seen: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Follow frames until the page has what is asked for; all that it has then."""
        async with asyncio.timeout(PATIENCE_S):
            while self.epoch is None or not seen(self.page.has):
                await self.next()
        return self.page.has


@asynccontextmanager
async def opened(url: str, before: LivePage | None = None, **query: str | float) -> AsyncIterator[LivePage]:
    """A page that has its first frame; one that was open ``before`` goes on where it was."""
    if before is not None:
        query |= {"epoch": before.epoch or "", "seq": before.seq}
    address = f"{url.replace('http', 'ws', 1)}/ws/live?{urlencode(query)}"
    async with connect(address, origin=url, max_size=None) as connection:  # type: ignore[arg-type]
        page = LivePage(connection)
        if before is not None:
            page.page, page.epoch, page.seq = before.page, before.epoch, before.seq
        await page.next()
        yield page


def publish(redis_url: str, *messages: Message) -> int:
    """Publish in one piece; how many were heard by someone."""
    with redis.Redis.from_url(redis_url) as client:
        pipeline = client.pipeline(transaction=False)
        for channel, payload in messages:
            pipeline.publish(channel, payload)
        return sum(pipeline.execute())


async def get(url: str, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=url) as client:
        return await client.get(path, headers=headers)
