"""A real dashboard in the test's own event loop, and pages that connect to it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import redis
from websockets.asyncio.client import ClientConnection, connect

from tests.dashboard.samples import Page
from tickstockpl.dashboard.server import serve
from tickstockpl.dashboard.subscriber import Message
from tickstockpl.settings import load_settings

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


class NewEpochError(Exception):
    """The frames belong to another state than the snapshot; a page would connect anew."""


class LivePage:
    """A page: follows every frame, checks the protocol's numbers, and can be waited for."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.page = Page({})
        self.epoch: str | None = None
        self.seq = -1
        self.frames = 0

    async def next(self) -> dict[str, Any]:
        """The next frame, followed."""
        async with asyncio.timeout(PATIENCE_S):
            frame: dict[str, Any] = json.loads(await self.connection.recv())
        kind, epoch, seq = frame.pop("type"), frame.pop("epoch"), frame.pop("seq")
        if self.epoch is None:
            assert kind == "snapshot"
            self.page = Page(frame)
        elif epoch != self.epoch:
            raise NewEpochError
        else:
            assert (kind, epoch, seq) == ("delta", self.epoch, self.seq + 1)
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
async def opened(url: str) -> AsyncIterator[LivePage]:
    """A page that has its snapshot."""
    async with connect(url.replace("http", "ws", 1) + "/ws/live", origin=url, max_size=None) as connection:  # type: ignore[arg-type]
        page = LivePage(connection)
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
