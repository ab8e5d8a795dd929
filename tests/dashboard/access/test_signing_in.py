"""Signing a browser in and out: what it gets, for how long, and how often somebody may try."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.dashboard.access.conftest import AskingDashboard
from tests.dashboard.access.visiting import ADMIN_TOKEN, a_link, a_token, bearer, browser, plain, sentence
from tickstockpl import clock
from tickstockpl.dashboard import app
from tickstockpl.dashboard.access.keys import FILE, KeyStore
from tickstockpl.dashboard.access.passwords import hash_password

PASSWORD = "correct horse & battery+staple é"
STATUS = "/api/streaming/status"


async def test_a_link_signs_one_browser_in_and_is_not_in_the_address_any_more(link: str) -> None:
    async with httpx.AsyncClient(base_url=plain(link)) as client:
        answer = await client.get(link)
        assert answer.status_code == 303
        assert answer.headers["location"] == "./"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.content == b""
        cookie = answer.headers["set-cookie"]
        name, _, attributes = cookie.partition("=")
        assert name == f"tickstock_{client.base_url.port}", "cookies do not tell ports apart"
        assert set(attributes.split("; ")[1:]) == {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"}
        assert link.partition("token=")[2] not in cookie, "the cookie's key is another"
        assert (await client.get(STATUS)).status_code == 200
        who = (await client.get("/api/access")).json()
        assert who == {"name": "link", "role": "admin", "can_sign_out": True}
        again = await client.get(link)
        assert (again.status_code, "set-cookie" in again.headers) == (303, False), "who is signed in is let through"
    async with httpx.AsyncClient(base_url=plain(link)) as another:
        assert "has been used, or is too old" in sentence(await another.get(link), 401)
        assert (await another.get(STATUS)).status_code == 401


async def test_of_many_who_open_a_link_at_once_one_is_signed_in(link: str) -> None:
    async with httpx.AsyncClient(base_url=plain(link)) as client:
        answers = await asyncio.gather(*(client.get(link) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [303] + 7 * [401]


async def test_what_else_is_in_the_address_stays_there(link: str) -> None:
    async with httpx.AsyncClient(base_url=plain(link)) as client:
        answer = await client.get(f"{link}&symbol=NVDA&x=%2F%2Fevil.example")
        assert answer.headers["location"] == "./?symbol=NVDA&x=%2F%2Fevil.example"


async def test_asking_for_the_head_of_a_link_does_not_use_it_up(link: str) -> None:
    async with httpx.AsyncClient(base_url=plain(link)) as client:
        assert (await client.head(link)).status_code == 401
    async with browser(link):
        pass


async def test_a_link_too_old_signs_nobody_in(link: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as keys:
        keys.execute("UPDATE keys SET expires_ms = ?", (clock.wall_ms(),))
    keys.close()
    async with httpx.AsyncClient(base_url=plain(link)) as client:
        assert "too old" in sentence(await client.get(link), 401)


async def test_a_browser_stays_signed_in_over_a_restart_until_its_time_is_up(
    asking: AskingDashboard, tmp_path: Path
) -> None:
    async with asking() as link, browser(link) as client:
        cookies = dict(client.cookies)
    async with asking() as link:
        headers = {"cookie": "; ".join(f"tickstock_{httpx.URL(link).port}={value}" for value in cookies.values())}
        async with httpx.AsyncClient(base_url=plain(link), headers=headers) as client:
            assert (await client.get(STATUS)).status_code == 200
            with sqlite3.connect(tmp_path / FILE) as keys:
                keys.execute("UPDATE keys SET expires_ms = ? WHERE kind = 'browser'", (clock.wall_ms(),))
            keys.close()
            assert (await client.get(STATUS)).status_code == 401


async def test_signing_out_ends_the_key_and_not_the_cookie_only(link: str) -> None:
    async with browser(link) as client:
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        answer = await client.post("/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "./")
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert not client.cookies
        assert (await client.get(STATUS)).status_code == 401
        assert (await client.get(STATUS, headers={"cookie": cookie})).status_code == 401


async def test_a_second_link_gives_its_own_role_and_ends_the_first_key(link: str, tmp_path: Path) -> None:
    async with browser(a_link(tmp_path, link, "viewer")) as client:
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        assert (await client.get("/api/access")).json()["role"] == "viewer"
        assert (await client.get(link)).status_code == 303
        assert (await client.get("/api/access")).json()["role"] == "admin"
    async with httpx.AsyncClient(base_url=plain(link)) as thief:
        assert (await thief.get(STATUS, headers={"cookie": cookie})).status_code == 401


@pytest.mark.parametrize("by", ["browser", "token"])
async def test_an_open_stream_is_closed_when_what_it_showed_is_revoked(
    link: str, tmp_path: Path, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "RECHECK_S", 0.05)
    headers = {"Origin": plain(link), **bearer(a_token(tmp_path, "viewer"))}
    if by == "browser":
        async with browser(link) as client:
            cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        headers = {"Origin": plain(link), "Cookie": cookie}
    address = plain(link).replace("http", "ws", 1) + "/ws/live"
    async with connect(address, additional_headers=headers, max_size=None) as stream:
        await stream.recv()
        keys = KeyStore(tmp_path)
        assert keys.revoke_all() >= 1
        keys.close()
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(_read_on(stream), 20)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4003, "this page has been signed out")


async def _read_on(stream: ClientConnection) -> None:
    while True:
        await stream.recv()


class TestPassword:
    """The password, which is optional."""

    @pytest.fixture
    async def link(self, asking: AskingDashboard) -> AsyncIterator[str]:
        async with asking(dashboard_password_hash=hash_password(PASSWORD), dashboard_password_role="viewer") as link:
            yield link

    async def test_it_signs_a_browser_in_as_often_as_is_wanted(self, link: str) -> None:
        for _ in range(7):
            async with self._stranger(link) as client:
                page = await client.get("/")
                assert '<form method="post" action="./sign-in">' in sentence(page, 401)
                answer = await client.post("/sign-in", data={"password": PASSWORD})
                assert (answer.status_code, answer.headers["location"]) == (303, "./")
                assert "HttpOnly" in answer.headers["set-cookie"]
                who = (await client.get("/api/access")).json()
                assert who == {"name": "password", "role": "viewer", "can_sign_out": True}

    async def test_a_wrong_one_is_told_and_soon_nobody_from_there_may_try(self, link: str) -> None:
        async with self._stranger(link) as client:
            for wrong in ("", PASSWORD[:-1], PASSWORD + "x", "x" * 2_000, PASSWORD.upper()):
                answer = await client.post("/sign-in", data={"password": wrong})
                assert "That is not the password." in sentence(answer, 401)
            answer = await client.post("/sign-in", data={"password": PASSWORD})
            assert "Too many attempts" in sentence(answer, 429)
            assert 1 <= int(answer.headers["retry-after"]) <= 30
            assert not client.cookies
            assert (await client.get(STATUS, headers=bearer(ADMIN_TOKEN))).status_code == 200, "a token goes on"
            assert (await client.get(link)).status_code == 303, "and so does a link"

    async def test_what_is_no_form_is_refused(self, link: str) -> None:
        async with self._stranger(link) as client:
            for content in (b"", b"\xff", b"password", b"password=a&password=b", b"x" * 100_000, b"&" * 5_000, b"{}"):
                answer = await client.post("/sign-in", content=content)
                assert answer.status_code in (400, 401), content
                assert not client.cookies

    async def test_a_foreign_page_cannot_sign_a_browser_in(self, link: str) -> None:
        async with httpx.AsyncClient(base_url=plain(link)) as client:
            for headers in ({"origin": "http://evil.example"}, {"origin": "null"}, {}):
                answer = await client.post("/sign-in", data={"password": PASSWORD}, headers=headers)
                assert answer.status_code == 403
                assert not client.cookies

    @staticmethod
    def _stranger(link: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=plain(link), headers={"origin": plain(link)}, timeout=30)


async def test_wrong_tokens_are_slowed_down_and_right_ones_are_not(link: str) -> None:
    async with httpx.AsyncClient(base_url=plain(link)) as client:
        answers = [await client.get(STATUS, headers=bearer("wrong")) for _ in range(60)]
        statuses = [answer.status_code for answer in answers]
        assert statuses[:20] == 20 * [401]
        assert statuses[-1] == 429
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert (await client.get(STATUS, headers=bearer(ADMIN_TOKEN))).status_code == 200


async def test_what_a_proxy_asks_a_browser_for_is_none_of_ours(link: str) -> None:
    basic = {"authorization": "Basic dGVzdHM6dGVzdHM="}
    async with browser(link) as client:
        assert (await client.get(STATUS, headers=basic)).status_code == 200
        both = [("authorization", basic["authorization"]), ("authorization", f"Bearer {ADMIN_TOKEN}")]
        assert (await client.get(STATUS, headers=both)).status_code == 401
    async with httpx.AsyncClient(base_url=plain(link), headers=basic) as client:
        assert (await client.get(STATUS)).status_code == 401
        assert "Sign in" in sentence(await client.get("/"), 401)


async def test_keys_that_cannot_be_read_let_nobody_in(
    link: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with browser(link) as client:
        with sqlite3.connect(tmp_path / FILE) as keys:
            keys.execute("DROP TABLE keys")
        keys.close()
        for _ in range(3):
            assert sentence(await client.get(STATUS), 503) == "who is signed in cannot be looked up now"
        assert (await client.get(STATUS, headers=bearer(ADMIN_TOKEN))).status_code == 200
        assert (await client.get("/healthz")).status_code == 503
    assert capsys.readouterr().out.count("keys cannot be read") == 1, "told once"


async def test_where_nobody_is_asked_a_link_is_nothing(asking: AskingDashboard, tmp_path: Path) -> None:
    async with asking(auth="off") as address:
        assert "token" not in address
        async with httpx.AsyncClient(base_url=address) as client:
            assert (await client.get("/?token=x")).headers["location"] == "./"
            assert (await client.get("/api/access")).json() == {
                "name": "local",
                "role": "viewer",
                "can_sign_out": False,
            }
            answer = await client.post("/api/streaming/session", json={"action": "stop"})
            assert "administrator's token" in sentence(answer, 401)
    assert not (tmp_path / FILE).exists()
