"""``--feed massive`` on the command line: a key that is wrong, right, and never shown."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.massive_server import MassiveServer, Tape
from tickstockpl.clock import SystemClock
from tickstockpl.settings import ENV_PREFIX

KEY = "canary-key-of-a-user-4711"


@pytest.fixture
async def server() -> AsyncIterator[MassiveServer]:
    """A market in which nothing happens."""
    async with MassiveServer(Tape(("AAPL",), []), SystemClock(), key=KEY) as running:
        yield running


async def run(server: MassiveServer, data_dir: Path, *arguments: str, **env: str) -> tuple[int | None, str]:
    """Run the command to its end, or until the server has heard from it and it was asked to stop; what it said."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ENV_PREFIX)}
    own = {
        "TICKSTOCK_DATA_DIR": str(data_dir),
        "TICKSTOCK_MASSIVE_URL": server.url,
        "TICKSTOCK_MASSIVE_REST_URL": server.rest_url,
        "TICKSTOCK_LOG_LEVEL": "debug",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tickstockpl",
        "stream",
        "--feed",
        "massive",
        "--universe",
        "demo:top_50",
        *arguments,
        env={**kept, **own, **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = asyncio.create_task(process.communicate())
    try:
        async with asyncio.timeout(90):
            while not said.done() and not server.subscriptions:
                await asyncio.wait({said}, timeout=0.1)
            if not said.done():
                process.terminate()
            output, _ = await said
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    return process.returncode, output.decode()


async def test_a_wrong_key_is_one_sentence_and_no_loop(
    server: MassiveServer, data_dir: Path, redis_url: str, database_url: str
) -> None:
    given = ("--redis-url", redis_url, "--database-url", database_url)
    code, said = await run(server, data_dir, *given, TICKSTOCK_MASSIVE_API_KEY="wrong-key-0815")
    assert code == 1, said
    errors = [line for line in said.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1, said
    assert errors[0].startswith("Error: Massive does not accept the API key; correct TICKSTOCK_MASSIVE_API_KEY")
    assert "Traceback" not in said
    assert "wrong-key-0815" not in said
    assert server.sign_ins == ["wrong-key-0815"]
    assert server.connections == 1


async def test_a_key_in_a_file_signs_in_and_is_never_shown(
    server: MassiveServer, data_dir: Path, tmp_path: Path, redis_url: str, database_url: str
) -> None:
    file = tmp_path / "key"
    file.write_text(f"  {KEY}\n")
    given = ("--redis-url", redis_url, "--database-url", database_url)
    code, said = await run(server, data_dir, *given, TICKSTOCK_MASSIVE_API_KEY_FILE=str(file))
    assert code == 0, said
    assert server.sign_ins == [KEY]
    assert "connected" in said
    assert KEY not in said


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"TICKSTOCK_MASSIVE_API_KEY_FILE": "/no/such/key"}, "names /no/such/key, which cannot be read: No such file"),
        ({"TICKSTOCK_MASSIVE_API_KEY_FILE": os.devnull}, "holds no API key"),
        ({"TICKSTOCK_MASSIVE_API_KEY": "two words"}, "TICKSTOCK_MASSIVE_API_KEY holds no API key"),
        (
            {"TICKSTOCK_MASSIVE_API_KEY": KEY, "TICKSTOCK_MASSIVE_API_KEY_FILE": "/a"},
            "both TICKSTOCK_MASSIVE_API_KEY and TICKSTOCK_MASSIVE_API_KEY_FILE are set; leave one of them out",
        ),
        (
            {"TICKSTOCK_MASSIVE_API_KEY": KEY, "TICKSTOCK_MASSIVE_URL": "http://somewhere"},
            "it should begin with ws:// or wss://",
        ),
        (
            {"TICKSTOCK_MASSIVE_API_KEY": KEY, "TICKSTOCK_MASSIVE_MODE": "quotes"},
            "TICKSTOCK_MASSIVE_MODE was 'quotes': it should be 'trades', 'minutes' or 'seconds'",
        ),
    ],
    ids=["no file", "empty file", "no key", "both", "another scheme", "another mode"],
)
async def test_what_is_wrong_with_the_settings_is_one_sentence(
    env: dict[str, str], sentence: str, server: MassiveServer, data_dir: Path
) -> None:
    code, said = await run(server, data_dir, **env)
    assert code == 1
    assert sentence in " ".join(said.split())
    assert KEY not in said
    assert server.connections == 0
