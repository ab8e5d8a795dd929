"""Waiting for conditions, and subscribers that hear every channel of the contract."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypeVar

import redis

from tickstockpl.clock import monotonic_s
from tickstockpl.contract.channels import Channel

Result = TypeVar("Result")

_POLL_S = 0.005

PATIENCE_S = 30.0
"""How long a condition is waited for. It costs nothing where it comes about, and a busy machine may take its time."""


def eventually(
    predicate: Callable[[], Result], timeout: float = PATIENCE_S, *, what: str | Callable[[], object] = "the condition"
) -> Result:
    """Wait until ``predicate()`` is true, and return it; an ``AssertionError`` says ``what`` did not come about."""
    deadline_s = monotonic_s() + timeout
    pause = threading.Event()
    while not (result := predicate()):
        assert monotonic_s() < deadline_s, f"not within {timeout} s: {what() if callable(what) else what}"
        pause.wait(_POLL_S)
    return result


async def eventually_async(
    predicate: Callable[[], Result | Awaitable[Result]],
    timeout: float = PATIENCE_S,  # noqa: ASYNC109 -- it is the assertion's, not the caller's
    *,
    what: str | Callable[[], object] = "the condition",
) -> Result:
    """Like :func:`eventually`, for a plain or an async ``predicate`` while the event loop runs on."""
    deadline_s = monotonic_s() + timeout
    while True:
        answer = predicate()
        result: Any = await answer if isinstance(answer, Awaitable) else answer
        if result:
            return result
        assert monotonic_s() < deadline_s, f"not within {timeout} s: {what() if callable(what) else what}"
        await asyncio.sleep(_POLL_S)


def listens(redis_url: str, name: str) -> bool:
    """Whether a client of this name has subscribed; it may have its name earlier."""
    with redis.Redis.from_url(redis_url) as client:
        return any(one["name"] == name and int(one["sub"]) for one in client.client_list())


class Subscriber:
    """Collects every message of the contract's channels, in order, on a thread of its own.

    ``with Subscriber(url) as heard: ...; heard.messages``: subscribed when the block begins; at its end everything
    that was published before is in ``messages``, a list of (channel, payload).
    """

    def __init__(self, redis_url: str) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self._end_channel = f"tests:subscriber-end:{id(self)}"
        self._client = redis.Redis.from_url(redis_url)
        self._pubsub = self._client.pubsub()  # type: ignore[no-untyped-call]
        self._thread = threading.Thread(target=self._listen, name="subscriber", daemon=True)

    def on(self, channel: Channel) -> list[bytes]:
        """The payloads heard so far on one channel, in order."""
        return [payload for name, payload in self.messages if name == channel]

    def wait_for(self, channel: Channel, count: int = 1, timeout: float = PATIENCE_S) -> list[bytes]:
        """Wait until ``count`` messages have been heard on a channel; those messages."""
        eventually(
            lambda: len(self.on(channel)) >= count,
            timeout,
            what=lambda: f"{count} messages on {channel}, only {len(self.on(channel))}",
        )
        return self.on(channel)

    def stop(self) -> None:
        """Hear out what has been published so far, then end."""
        if self._thread.is_alive():
            self._client.publish(self._end_channel, b"")
            self._thread.join(timeout=30)
            assert not self._thread.is_alive(), "the subscriber did not end within 30 s"
        self._pubsub.close()
        self._client.close()

    def __enter__(self) -> Self:
        channels = [channel.value for channel in Channel] + [self._end_channel]
        self._pubsub.subscribe(*channels)
        for _ in channels:
            confirmation = self._pubsub.get_message(timeout=10)
            assert confirmation is not None
            assert confirmation["type"] == "subscribe"
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _listen(self) -> None:
        try:
            for message in self._pubsub.listen():
                channel = message["channel"].decode()
                if channel == self._end_channel:
                    return
                if message["type"] == "message":
                    self.messages.append((channel, message["data"]))
        except redis.ConnectionError:
            return  # the test stopped its server


class ReturningSubscriber:
    """Hears every channel of the contract, and comes back whenever it was cut off."""

    def __init__(self, redis_url: str) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self._url = redis_url
        self._subscribed = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="returning subscriber", daemon=True)

    def on(self, channel: Channel) -> list[bytes]:
        return [payload for name, payload in self.messages if name == channel]

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._subscribed.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(10)

    def _listen(self) -> None:
        while not self._ended.is_set():
            with suppress(redis.ConnectionError), redis.Redis.from_url(self._url) as client, client.pubsub() as heard:
                heard.subscribe(*(channel.value for channel in Channel))
                self._subscribed.set()
                while not self._ended.is_set():
                    message = heard.get_message(ignore_subscribe_messages=True, timeout=0.05)
                    if message is not None:
                        self.messages.append((message["channel"].decode(), message["data"]))
            self._ended.wait(0.02)
