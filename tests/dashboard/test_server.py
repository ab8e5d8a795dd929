"""Starting and ending: what cannot be served is said in a sentence, and nothing outlives its parent."""

import socket
import subprocess
import sys

import pytest

from tests.dashboard.running import dashboard
from tests.support import eventually
from tickstockpl.errors import TickStockError

CHILD = """
import sys
from tickstockpl.dashboard.server import run_dashboard
from tickstockpl.settings import load_settings
settings = load_settings(port=0, auth="off")
run_dashboard(settings, *sys.argv[1:], lambda url: print(url, flush=True), exit_with_stdin=True)
"""


async def test_a_port_in_use_is_named_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(TickStockError, match=f"^port {port} on 127.0.0.1 is in use; choose another with --port$"):
            async with dashboard("redis://127.0.0.1:1", "postgresql://127.0.0.1:1/x", port=port):
                pass


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("0.0.0.0", "can be reached from other machines"),
        ("::", "can be reached from other machines"),
        ("192.168.1.5", "can be reached from other machines"),
        ("example.com", "host 'example.com' is not an address"),
    ],
)
async def test_only_the_loopback_is_served(host: str, sentence: str) -> None:
    with pytest.raises(TickStockError, match=sentence):
        async with dashboard("redis://127.0.0.1:1", "postgresql://127.0.0.1:1/x", host=host):
            pass


async def test_localhost_is_served(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url, host="localhost") as url:
        assert url.startswith("http://localhost:")


async def test_an_unreachable_redis_ends_the_start() -> None:
    with pytest.raises(TickStockError, match="Redis at unix:///no/such/socket cannot be reached"):
        async with dashboard("unix:///no/such/socket", "postgresql://127.0.0.1:1/x"):
            pass


async def test_an_unreachable_database_ends_the_start(redis_url: str) -> None:
    with pytest.raises(TickStockError, match=r"cannot reach the database at 127\.0\.0\.1:1/x") as refused:
        async with dashboard(redis_url, "postgresql://me:very-secret@127.0.0.1:1/x"):
            pass
    assert "very-secret" not in str(refused.value)


def test_the_dashboard_ends_when_its_parent_has_gone(redis_url: str, database_url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, redis_url, database_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline().startswith("http://127.0.0.1:")
        child.stdin.close()
        assert child.wait(timeout=10) == 0


def test_sigterm_ends_the_dashboard_cleanly(redis_url: str, database_url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, redis_url, database_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert child.stdout.readline()
        child.terminate()
        eventually(lambda: child.poll() is not None, 10)
        assert (child.returncode, child.stderr.read()) == (0, "")


def test_standard_input_that_is_no_pipe_is_refused(redis_url: str, database_url: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, redis_url, database_url],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "standard input is not a pipe" in ended.stderr
