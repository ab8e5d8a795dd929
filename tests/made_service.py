"""A service as operators see one, and nothing behind it: checkpoints, and whatever answers a test wants."""

import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import redis

from tests.support import eventually
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.commands import (
    COMMAND_FIELD,
    COMMAND_STREAM,
    Command,
    Outcome,
    Reply,
    ServiceState,
    decode_command,
    encode_reply,
    reply_key,
)
from tickstockpl.contract.events import Checkpoint, Session, encode

NOW = "2026-01-30T15:00:00.000Z"
SESSION = Session("6f0d3c3e-55c1-5d0e-9b1c-2a1f7c9d4b60", "demo:two", "2026-01-30T14:30:00.000Z", 2, "active")

Answers = Callable[[Command, ServiceState], Sequence[bytes]]


def answers(*outcomes: Outcome, reason: str | None = None) -> Answers:
    """Answers every command so, one after the other."""
    return lambda command, state: [
        encode_reply(Reply(command.request_id, outcome, reason, state, NOW)) for outcome in outcomes
    ]


DONE = answers("acknowledged", "done")


class MadeService:
    """Heard, and asked, while its ``with`` block runs.

    Args:
        redis_url: a real Redis.
        source: where its bars would come from.
        answer: what it appends to a command's list.

    Attributes:
        service_id: by which it is addressed.
        commands: those that were addressed to it, in order.
    """

    def __init__(self, redis_url: str, source: str = "replay:made", answer: Answers = DONE) -> None:
        self.service_id = str(uuid4())
        self.source = source
        self.commands: list[Command] = []
        self._answer = answer
        self._client: Any = redis.Redis.from_url(redis_url)  # redis-py's types know no form of an answer
        self._ended = threading.Event()
        self._checkpoints = 0
        self._thread = threading.Thread(target=self._serve, name=f"made service {source}", daemon=True)

    @property
    def state(self) -> ServiceState:
        """What it says it is at."""
        return ServiceState(
            service_id=self.service_id,
            source=self.source,
            universe="demo:two",
            phase="running",
            detail="streaming until the close",
            market_time=NOW,
            speed=60.0,
            session=SESSION,
            total_patterns=1,
            total_indicators=2_000,
            next_open=None,
            health="warning",
            issues=["CPU use high: 91 %"],
        )

    def __enter__(self) -> Self:
        self._thread.start()
        eventually(lambda: self._checkpoints > 0, what="the first checkpoint")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(timeout=30)
        self._client.close()
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        newest = self._client.xrevrange(COMMAND_STREAM, count=1)
        last = newest[0][0].decode() if newest else "0"
        while not self._ended.is_set():
            self._checkpoints += 1
            self._client.publish(Channel.CHECKPOINT, self._checkpoint())
            found = self._client.xread({COMMAND_STREAM: last}, block=100)
            for entry, fields in found[0][1] if found else ():
                last = entry.decode()
                command = decode_command(fields[COMMAND_FIELD.encode()])
                if command.service_id == self.service_id:
                    self.commands.append(command)
                    for text in self._answer(command, self.state):
                        self._client.rpush(reply_key(command.request_id), text)

    def _checkpoint(self) -> bytes:
        return encode(Checkpoint(self.service_id, self._checkpoints, {}, self.source, 60.0, NOW, SESSION, NOW))
