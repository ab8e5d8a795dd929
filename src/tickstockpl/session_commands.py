"""Asking running services to start or stop a session, or how they are: what an operator's tools share.

Services are found by their checkpoints, so nobody has to register anywhere. A command is addressed to one of them and
answered on a list of its own (:mod:`tickstockpl.contract.commands`).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import uuid4

import hiredis
import msgspec

from tickstockpl.clock import monotonic_s, wall_ms
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.codec import ContractError, decode
from tickstockpl.contract.commands import (
    COMMAND_FIELD,
    COMMAND_STREAM,
    LONGEST_COMMAND_BYTES,
    STREAM_LENGTH,
    VALID_FOR_MS,
    Action,
    Command,
    Reply,
    ServiceState,
    decode_reply,
    encode_command,
    reply_key,
)
from tickstockpl.contract.events import Checkpoint
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.errors import TickStockError
from tickstockpl.redis_link import RedisLink, RedisLinkError, redacted

LISTEN_S: Final = 1.5
"""How long services are listened for: each sends a checkpoint at least once a second."""

ANSWER_S: Final = VALID_FOR_MS / 1000 + 2
"""How long a service may take to acknowledge or refuse; by then the command has expired."""

OUTCOME_S: Final = 60.0
"""How long it may take from then to the outcome."""

MOST_SERVICES: Final = 100
"""More that say they are services are passed over."""

LONGEST_ANSWER_BYTES: Final = 1 << 20
"""What is longer is nobody's answer, and the connection is given up."""

_NAMED: Final = 5
_LONGEST_NAME: Final = 100
_LONGEST_REASON: Final = 500
_REDIS_GRACE_S: Final = 2.0


class NoServiceError(TickStockError):
    """Nobody is there who could be asked."""


class SeveralServicesError(TickStockError):
    """It is not clear who is meant."""


class NoAnswerError(TickStockError):
    """The service did not answer in time."""


class RefusedError(TickStockError):
    """The service will not do it; the message is its reason."""


class FailedError(TickStockError):
    """The service began and could not do it; the message is its reason."""


@dataclass(frozen=True, slots=True)
class RunningService:
    """A service that was heard.

    Attributes:
        service_id: new with each of its starts.
        source: where its bars come from.
    """

    service_id: str
    source: str


class Operator:
    """One who asks services.

    Args:
        redis_url: the Redis on which they publish.
        requested_by: who asks, for the record; cut off at 200 characters.
    """

    def __init__(self, redis_url: str, requested_by: str) -> None:
        self._redis_url = redis_url
        self.requested_by = requested_by[:200]

    async def services(self, source: str | None = None) -> list[RunningService]:
        """The services that run, at least one; listens for 1.5 s.

        Args:
            source: only those of this source, or the one of this service id.

        Raises:
            NoServiceError: if there is none.
            RedisLinkError: if Redis cannot be reached or refuses.
        """
        heard = await self._listen()
        if not heard:
            raise NoServiceError(
                f"no service was heard on Redis at {redacted(self._redis_url)} within {LISTEN_S:g} s; is one running "
                "(tickstockpl stream, or run), and on this Redis?"
            )
        chosen = [service for service in heard if source in (None, service.source, service.service_id)]
        if not chosen:
            raise NoServiceError(f"no service of source {source!r} runs; there are: {_names(heard)}")
        return chosen

    async def status(self, source: str | None = None) -> tuple[list[ServiceState], list[TickStockError]]:
        """What each of the services is at, by source; and why some of them did not say.

        Raises:
            NoServiceError: if there is none.
            RedisLinkError: if Redis cannot be reached or refuses.
        """
        services = await self.services(source)
        asked = await asyncio.gather(*(self._ask(service, "status") for service in services), return_exceptions=True)
        states: list[ServiceState] = []
        failures: list[TickStockError] = []
        for answer in asked:
            if isinstance(answer, Reply):
                states.append(answer.service)
            elif isinstance(answer, TickStockError):
                failures.append(answer)
            else:
                raise answer
        return states, failures

    async def order(
        self,
        action: Literal["start", "stop"],
        *,
        source: str | None = None,
        universe: str | None = None,
        on_acknowledged: Callable[[Reply], None] | None = None,
    ) -> Reply:
        """Have one service start or stop its session, and wait for the outcome.

        Args:
            action: what it is to do.
            source: the service's source or id; ``None`` where only one runs.
            universe: of a start: ``GROUP:NAME``; ``None`` is the service's own.
            on_acknowledged: called when the service has begun.

        Returns:
            the last answer, ``done``.

        Raises:
            NoServiceError: if there is none.
            SeveralServicesError: if several could be meant.
            RefusedError: if the service will not do it.
            FailedError: if it could not do it.
            NoAnswerError: if it does not answer, or not tell the outcome, in time.
            RedisLinkError: if Redis cannot be reached or refuses.
        """
        services = await self.services(source)
        if len(services) > 1:
            raise SeveralServicesError(
                f"{len(services)} services could be meant: {_names(services)}; name the source of one, or its id"
            )
        return await self._ask(services[0], action, universe, on_acknowledged)

    async def _listen(self) -> list[RunningService]:
        heard: dict[str, RunningService] = {}
        link = await RedisLink.connect(self._redis_url)
        try:
            await link.call("SUBSCRIBE", Channel.CHECKPOINT)
            async with asyncio.timeout(LISTEN_S):
                while True:
                    for push in await link.messages():
                        checkpoint = _checkpoint(push)
                        if checkpoint is not None and (checkpoint.service_id in heard or len(heard) < MOST_SERVICES):
                            heard[checkpoint.service_id] = RunningService(checkpoint.service_id, checkpoint.source)
        except TimeoutError:
            pass
        finally:
            await link.close()
        return sorted(heard.values(), key=lambda service: (service.source, service.service_id))

    async def _ask(
        self,
        service: RunningService,
        action: Action,
        universe: str | None = None,
        on_acknowledged: Callable[[Reply], None] | None = None,
    ) -> Reply:
        command = Command(
            request_id=str(uuid4()),
            service_id=service.service_id,
            action=action,
            requested_by=self.requested_by,
            requested_at=to_iso(wall_ms()),
            universe=universe,
        )
        text = encode_command(command).decode()
        if len(text.encode()) > LONGEST_COMMAND_BYTES:
            raise RefusedError(f"universe {_short(universe or '')!r} is too long for a name; write GROUP:NAME")
        link = await RedisLink.connect(self._redis_url)
        try:
            await link.call("XADD", COMMAND_STREAM, "MAXLEN", "~", str(STREAM_LENGTH), "*", COMMAND_FIELD, text)
            reply = await self._answer(link, command, ANSWER_S)
            if reply is None:
                raise NoAnswerError(
                    f"{_short(service.source)} did not answer within {ANSWER_S:g} s; the command has expired, and the "
                    "service will not do it later. Is it still running?"
                )
            if reply.outcome == "acknowledged":
                if on_acknowledged is not None:
                    on_acknowledged(reply)
                reply = await self._answer(link, command, OUTCOME_S)
                if reply is None:
                    raise NoAnswerError(
                        f"{_short(service.source)} has begun to {action}, but not told the outcome within "
                        f"{OUTCOME_S:g} s; ask for its status"
                    )
        finally:
            await link.close()
        if reply.outcome == "refused":
            raise RefusedError(_short(reply.reason or f"{service.source} refused without a reason", _LONGEST_REASON))
        if reply.outcome == "failed":
            raise FailedError(_short(reply.reason or f"{service.source} failed without a reason", _LONGEST_REASON))
        return reply

    async def _answer(self, link: RedisLink, command: Command, patience_s: float) -> Reply | None:
        """The next answer; whatever else lies on the list is passed over. ``None`` if none comes in time."""
        deadline_s = monotonic_s() + patience_s
        while (left_s := deadline_s - monotonic_s()) > 0:
            pop = ("BLPOP", reply_key(command.request_id), f"{max(left_s, 0.01):.3f}")
            try:
                async with asyncio.timeout(left_s + _REDIS_GRACE_S):
                    await link.send(hiredis.pack_command(pop))  # type: ignore[arg-type]  # the stub means one-tuples
                    (popped,) = await link.replies(1, max_bytes=LONGEST_ANSWER_BYTES)
            except TimeoutError:
                return None
            if popped is None:
                return None
            if isinstance(popped, hiredis.ReplyError):
                raise RedisLinkError(f"Redis at {redacted(self._redis_url)} refused BLPOP: {popped}")
            reply = _reply(popped)
            if (
                reply is not None
                and reply.request_id == command.request_id
                and reply.service.service_id == command.service_id
            ):
                return reply
        return None


def _checkpoint(push: object) -> Checkpoint | None:
    """A message of the subscription as a checkpoint; ``None`` if it is none."""
    if not (isinstance(push, list) and len(push) == 3 and push[0] == b"message" and isinstance(push[2], bytes)):
        return None
    try:
        event = decode(Channel.CHECKPOINT, push[2])
    except ContractError:
        return None
    return event if isinstance(event, Checkpoint) else None


def _reply(popped: object) -> Reply | None:
    if not (isinstance(popped, list) and len(popped) == 2 and isinstance(popped[1], bytes)):
        return None
    try:
        return decode_reply(popped[1])
    except msgspec.DecodeError:
        return None


def _names(services: Sequence[RunningService]) -> str:
    """The first services by source; by id too where that does not tell them apart."""
    sources = [service.source for service in services]
    named = [
        _short(service.source) + (f" ({_short(service.service_id)})" if sources.count(service.source) > 1 else "")
        for service in services[:_NAMED]
    ]
    return ", ".join(named) + (f" and {len(services) - _NAMED:,} more" if len(services) > _NAMED else "")


def _short(text: str, longest: int = _LONGEST_NAME) -> str:
    """What another has written, for a sentence of ours: printable, and not without end."""
    printable = " ".join("".join(sign if sign.isprintable() else " " for sign in text[: 2 * longest]).split())
    return printable if len(printable) <= longest else f"{printable[: longest - 1]}…"
