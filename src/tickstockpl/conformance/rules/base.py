"""What a rule is."""

from typing import Protocol

from tickstockpl.conformance.findings import Finding
from tickstockpl.conformance.heard import Heard


class Rule(Protocol):
    """Hears every message in the order of arrival, and says at the end whether what it asks for holds.

    What it keeps in the meantime is bounded by the busiest few minutes of the market, not by how long it listens.
    """

    def take(self, heard: Heard) -> None:
        """Look at one message; costs microseconds."""

    def finding(self, until_ms: int) -> Finding:
        """What it has found.

        Args:
            until_ms: when listening ended, wall clock.
        """
