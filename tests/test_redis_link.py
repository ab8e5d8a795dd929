"""The bare connection to Redis: addresses, signing in, refusals, and reading by the chunk."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import hiredis
import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from tests.support import eventually_async
from tickstockpl.redis_link import RedisLink, RedisLinkError, redacted

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

passwords = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


class TestRedacted:
    @given(passwords)
    def test_a_percent_encoded_password_is_hidden_and_the_rest_is_shown(self, password: str) -> None:
        encoded = quote(password, safe="")
        assert redacted(f"redis://sam:{encoded}@host:6379/2") == "redis://sam:***@host:6379/2"
        assert redacted(f"rediss://:{encoded}@host?db=1") == "rediss://:***@host"
        assert redacted(f"redis://host:6379?password={encoded}") == "redis://host:6379"
        assert redacted(f"unix://sam:{encoded}@/tmp/redis.sock?db=1") == "unix://sam:***@/tmp/redis.sock"

    @given(passwords)
    def test_a_password_that_should_have_been_encoded_is_hidden_all_the_same(self, password: str) -> None:
        assert redacted(f"redis://sam:{password}@host/1") in ("redis://sam:***@host/1", "redis://***")
        assert redacted(f"rediss://:{password}@host") in ("rediss://:***@host", "rediss://***")
        assert redacted(f"redis://host?password={password}&db=1") in ("redis://host", "redis://***")
        assert redacted(f"unix://:{password}@/tmp/sock") in ("unix://:***@/tmp/sock", "unix://***")

    @pytest.mark.parametrize(
        "url",
        ["redis://localhost", "redis://host:6379/3", "redis://[::1]:6379", "unix:///tmp/a%20b.sock", "localhost:6379"],
    )
    def test_an_address_without_a_password_is_shown_whole(self, url: str) -> None:
        assert redacted(url) == url


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            "",
            "localhost:6379",
            "http://localhost",
            "unix://",
            "redis://localhost:port",
            "redis://localhost:99999",
            "redis://localhost/first",
            "redis://localhost?db=first",
        ],
    )
    async def test_what_is_no_address_is_refused_with_an_example(self, url: str) -> None:
        with pytest.raises(RedisLinkError, match=r"Redis URL .* is not one; give redis://user:password@host:6379/0"):
            await RedisLink.connect(url)

    async def test_a_password_with_a_slash_is_not_told_as_a_wrong_port(self) -> None:
        with pytest.raises(RedisLinkError, match="percent-encoded") as refusal:
            await RedisLink.connect("redis://sam:open/sesame@localhost")
        assert "open" not in str(refusal.value)
        assert "sesame" not in str(refusal.value)

    @pytest.mark.parametrize(
        "url", ["redis://127.0.0.1:1", "unix:///no/such/redis.sock", f"redis://{64 * 'a'}.example", "redis://[::1]:1"]
    )
    async def test_nobody_there(self, url: str) -> None:
        with pytest.raises(RedisLinkError, match="cannot be reached") as refusal:
            await RedisLink.connect(url)
        assert redacted(url) in str(refusal.value)


@pytest.fixture
def user(redis_url: str) -> Iterator[tuple[str, str]]:
    """A Redis user with a password, and the address that signs in as that user."""
    password = "a/b@c:d e"
    with redis.Redis.from_url(redis_url) as admin:
        admin.acl_setuser("link-test", enabled=True, passwords=[f"+{password}"], commands=["+@all"], channels=["*"])
        yield redis_url.replace("unix://", "unix://link-test:{}@"), password
        admin.acl_deluser("link-test")


class TestSigningIn:
    async def test_user_password_and_database_are_taken_from_the_address(self, user: tuple[str, str]) -> None:
        url, password = user
        link = await RedisLink.connect(f"{url.format(quote(password, safe=''))}?db=3")
        try:
            assert await link.call("ACL", "WHOAMI") == b"link-test"
            assert b" db=3 " in await link.call("CLIENT", "INFO")
        finally:
            await link.close()

    async def test_a_wrong_password_is_said_but_not_shown(self, user: tuple[str, str]) -> None:
        with pytest.raises(RedisLinkError, match="refused AUTH: WRONGPASS") as refusal:
            await RedisLink.connect(user[0].format("swordfish"))
        assert "swordfish" not in str(refusal.value)

    async def test_a_database_that_redis_lacks(self, redis_url: str) -> None:
        with pytest.raises(RedisLinkError, match="refused SELECT"):
            await RedisLink.connect(f"{redis_url}?db=999")


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[str]:
    """Something on a port of loopback that is not Redis: ``host:port``."""
    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with listening:
        yield f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"


def saying(*pieces: bytes) -> Answer:
    """A server that answers whatever comes first with ``pieces``, each sent by itself, and hangs up."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        writer.close()

    return answer


class TestOddServers:
    async def test_something_else_answers(self) -> None:
        async with server(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as place:
            with pytest.raises(RedisLinkError, match="does not speak Redis' protocol"):
                await RedisLink.connect(f"redis://{place}")

    async def test_it_hangs_up(self) -> None:
        async with server(saying()) as place:
            with pytest.raises(RedisLinkError, match="closed the connection"):
                await RedisLink.connect(f"redis://{place}")

    async def test_tls_with_a_server_that_has_none(self) -> None:
        async with server(saying(b"-ERR unknown command\r\n")) as place:
            with pytest.raises(RedisLinkError, match=r"cannot be reached \(\[SSL"):
                await RedisLink.connect(f"rediss://{place}")

    async def test_a_host_that_does_not_exist(self) -> None:
        with pytest.raises(RedisLinkError, match=r"cannot be reached \((?!Unknown error)"):
            await RedisLink.connect("redis://no-such-host.invalid")

    async def test_one_that_says_nothing_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tickstockpl.redis_link.CONNECT_TIMEOUT_S", 0.05)
        done = asyncio.Event()

        async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await done.wait()
            writer.close()

        async with server(silence) as place:
            with pytest.raises(RedisLinkError, match=r"did not answer within 0\.05 s"):
                await RedisLink.connect(f"redis://{place}")
            done.set()


class TestReading:
    async def test_replies_come_in_order_and_refusals_among_them(self, redis_url: str) -> None:
        link = await RedisLink.connect(redis_url)
        try:
            commands = [("ECHO", str(number)) if number % 100 else ("NONSENSE",) for number in range(1000)]
            await link.send(b"".join(hiredis.pack_command(command) for command in commands))  # type: ignore[arg-type]
            replies = await link.replies(400) + await link.replies(600)
            for number, reply in enumerate(replies):
                if number % 100:
                    assert reply == str(number).encode()
                else:
                    assert isinstance(reply, hiredis.ReplyError)
        finally:
            await link.close()

    async def test_a_reply_larger_than_a_chunk(self, redis_url: str) -> None:
        link = await RedisLink.connect(redis_url)
        try:
            large = "x" * (1 << 20)
            assert await link.call("ECHO", large) == large.encode()
        finally:
            await link.close()

    async def test_null_and_false_are_replies(self, redis_url: str) -> None:
        link = await RedisLink.connect(redis_url)
        try:
            assert await link.call("GET", "no such key") is None
            await link.call("HELLO", "3")
            assert await link.call("DEBUG", "PROTOCOL", "FALSE") is False
        finally:
            await link.close()

    async def test_messages_are_whatever_is_complete(self) -> None:
        pieces = (b"+PONG\r\n:1\r\n:2\r\n$5\r\nhe", b"llo\r\n:3\r\n")
        async with server(saying(*pieces)) as place:
            link = await RedisLink.connect(f"redis://{place}")
            heard: list[object] = []
            while len(heard) < 4:
                arrived = await link.messages()
                assert arrived
                heard += arrived
            with pytest.raises(RedisLinkError, match="closed the connection"):
                await link.messages()
            await link.close()
        assert heard == [1, 2, b"hello", 3]

    async def test_a_killed_connection_is_an_error_not_a_hang(self, redis_url: str) -> None:
        link = await RedisLink.connect(redis_url)
        own_id = await link.call("CLIENT", "ID")
        waiting = asyncio.create_task(link.messages())
        with redis.Redis.from_url(redis_url) as admin:
            await eventually_async(lambda: admin.client_kill_filter(_id=str(own_id)) == 1)
        with pytest.raises(RedisLinkError):
            await asyncio.wait_for(waiting, 10)
        await link.close()
        await link.close()
