"""Freed memory goes back to the system: in a process of its own, whose heap nobody else has used."""

import subprocess
import sys

import pytest

from tickstockpl import memory

HOLES = """
import psutil
from tickstockpl.memory import Memory

def resident_mb():
    return psutil.Process().memory_info().rss / 2**20

memory = Memory()
memory.tidy()
before = resident_mb()
blocks = [bytearray(100_000) for _ in range(1000)]  # below the size from which blocks are mapped on their own
kept = blocks[::50]
del blocks
held = resident_mb()
memory._next_s = 0
assert memory.tidy()
print(before, held, resident_mb())
"""


@pytest.mark.skipif(memory._glibc() is None, reason="not glibc: there is nothing to do")
def test_what_is_free_between_blocks_that_stay_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", HOLES], capture_output=True, text=True, check=True, timeout=60)
    before, held, after = map(float, done.stdout.split())
    assert held - before > 50
    assert after - before < 15


def test_it_is_done_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = [100.0]
    monkeypatch.setattr(memory, "monotonic_s", lambda: now_s[0])
    tidying = memory.Memory()
    if tidying._library is None:
        assert not tidying.tidy()
        return
    assert tidying.tidy()
    assert not tidying.tidy()
    now_s[0] += memory.INTERVAL_S
    assert tidying.tidy()
