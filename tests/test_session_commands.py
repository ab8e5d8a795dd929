"""What an operator's tools share: finding services, asking one, waiting for what it says, whoever else writes there."""

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
import redis

from tests.made_service import NOW, MadeService, answers
from tickstockpl import session_commands
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.commands import (
    COMMAND_STREAM,
    STREAM_LENGTH,
    Command,
    Outcome,
    Reply,
    ServiceState,
    reply_key,
)
from tickstockpl.contract.events import Checkpoint, encode
from tickstockpl.errors import TickStockError
from tickstockpl.redis_link import RedisLinkError
from tickstockpl.session_commands import (
    MOST_SERVICES,
    FailedError,
    NoAnswerError,
    NoServiceError,
    Operator,
    RefusedError,
    SeveralServicesError,
)


def operator(redis_url: str) -> Operator:
    return Operator(redis_url, "tests")


async def refusal(kind: type[TickStockError], asking: Awaitable[object]) -> str:
    with pytest.raises(kind) as caught:
        await asking
    sentence = str(caught.value)
    assert sentence.isprintable()
    return sentence


@pytest.fixture(autouse=True)
def _listening_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made services are heard ten times a second."""
    monkeypatch.setattr(session_commands, "LISTEN_S", 0.75)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are waited for half a second each."""
    monkeypatch.setattr(session_commands, "ANSWER_S", 0.5)
    monkeypatch.setattr(session_commands, "OUTCOME_S", 0.5)


class TestFinding:
    async def test_services_are_found_by_their_checkpoints(self, redis_url: str) -> None:
        with MadeService(redis_url, "replay:b") as b, MadeService(redis_url, "replay:a") as a:
            found = await operator(redis_url).services()
            assert [(one.source, one.service_id) for one in found] == [
                ("replay:a", a.service_id),
                ("replay:b", b.service_id),
            ]
            for source, expected in (("replay:b", b), (a.service_id, a)):
                (one,) = await operator(redis_url).services(source)
                assert one.service_id == expected.service_id

    async def test_nobody_there_is_a_sentence(self, redis_url: str) -> None:
        said = await refusal(NoServiceError, operator(redis_url).services())
        assert said.startswith("no service was heard on Redis at unix://")
        with MadeService(redis_url, "replay:a"):
            said = await refusal(NoServiceError, operator(redis_url).order("stop", source="replay:other"))
        assert said == "no service of source 'replay:other' runs; there are: replay:a"

    async def test_a_redis_that_is_not_there_is_a_sentence(self) -> None:
        said = await refusal(RedisLinkError, operator("redis://sam:canary@127.0.0.1:1").status())
        assert "cannot be reached" in said
        assert "canary" not in said

    async def test_rubbish_on_the_channel_is_passed_over_and_a_crowd_is_bounded(self, redis_url: str) -> None:
        def checkpoint(number: int) -> bytes:
            return encode(Checkpoint(f"fake-{number:04}", 1, {}, "x" * 10_000, None, NOW, None, NOW))

        with redis.Redis.from_url(redis_url) as client, MadeService(redis_url, "replay:a") as service:

            def rubbish(number: int) -> None:
                for payload in (b"", b"\xff", b"[" * 10_000, b'{"type":"streaming_checkpoint"}', checkpoint(number)):
                    client.publish(Channel.CHECKPOINT, payload)

            with flood(rubbish):
                said = await refusal(SeveralServicesError, operator(redis_url).order("stop"))
            assert service.commands == []
        assert 2 <= int(said.split()[0]) <= MOST_SERVICES
        assert len(said) < 1_000


@contextmanager
def flood(send: Callable[[int], None]) -> Iterator[None]:
    """Call ``send`` with rising numbers, on a thread, until the block ends."""
    ended = threading.Event()

    def run() -> None:
        number = 0
        while not ended.is_set():
            send(number)
            number += 1

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=30)


class TestAsking:
    async def test_a_command_says_who_asks_for_what_and_is_followed_to_its_outcome(self, redis_url: str) -> None:
        seen: list[Reply] = []
        with MadeService(redis_url) as service:
            reply = await Operator(redis_url, "x" * 300).order(
                "start", universe="demo:two", on_acknowledged=seen.append
            )
        assert [answer.outcome for answer in (*seen, reply)] == ["acknowledged", "done"]
        assert reply.service == service.state
        (command,) = service.commands
        assert (command.action, command.universe, command.service_id) == ("start", "demo:two", service.service_id)
        assert command.requested_by == "x" * 200
        assert command.request_id == reply.request_id

    async def test_an_outcome_needs_no_acknowledgement(self, redis_url: str) -> None:
        with MadeService(redis_url, answer=answers("done")):
            assert (await operator(redis_url).order("stop")).outcome == "done"

    @pytest.mark.parametrize("given", [("refused",), ("acknowledged", "failed")])
    async def test_a_reason_is_passed_on(self, given: tuple[Outcome, ...], redis_url: str) -> None:
        kind = FailedError if given[-1] == "failed" else RefusedError
        with MadeService(redis_url, answer=answers(*given, reason="it is Sunday; wait")):
            assert await refusal(kind, operator(redis_url).order("start")) == "it is Sunday; wait"
        with MadeService(redis_url, answer=answers(*given)):
            assert "without a reason" in await refusal(kind, operator(redis_url).order("start"))

    async def test_of_several_services_one_must_be_named(self, redis_url: str) -> None:
        with MadeService(redis_url, "massive") as one, MadeService(redis_url, "massive") as other:
            said = await refusal(SeveralServicesError, operator(redis_url).order("stop"))
            assert said.startswith("2 services could be meant: massive (")
            assert one.service_id in said
            assert other.service_id in said
            with redis.Redis.from_url(redis_url) as client:
                assert client.xlen(COMMAND_STREAM) == 0
            await operator(redis_url).order("stop", source=other.service_id)
        assert (len(one.commands), len(other.commands)) == (0, 1)

    async def test_status_is_asked_of_all(self, redis_url: str, impatient: None) -> None:
        with (
            MadeService(redis_url, "replay:a", answers("done")) as a,
            MadeService(redis_url, "replay:b", lambda *_: []),
            MadeService(redis_url, "replay:c", answers("done")) as c,
        ):
            states, failures = await operator(redis_url).status()
        assert states == [a.state, c.state]
        (failure,) = failures
        assert isinstance(failure, NoAnswerError)
        assert str(failure).startswith("replay:b did not answer")

    async def test_the_stream_does_not_grow_without_end(self, redis_url: str) -> None:
        with redis.Redis.from_url(redis_url) as client:
            filler = client.pipeline()
            for _ in range(5 * STREAM_LENGTH):
                filler.xadd(COMMAND_STREAM, {"other": "x"})
            filler.execute()
            with MadeService(redis_url):
                await operator(redis_url).order("stop")
            assert client.xlen(COMMAND_STREAM) < 2 * STREAM_LENGTH

    async def test_a_universe_without_end_is_not_sent(self, redis_url: str) -> None:
        with MadeService(redis_url) as service:
            said = await refusal(RefusedError, operator(redis_url).order("start", universe="é" * 4_000))
            assert said.endswith("is too long for a name; write GROUP:NAME")
            assert len(said) < 300
        assert service.commands == []


@pytest.mark.usefixtures("impatient")
class TestHostileAnswers:
    async def test_silence_is_told(self, redis_url: str) -> None:
        with MadeService(redis_url, answer=lambda *_: []):
            said = await refusal(NoAnswerError, operator(redis_url).order("stop"))
            assert "the command has expired" in said
        with MadeService(redis_url, answer=answers("acknowledged")):
            said = await refusal(NoAnswerError, operator(redis_url).order("stop"))
            assert "has begun to stop, but not told the outcome" in said

    async def test_what_is_no_answer_to_this_command_is_passed_over(self, redis_url: str) -> None:
        def among_rubbish(command: Command, state: ServiceState) -> list[bytes]:
            (good,) = answers("done")(command, state)
            other_request = good.replace(command.request_id.encode(), b"6f0d3c3e-55c1-5d0e-9b1c-2a1f7c9d4b60")
            other_service = good.replace(state.service_id.encode(), b"another")
            return [b"", b"\xff\xfe", b"[" * 10_000, b"{}", good[:-5], other_request, other_service, good]

        with MadeService(redis_url, answer=among_rubbish):
            assert (await operator(redis_url).order("stop")).outcome == "done"

    async def test_an_answer_without_end_is_not_read(self, redis_url: str) -> None:
        with MadeService(redis_url, answer=lambda *_: [b'"' + b"x" * (4 << 20)]):
            said = await refusal(RedisLinkError, operator(redis_url).order("stop"))
        assert "sent a reply of more than" in said

    async def test_a_key_of_another_kind_is_told(self, redis_url: str) -> None:
        with redis.Redis.from_url(redis_url) as client:

            def spoil(command: Command, _: ServiceState) -> list[bytes]:
                client.set(reply_key(command.request_id), "x")
                return []

            # Spoilt before the operator waits, or while it does: Redis says so in the first case only.
            with MadeService(redis_url, answer=spoil):
                await refusal(TickStockError, operator(redis_url).order("stop"))

    async def test_a_reason_is_one_line_that_a_terminal_does_not_obey(self, redis_url: str) -> None:
        reason = "no\r\n\x1b[2Jwipe\x1b]0;title\x07" + "x" * 5_000
        with MadeService(redis_url, answer=answers("refused", reason=reason)):
            said = await refusal(RefusedError, operator(redis_url).order("stop"))
        assert said.startswith("no [2Jwipe ]0;title xxx")
        assert len(said) == 500
