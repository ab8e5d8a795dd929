"""Commands and answers: what is written is read again, and what is not one is refused."""

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.contract.commands import (
    Command,
    Reply,
    ServiceState,
    decode_command,
    decode_reply,
    encode_command,
    encode_reply,
    reply_key,
)
from tickstockpl.contract.events import Session

REQUEST = "6f0d3c3e-55c1-5d0e-9b1c-2a1f7c9d4b60"
COMMAND = Command(
    request_id=REQUEST,
    service_id="a-service",
    action="start",
    requested_by="trader@desk",
    requested_at="2026-01-30T15:00:00.000Z",
    universe="market_leaders:top_500",
)
STATE = ServiceState(
    service_id="a-service",
    source="simulator:x",
    universe="market_leaders:top_500",
    phase="running",
    detail="streaming until the close, 21:00Z",
    market_time="2026-01-30T15:00:00.000Z",
    speed=60.0,
    session=Session(REQUEST, "market_leaders:top_500", "2026-01-30T14:30:00.000Z", 500, "active"),
    total_patterns=3,
    total_indicators=4,
    next_open=None,
    health="healthy",
    issues=[],
)


def test_a_command_is_read_as_it_was_written() -> None:
    assert decode_command(encode_command(COMMAND)) == COMMAND


def test_an_answer_is_read_as_it_was_written() -> None:
    reply = Reply(REQUEST, "acknowledged", None, STATE, "2026-01-30T15:00:00.100Z")
    assert decode_reply(encode_reply(reply)) == reply
    assert reply_key(reply.request_id).endswith(REQUEST)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("request_id", "1"),
        ("request_id", None),
        ("action", "reboot"),
        ("requested_by", ""),
        ("requested_by", "x" * 201),
        ("requested_at", "yesterday"),
        ("requested_at", "2026-02-30T15:00:00.000Z"),
        ("valid_for_ms", 0),
        ("valid_for_ms", 3_600_001),
        ("universe", 5),
    ],
)
def test_a_command_with_a_wrong_field_is_refused_by_its_name(field: str, value: object) -> None:
    text = msgspec.json.encode({**msgspec.to_builtins(COMMAND), field: value})
    with pytest.raises(msgspec.DecodeError, match=f"{field}|day is out of range"):
        decode_command(text)


@given(st.binary(max_size=200) | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_comes_is_a_command_or_a_decode_error(text: bytes) -> None:
    with contextlib.suppress(msgspec.DecodeError):
        decode_command(text)


def test_what_is_nested_too_deeply_is_a_decode_error() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_command(b'{"x":' + b"[" * 100_000)
