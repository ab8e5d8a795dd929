"""Browsers and scripts that visit a dashboard, as far as tests need them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tickstockpl.dashboard.access.callers import Role
from tickstockpl.dashboard.access.keys import KeyStore, Kind
from tickstockpl.dashboard.access.links import new_link

ADMIN_TOKEN = "tests-0123456789"


def plain(link: str) -> str:
    """The dashboard's address."""
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}"


@asynccontextmanager
async def browser(link: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that has opened a link: it has its cookies, and says of which origin it is."""
    async with httpx.AsyncClient(base_url=plain(link), headers={"origin": plain(link)}) as client:
        answer = await client.get(link)
        assert (answer.status_code, answer.headers["location"]) == (303, "./"), answer.text
        yield client


def a_token(data_dir: Path, role: Literal["viewer", "admin"], name: str = "") -> str:
    """A script's token."""
    keys = KeyStore(data_dir)
    token = keys.create(Kind.TOKEN, Role(role), name or f"some-{role}", None)
    keys.close()
    return token


def a_link(data_dir: Path, link: str, role: Literal["viewer", "admin"]) -> str:
    """Another link to a running dashboard."""
    keys = KeyStore(data_dir)
    made = new_link(keys, plain(link), Role(role))
    keys.close()
    return made


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def stream_status(link: str, **headers: str) -> int:
    """With what a WebSocket is answered: 101 if it is let in."""
    address = plain(link).replace("http", "ws", 1) + "/ws/live"
    try:
        async with connect(address, additional_headers=headers, max_size=None) as connection:
            assert "snapshot" in str(await connection.recv())
            return 101
    except InvalidStatus as refusal:
        return refusal.response.status_code


def sentence(answer: httpx.Response, status: int) -> str:
    """The sentence with which a request was refused."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    if answer.headers["content-type"].startswith("text/html"):
        return answer.text
    said: str = answer.json()["error"]
    if not said.isprintable():
        pytest.fail(repr(said))
    return said
