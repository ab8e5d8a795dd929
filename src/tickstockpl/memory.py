"""Memory that the allocator would rather keep.

glibc's heap grows by what is freed between blocks that stay: each day of 500 symbols left 4 to 5 MB behind that nothing
used and nothing gave back, so the resident set rose for as long as the service ran. Elsewhere than on glibc nothing is
done.
"""

import ctypes
import sys
from typing import Final

from tickstockpl.clock import monotonic_s

INTERVAL_S: Final = 60.0
"""Wall time between two times that freed memory is given back; it takes 1 to 3 ms."""

LARGE_BYTES: Final = 1 << 20
"""Blocks from this size on are mapped one by one, and given back as soon as they are freed.

glibc raises this bound, up to 32 MB, with every such block that is freed, unless it has been set.
"""

_M_MMAP_THRESHOLD: Final = -3


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None


class Memory:
    """Gives freed memory back to the system, now and then."""

    def __init__(self) -> None:
        self._library = _glibc()
        self._next_s = monotonic_s()
        if self._library is not None:
            self._library.mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)

    def tidy(self) -> bool:
        """Give back what is free, if it is time to; whether that was done. For moments at which nothing waits."""
        now_s = monotonic_s()
        if self._library is None or now_s < self._next_s:
            return False
        self._next_s = now_s + INTERVAL_S
        self._library.malloc_trim(0)
        return True
