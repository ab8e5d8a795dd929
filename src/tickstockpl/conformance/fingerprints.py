"""What went out minute by minute, small enough to keep for a whole day and exact enough to compare with the tables."""

import hashlib
from collections import OrderedDict
from typing import Final, NamedTuple

MINUTES_KEPT: Final = 5_000


class Fingerprint(NamedTuple):
    """A set of names: how many, and the sum of the first 32 bits of each one's MD5.

    PostgreSQL reckons the same, so that two sets can be compared without either travelling.
    """

    events: int = 0
    digest: int = 0


class Fingerprints:
    """Fingerprints by time, the newest :data:`MINUTES_KEPT`."""

    def __init__(self) -> None:
        self._of: OrderedDict[int, Fingerprint] = OrderedDict()

    def add(self, time_ms: int, *names: str) -> None:
        """Put in one name, whose parts the tables have in columns."""
        events, digest = self._of.get(time_ms, Fingerprint())
        text = "|".join(names).encode()
        part = int.from_bytes(hashlib.md5(text, usedforsecurity=False).digest()[:4])
        self._of[time_ms] = Fingerprint(events + 1, digest + part)
        if len(self._of) > MINUTES_KEPT:
            self._of.popitem(last=False)

    def all(self) -> dict[int, Fingerprint]:
        """By time, in the order in which the times came up."""
        return dict(self._of)

    def partial(self, *, ended: bool) -> set[int]:
        """The times that may not have been heard from their beginning to their end.

        Of the first nobody knows whether its beginning was heard, of the last whether more of it was to come.

        Args:
            ended: whether it is known that nothing more was to come.
        """
        times = list(self._of)
        return set(times[:1] if ended else times[:1] + times[-1:])
