"""``tickstockpl run`` as a process, for tests that want all of it."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

READY_S = 60


@asynccontextmanager
async def tickstockpl_run(data_dir: Path, *arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The command as a process, and the address it printed; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tickstockpl", "run", "--port", "0", *arguments),
        env={**os.environ, "TICKSTOCK_DATA_DIR": str(data_dir)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_S):
            said = b""
            while not (found := re.search(rb"Live page: (\S+)", said)):
                line = await process.stdout.readline()
                assert line, f"it ended before the page was ready: {said.decode()}"
                said += line
        yield process, found[1].decode()
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
