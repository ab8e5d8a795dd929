"""How often somebody may try: by address and in all, in bounded memory."""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from tickstockpl import clock

MOST_ADDRESSES: Final = 1_024
"""Addresses that are remembered; beyond that the one that was heard from longest ago is forgotten."""


class RateLimit:
    """Buckets of attempts that fill up again with time: one for each address and one for all together.

    Args:
        each: attempts that an address has at most; one comes back every ``each_s`` seconds.
        each_s: see ``each``.
        in_all: attempts that all have together at most; one comes back every ``in_all_s`` seconds.
        in_all_s: see ``in_all``.
        now_s: a clock that never jumps, in seconds.
    """

    def __init__(
        self,
        each: int,
        each_s: float,
        in_all: int,
        in_all_s: float,
        now_s: Callable[[], float] = clock.monotonic_s,
    ) -> None:
        self._each, self._each_s = each, each_s
        self._now_s = now_s
        self._all = _Bucket(in_all, in_all_s, now_s())
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, address: str) -> int:
        """Make an attempt: 0 if it may be made, else in how many seconds one may be."""
        now_s = self._now_s()
        network = _network(address)
        own = self._buckets.pop(network, None) or _Bucket(self._each, self._each_s, now_s)
        self._buckets[network] = own
        if len(self._buckets) > MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        wait_s = max(own.wait_s(now_s), self._all.wait_s(now_s))
        if wait_s > 0:
            return math.ceil(wait_s)
        own.left -= 1
        self._all.left -= 1
        return 0

    def give_back(self, address: str) -> None:
        """The attempt was a good one: the address has all of its own again, and all have one more."""
        self._buckets.pop(_network(address), None)
        self._all.left = min(self._all.size, self._all.left + 1)


class _Bucket:
    __slots__ = ("_at_s", "_every_s", "left", "size")

    def __init__(self, size: int, every_s: float, now_s: float) -> None:
        self.size, self.left = size, float(size)
        self._every_s, self._at_s = every_s, now_s

    def wait_s(self, now_s: float) -> float:
        """Seconds until there is an attempt left; 0 if there is."""
        self.left = min(self.size, self.left + (now_s - self._at_s) / self._every_s)
        self._at_s = now_s
        return 0.0 if self.left >= 1 else (1 - self.left) * self._every_s


def _network(address: str) -> str:
    """Whose address it is: somebody with one of IPv6 has 2⁶⁴ of them."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)
