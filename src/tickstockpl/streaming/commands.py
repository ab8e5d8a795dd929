"""Commands of operators from Redis, and the answers back."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

import hiredis
import msgspec
import structlog

from tickstockpl.clock import monotonic_s
from tickstockpl.contract.commands import (
    COMMAND_FIELD,
    COMMAND_STREAM,
    LONGEST_COMMAND_BYTES,
    REPLIES_KEPT_S,
    Command,
    Reply,
    decode_command,
    encode_reply,
    reply_key,
)
from tickstockpl.redis_link import RedisLink, RedisLinkError, ReplyTooLongError
from tickstockpl.streaming.control import SessionControl
from tickstockpl.streaming.wording import one_line

BLOCK_MS: Final = 1000
"""How long Redis lets one reading wait for a command."""

ANSWER_TIMEOUT_S: Final = 3.0
"""A Redis that says nothing for so long, beyond the wait, is taken for gone."""

COMMANDS_AT_ONCE: Final = 8

LONGEST_READING_BYTES: Final = 1 << 20
"""More in one reading is nobody's command: the connection is given up and reading goes on with what comes then."""

ANSWERS_WAITING: Final = 64

FIRST_RETRY_S: Final = 0.2
LONGEST_RETRY_S: Final = 5.0
WARNING_INTERVAL_S: Final = 60.0

_log = structlog.get_logger(__name__)


class CommandDesk:
    """Reads the commands that are meant for one service, hands them on, and sends the answers, while it is open.

    A Redis that is away is waited for; what cannot be read as a command is counted and passed over. Neither ever
    disturbs the streaming.

    Args:
        url: Redis.
        service_id: whose commands are read.

    Attributes:
        malformed: entries that were no commands.
        handled: commands that were answered.
        last_error: why commands could not be read or answered, the last time; stays.
    """

    def __init__(self, url: str, service_id: str) -> None:
        self._url = url
        self._service_id = service_id
        self._control: SessionControl | None = None
        self._answers: asyncio.Queue[Reply] = asyncio.Queue(ANSWERS_WAITING)
        self._position: str | None = None
        self._unsent: Reply | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._warned_at_s: dict[str, float] = {}
        self.malformed = 0
        self.handled = 0
        self.last_error: str | None = None

    def open(self, control: SessionControl) -> None:
        """Begin to read."""
        self._control = control
        self._tasks = [
            asyncio.create_task(self._persist(self._read), name="read commands"),
            asyncio.create_task(self._persist(self._send), name="answer commands"),
        ]

    async def close(self) -> None:
        """Send the answers that still wait, for a second at most, and stop."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self._answers.join()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def answer(self, reply: Reply) -> None:
        """Take an answer on its way; one that finds the queue full is dropped, and who asked is not answered."""
        try:
            self._answers.put_nowait(reply)
        except asyncio.QueueFull:
            self._warn("an answer to a command was dropped: too many wait for Redis")

    async def _persist(self, work: Callable[[RedisLink], Awaitable[None]]) -> None:
        """Do something on a connection of its own, again and again, whatever happens to the connection."""
        pause_s = FIRST_RETRY_S
        while True:
            began_s = monotonic_s()
            try:
                link = await RedisLink.connect(self._url)
                try:
                    await work(link)
                finally:
                    link.abort()
            except (RedisLinkError, TimeoutError) as error:
                self.last_error = str(error) or "Redis does not answer"
                self._warn("commands cannot be read or answered now", reason=self.last_error)
            pause_s = FIRST_RETRY_S if monotonic_s() - began_s > LONGEST_RETRY_S else min(2 * pause_s, LONGEST_RETRY_S)
            await asyncio.sleep(pause_s)

    async def _read(self, link: RedisLink) -> None:
        if self._position is None:
            # Older entries are for earlier services, or not to be read.
            self._position = f"{await _now_ms(link) - 1}-0"
        reading = ("XREAD", "COUNT", str(COMMANDS_AT_ONCE), "BLOCK", str(BLOCK_MS), "STREAMS", COMMAND_STREAM)
        while True:
            try:
                found = await _ask(link, *reading, self._position)
            except ReplyTooLongError:
                self._position = None
                raise
            for entry, fields in found[0][1] if found else ():
                self._position = entry.decode()
                await self._take(link, self._position, fields)

    async def _take(self, link: RedisLink, entry: str, fields: list[bytes]) -> None:
        command = self._command(fields)
        if command is None or command.service_id != self._service_id or self._control is None:
            return
        self.handled += 1
        age_ms = await _now_ms(link) - int(entry.partition("-")[0])
        if age_ms > command.valid_for_ms:
            reason = f"it had waited for {age_ms / 1000:.1f} s and was valid for {command.valid_for_ms / 1000:g} s"
            self._control.refuse(command, f"the command came too late: {reason}; give it again")
        else:
            await self._control.handle(command)

    def _command(self, fields: list[bytes]) -> Command | None:
        """The command in an entry; ``None`` where it is none."""
        named = dict(zip(fields[::2], fields[1::2], strict=False))
        text = named.get(COMMAND_FIELD.encode())
        if text is None:
            reason = f"it has no field {COMMAND_FIELD!r}"
        elif len(text) > LONGEST_COMMAND_BYTES:
            reason = f"it has {len(text):,} bytes, more than {LONGEST_COMMAND_BYTES:,}"
        else:
            try:
                return decode_command(text)
            except msgspec.DecodeError as error:
                reason = str(error)
        self.malformed += 1
        self._warn("an entry of the command stream is no command", reason=one_line(reason), so_far=self.malformed)
        return None

    async def _send(self, link: RedisLink) -> None:
        while True:
            self._unsent = reply = self._unsent or await self._answers.get()
            key = reply_key(reply.request_id)
            await _ask(link, "RPUSH", key, encode_reply(reply).decode())
            await _ask(link, "EXPIRE", key, str(REPLIES_KEPT_S))
            self._unsent = None
            self._answers.task_done()

    def _warn(self, event: str, **details: object) -> None:
        """Say it, at most once a minute: a stream full of rubbish must not fill the log."""
        now_s = monotonic_s()
        if now_s - self._warned_at_s.get(event, -WARNING_INTERVAL_S) >= WARNING_INTERVAL_S:
            self._warned_at_s[event] = now_s
            _log.warning(event, **details)


async def _now_ms(link: RedisLink) -> int:
    """The time by Redis' clock, which is what entries are numbered by."""
    seconds, microseconds = await _ask(link, "TIME")
    return int(seconds) * 1000 + int(microseconds) // 1000


async def _ask(link: RedisLink, *command: str) -> Any:
    """One command and its reply, within a time limit."""
    async with asyncio.timeout(BLOCK_MS / 1000 + ANSWER_TIMEOUT_S):
        await link.send(hiredis.pack_command(command))  # type: ignore[arg-type]  # the stub means one-tuples
        (reply,) = await link.replies(1, max_bytes=LONGEST_READING_BYTES)
    if isinstance(reply, hiredis.ReplyError):
        raise RedisLinkError(f"Redis refused {command[0]}: {reply}")
    return reply
