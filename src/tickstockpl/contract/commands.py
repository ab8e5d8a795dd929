"""What an operator asks of a running service, and what it answers.

Commands are entries of one Redis stream, each with a single field, ``command``, that holds the JSON of a
:class:`Command`. Each is addressed to one service by the ``service_id`` of its checkpoints, so that several services
can share a Redis, and a service that was started anew never does what its predecessor was asked. Answers are
appended to a list of the command's own, :func:`reply_key`: an acknowledgement or a refusal at once, and of what was
acknowledged the outcome.

How old a command is, is told by its entry's id and Redis' own clock; the clocks of who asks and who answers may differ.
"""

from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from tickstockpl.contract.events import HealthStatus, Session
from tickstockpl.contract.fields import Count, SessionId, Timestamp
from tickstockpl.contract.timestamps import from_iso

COMMAND_STREAM: Final = "tickstock:streaming:commands"
"""The stream; whoever adds an entry trims it to about :data:`STREAM_LENGTH`."""

COMMAND_FIELD: Final = "command"

STREAM_LENGTH: Final = 1000

LONGEST_COMMAND_BYTES: Final = 4096
"""A command is a few hundred bytes; what is longer is not read."""

VALID_FOR_MS: Final = 10_000
"""How long a command may wait to be begun, unless it says otherwise."""

REPLIES_KEPT_S: Final = 60
"""How long answers wait to be fetched."""

Action = Literal["start", "stop", "status"]

Outcome = Literal["acknowledged", "done", "refused", "failed"]

Phase = Literal["starting", "running", "ending", "stopped", "waiting"]
"""What a service is at: a session runs, or it was stopped by an operator, or the service waits for the market."""


class Command(Struct, frozen=True):
    """One thing that an operator asks of one service."""

    request_id: Annotated[SessionId, Meta(description="UUID of the request; its answers carry it")]
    service_id: Annotated[str, Meta(max_length=100, description="The service that is meant, as in its checkpoints")]
    action: Action
    requested_by: Annotated[str, Meta(min_length=1, max_length=200, description="Who asks, for the record")]
    requested_at: Timestamp
    valid_for_ms: Annotated[int, Meta(gt=0, le=3_600_000, description="How long it may wait to be begun")] = (
        VALID_FOR_MS
    )
    universe: Annotated[
        str | None, Meta(description="For a start: GROUP:NAME; null is the universe that the service was started with")
    ] = None

    def __post_init__(self) -> None:
        # It is stored, so it must be a time that exists and not only look like one.
        from_iso(self.requested_at)


class ServiceState(Struct, frozen=True):
    """What a service is at."""

    service_id: str
    source: Annotated[str, Meta(description="massive, redis, replay:NAME or simulator:RUN")]
    universe: Annotated[str, Meta(description="That of the running session, else of the next")]
    phase: Phase
    detail: Annotated[str, Meta(description="The same in words: what is waited for, and until when")]
    market_time: Timestamp
    speed: Annotated[float | None, Meta(description="Market seconds per wall second; null is as fast as possible")]
    session: Session | None
    total_patterns: Annotated[Count, Meta(description="Of the session that runs, or ran last")]
    total_indicators: Count
    next_open: Annotated[Timestamp | None, Meta(description="When the next session starts by itself")]
    health: HealthStatus | None
    issues: list[str]


class Reply(Struct, frozen=True):
    """An answer to a command.

    A command that is acknowledged is being done, and a second answer tells its outcome.
    """

    request_id: SessionId
    outcome: Outcome
    reason: Annotated[str | None, Meta(description="Why it was refused or has failed: one sentence with the remedy")]
    service: ServiceState
    timestamp: Annotated[Timestamp, Meta(description="Wall clock of the service")]


def reply_key(request_id: str) -> str:
    """The Redis list to which a command's answers are appended."""
    return f"tickstock:streaming:replies:{request_id}"


Message = TypeVar("Message")

_encoder = msgspec.json.Encoder()
_commands = msgspec.json.Decoder(Command)
_replies = msgspec.json.Decoder(Reply)


def encode_command(command: Command) -> bytes:
    """Write a command as the JSON that the stream carries."""
    return _encoder.encode(command)


def decode_command(text: bytes) -> Command:
    """Read a command.

    Raises:
        msgspec.DecodeError: if it is not one.
    """
    return _decode(_commands, text)


def encode_reply(reply: Reply) -> bytes:
    """Write an answer as JSON."""
    return _encoder.encode(reply)


def decode_reply(text: bytes) -> Reply:
    """Read an answer.

    Raises:
        msgspec.DecodeError: if it is not one.
    """
    return _decode(_replies, text)


def _decode(decoder: "msgspec.json.Decoder[Message]", text: bytes) -> Message:
    try:
        return decoder.decode(text)
    except UnicodeError as error:
        raise msgspec.DecodeError(f"not UTF-8: {error}") from None
    except RecursionError:
        raise msgspec.DecodeError("nested too deeply") from None
