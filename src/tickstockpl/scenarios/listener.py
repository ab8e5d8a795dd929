"""What arrives of a scenario on Redis."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from tickstockpl.contract.channels import Channel
from tickstockpl.contract.codec import ContractError, decode
from tickstockpl.contract.events import Checkpoint, Health, StreamingHealth
from tickstockpl.scenarios.facts import Facts, facts_of
from tickstockpl.subscriber import Message, RedisState, Subscriber


@dataclass(slots=True)
class Heard:
    """What a consumer has understood.

    Attributes:
        facts: what was heard, health left out.
        health: every health event, oldest first.
        unreadable: why messages were not what their channels carry, each.
        others: sources of other services that publish on the same Redis.
        interruptions: how often the connection was lost.
        overflowed: messages beyond those that could be kept.
    """

    facts: Facts = field(default_factory=Facts)
    health: list[Health] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    others: set[str] = field(default_factory=set)
    interruptions: int = 0
    overflowed: int = 0


class Listener:
    """A consumer like any other: hears all channels.

    It lives in the service's process, so it only keeps what it hears while the service works, and reads it afterwards.

    Args:
        redis_url: where the service publishes.
        service_id: whose checkpoints count.
        capacity: messages that are kept, at most; about 400 bytes each.
    """

    def __init__(self, redis_url: str, service_id: str, capacity: int) -> None:
        self._service_id = service_id
        self._capacity = capacity
        self._subscriber = Subscriber(redis_url, self._receive, self._told, "tickstockpl-scenario")
        self._kept: list[Message] = []
        self._sent: Mapping[str, int] = {}
        self._news = asyncio.Event()
        self._heard = Heard()

    async def open(self) -> None:
        """Subscribe; from here on nothing is missed.

        Raises:
            TickStockError: if Redis cannot be reached.
        """
        await self._subscriber.open()

    async def run(self) -> None:
        """Hear until cancelled."""
        await self._subscriber.run()

    async def heard_all(self, published: Mapping[str, int], patience_s: float) -> None:
        """Wait for the checkpoint that counts all of this, for a while at most."""
        wanted = {channel: count for channel, count in published.items() if channel != Channel.CHECKPOINT}
        try:
            async with asyncio.timeout(patience_s):
                while any(self._sent.get(channel, 0) < count for channel, count in wanted.items()):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return  # what has not come by then is missing, and the outcome says so

    def read(self) -> Heard:
        """What was heard, understood; cost: about 5 µs a message."""
        heard = self._heard
        kept, self._kept = self._kept, []
        for channel, payload in kept:
            try:
                event = decode(channel, payload)
            except ContractError as error:
                heard.unreadable.append(str(error))
                continue
            if isinstance(event, StreamingHealth):
                heard.health.append(event.health)
            elif (facts := heard.facts.sent.get(Channel(channel))) is not None:
                facts.update(facts_of(event))
        return heard

    def _told(self, state: RedisState) -> None:
        self._heard.interruptions += state == "lost"

    def _receive(self, messages: list[Message]) -> None:
        room = self._capacity - len(self._kept)
        self._kept += messages[:room]
        self._heard.overflowed += max(0, len(messages) - room)
        for channel, payload in messages:
            if channel == Channel.CHECKPOINT:
                self._checkpoint(payload)

    def _checkpoint(self, payload: bytes) -> None:
        try:
            checkpoint = decode(Channel.CHECKPOINT, payload)
        except ContractError:
            return  # it is kept, and will be told
        if not isinstance(checkpoint, Checkpoint):
            return
        if checkpoint.service_id != self._service_id:
            self._heard.others.add(checkpoint.source)
            return
        self._sent = checkpoint.counts
        self._news.set()
