"""The command stream, and what is thrown at it: real Redis, a service that waits for the open."""

import contextlib
from collections.abc import AsyncIterator

import msgspec
import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.streaming.hand_made import MONDAY
from tests.streaming.live import Operator, RunningClock, live_service, running
from tests.support import eventually_async
from tickstockpl.contract.commands import (
    COMMAND_FIELD,
    COMMAND_STREAM,
    LONGEST_COMMAND_BYTES,
    Command,
    Reply,
    decode_reply,
    reply_key,
)
from tickstockpl.redis_link import RedisLink
from tickstockpl.streaming.commands import LONGEST_READING_BYTES, CommandDesk
from tickstockpl.streaming.service import StreamingService

HOUR_MS = 3_600_000


@pytest.fixture
def service(redis_url: str, database_url: str) -> StreamingService:
    return live_service(RunningClock(MONDAY.open_ms - HOUR_MS, 1), [MONDAY], redis_url, database_url)


@pytest.fixture
async def operator(service: StreamingService, redis_url: str) -> AsyncIterator[Operator]:
    async with running(service, redis_url) as operator:
        await eventually_async(lambda: service.status.stage.startswith("waiting"))
        yield operator


def command(service_id: str, **fields: object) -> bytes:
    whole = Command(
        request_id="6f0d3c3e-55c1-5d0e-9b1c-2a1f7c9d4b60",
        service_id=service_id,
        action="stop",
        requested_by="x",
        requested_at="2018-02-26T15:00:00.000Z",
    )
    return msgspec.json.encode({**msgspec.to_builtins(whole), **fields})


async def test_status_is_answered_and_not_on_record(operator: Operator, service: StreamingService) -> None:
    reply = await operator.ask("status")
    assert reply.outcome == "done"
    assert (reply.service.service_id, reply.service.source) == (service.service_id, "massive")
    assert service.parts.writer.depth == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"other": b"{}"},
        {COMMAND_FIELD: b""},
        {COMMAND_FIELD: b"\xff\xfe"},
        {COMMAND_FIELD: b"[" * 4000},
        {COMMAND_FIELD: b'{"action":"stop"}'},
        {COMMAND_FIELD: b"x" * (LONGEST_COMMAND_BYTES + 1)},
        {COMMAND_FIELD: command("me", request_id="../../etc")},
        {COMMAND_FIELD: command("me", requested_at="2026-13-45T99:99:99.999Z")},
        {COMMAND_FIELD: command("me", valid_for_ms=-1)},
        {COMMAND_FIELD: command("me", requested_by="y" * 100_000)},
    ],
    ids=str,
)
async def test_what_is_no_command_is_counted_and_the_next_one_answered(
    operator: Operator, service: StreamingService, fields: dict[str, bytes]
) -> None:
    await operator.raw(fields)
    assert (await operator.ask("status")).outcome == "done"
    assert service.desk.malformed == 1


async def test_a_command_for_another_service_is_nobodys(operator: Operator, service: StreamingService) -> None:
    await operator.raw({COMMAND_FIELD: command("another")})
    assert (await operator.ask("status")).outcome == "done"
    assert (service.desk.malformed, service.desk.handled) == (0, 1)


async def test_a_huge_entry_is_given_up_unread(operator: Operator, service: StreamingService) -> None:
    await operator.raw({COMMAND_FIELD: b"x" * (8 * LONGEST_READING_BYTES)})

    await eventually_async(lambda: "more than" in (service.desk.last_error or ""))
    reply: Reply | None = None
    while reply is None:  # what is sent until the service reads on is not read
        with contextlib.suppress(TimeoutError):
            reply = await operator.ask("status", patience_s=1)
    assert reply.outcome == "done"


async def test_a_key_that_is_no_stream_is_waited_out(
    operator: Operator, service: StreamingService, redis_url: str
) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set(COMMAND_STREAM, "something else")
        await eventually_async(lambda: "WRONGTYPE" in (service.desk.last_error or ""))
        client.delete(COMMAND_STREAM)
    assert (await operator.ask("status")).outcome == "done"


async def test_a_command_that_comes_too_late_is_refused(
    operator: Operator, service: StreamingService, redis_url: str
) -> None:
    link = await RedisLink.connect(redis_url)
    try:
        seconds, _ = await link.call("TIME")
        fields = [COMMAND_FIELD.encode(), command(service.service_id)]
        await service.desk._take(link, f"{int(seconds) - 60}000-0", fields)
        _, answer = await link.call("BLPOP", reply_key("6f0d3c3e-55c1-5d0e-9b1c-2a1f7c9d4b60"), "20")
    finally:
        await link.close()
    reply = decode_reply(answer)
    assert reply.outcome == "refused"
    assert "came too late: it had waited for 6" in str(reply.reason)


async def test_a_flood_of_rubbish_does_not_stop_the_answers(
    operator: Operator, service: StreamingService, redis_url: str
) -> None:
    with redis.Redis.from_url(redis_url) as client, client.pipeline(transaction=False) as pipe:
        for number in range(5000):
            pipe.xadd(COMMAND_STREAM, {COMMAND_FIELD: f"rubbish {number}"}, maxlen=10_000)
        pipe.execute()
    assert (await operator.ask("status", valid_for_ms=60_000)).outcome == "done"
    assert service.desk.malformed == 5000


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=10), st.binary(max_size=100), min_size=1, max_size=3))
def test_the_control_never_sees_what_is_no_command(fields: dict[str, bytes]) -> None:
    desk = CommandDesk("redis://127.0.0.1:1", "me")
    flat = [part for name, value in fields.items() for part in (name.encode("utf-8", "replace"), value)]
    assert desk._command(flat) is None
    assert desk.malformed == 1
