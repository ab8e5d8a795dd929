"""Who is let in, and what every answer says about security."""

import asyncio
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.dashboard.running import dashboard, get
from tickstockpl.dashboard import app
from tickstockpl.dashboard.gate import CONTENT_SECURITY_POLICY

DEFAULTS = dict(app.create_app.__kwdefaults__ or {})


async def test_every_answer_carries_the_security_headers(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url:
        for path in ("/", "/healthz", "/api/streaming/status", "/api/streaming/patterns/x", "/no/such/page"):
            headers = (await get(url, path)).headers
            assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY, path
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            assert "server" not in headers
    assert "default-src 'self'" in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY


async def test_a_name_that_is_not_ours_is_refused(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url:
        for host in ("localhost", "127.0.0.1:8450", "[::1]:8450", "LOCALHOST:1"):
            assert (await get(url, "/healthz", host=host)).status_code == 200, host
        for host in ("evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "", "[::1", "a/b"):
            answer = await get(url, "/api/streaming/status", host=host)
            assert answer.status_code in (400, 403), host
            assert await refused(url, Host=host) in (400, 403), host


async def test_a_request_that_names_two_hosts_is_refused(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url:
        host = url.removeprefix("http://")
        reader, writer = await asyncio.open_connection(*host.split(":"))
        writer.write(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n".encode())
        assert (await reader.readline()).split()[1] in (b"400", b"403")
        writer.close()
        await writer.wait_closed()


FOREIGN_ORIGINS = (
    "null",
    "http://evil.example",
    "https://{host}",
    "http://localhost:1",
    "http://{host}.evil.example",
    "{host}",
    "",
)


async def refused(url: str, **headers: str) -> int:
    """The status with which a stream is refused."""
    with pytest.raises(InvalidStatus) as refusal:
        async with connect(url.replace("http", "ws", 1) + "/ws/live", additional_headers=headers):
            pass
    return refusal.value.response.status_code


async def test_a_stream_for_a_page_of_another_origin_is_refused(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url:
        for origin in FOREIGN_ORIGINS:
            assert await refused(url, Origin=origin.format(host=url.removeprefix("http://"))) == 403, origin


async def test_our_own_page_and_a_script_without_origin_are_let_in(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url:
        for headers in ({"Origin": url}, {}):
            async with connect(url.replace("http", "ws", 1) + "/ws/live", additional_headers=headers) as connection:
                assert "snapshot" in str(await connection.recv())


async def test_the_pages_files_are_kept_by_their_names_and_the_page_itself_is_asked_for_anew(
    redis_url: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>page</title>")
    (tmp_path / "assets" / "index-1a2b.js").write_text("1")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    monkeypatch.setattr(app.create_app, "__kwdefaults__", {**DEFAULTS, "static_dir": tmp_path})
    async with dashboard(redis_url, database_url) as url:
        page = await get(url, "/")
        assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
        assert "page" in page.text
        asset = await get(url, "/assets/index-1a2b.js")
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert asset.headers["content-type"].startswith("text/javascript")
        assert (await get(url, "/favicon.svg")).headers["cache-control"] == "no-cache"
        for path in ("/../app.py", "/%2e%2e/app.py", "/assets/../../app.py", "/assets/none.js"):
            assert (await get(url, path)).status_code == 404, path


async def test_without_a_built_page_it_says_in_words_how_to_build_it(
    redis_url: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.create_app, "__kwdefaults__", {**DEFAULTS, "static_dir": tmp_path / "none"})
    async with dashboard(redis_url, database_url) as url:
        page = await get(url, "/")
        assert page.status_code == 503
        assert "pip install ." in page.text
