"""What a server may do to the stream of its messages."""

import random
from dataclasses import dataclass
from math import inf
from typing import Literal

import msgspec

from tests.massive_server.tape import Message

Refusal = Literal["auth_failed", "auth_timeout", "no_access", "max_connections", "mute"]
"""How a connection goes wrong from the start; ``mute`` accepts everything and sends no data."""


@dataclass(slots=True)
class Disorder:
    """Messages that come twice, in another order, or late; the same ones for the same seed.

    Attributes:
        seed: of the choice.
        twice: the part of the messages that come again.
        swapped: the part of them that change places with a neighbour.
        late: the part of them that come ``late_ms`` of market time later.
    """

    seed: int = 1
    twice: float = 0.0
    swapped: float = 0.0
    late: float = 0.0
    late_ms: int = 0

    def of(self, messages: list[tuple[int, Message]]) -> list[tuple[int, Message]]:
        """The messages of a tape as they come now."""
        rng = random.Random(self.seed)
        come: list[tuple[int, Message]] = []
        for at_ms, message in messages:
            is_late = rng.random() < self.late
            come.append((at_ms + self.late_ms * is_late, message))
            if rng.random() < self.twice:
                come.append((at_ms + int(rng.expovariate(1 / 500)), message))
        come.sort(key=lambda one: one[0])
        for place in range(1, len(come)):
            if rng.random() < self.swapped:
                (earlier_ms, earlier), (later_ms, later) = come[place - 1 : place + 1]
                come[place - 1 : place + 1] = [(earlier_ms, later), (later_ms, earlier)]
        return come


class Mangler:
    """Spoils frames: the next ``count`` of them, or all for a while.

    Attributes:
        count: frames that are still to be spoilt.
        kind: ``garbage`` sends nonsense instead, ``truncated`` the first half. The messages are lost.
    """

    def __init__(self) -> None:
        self.count: float = 0
        self.kind: Literal["garbage", "truncated"] = "garbage"

    def spoil(self, kind: Literal["garbage", "truncated"], count: float = inf) -> None:
        """Spoil the next frames."""
        self.kind, self.count = kind, count

    def frame(self, messages: list[Message]) -> str | bytes:
        """The messages as a frame, spoilt or not."""
        text = msgspec.json.encode(messages)
        if self.count <= 0:
            return text.decode()
        self.count -= 1
        return text[: len(text) // 2].decode() if self.kind == "truncated" else b"\x00\xff{" + text[:20]
