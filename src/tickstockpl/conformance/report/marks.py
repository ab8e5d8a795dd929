"""What a status report says of one thing."""

from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct

from tickstockpl.conformance.findings import Outcome

Sign = Literal["✅", "⏳", "❌"]
"""The specification's signs: it holds; it was not seen, or cannot be known; it does not hold."""

OF_OUTCOME: Final[dict[Outcome, Sign]] = {"pass": "✅", "unknown": "⏳", "fail": "❌"}


class Mark(Struct, frozen=True):
    """One line of a report.

    Attributes:
        sign: the mark.
        title: of what.
        evidence: the figures behind it, one sentence.
    """

    sign: Sign
    title: str
    evidence: str


def worst(signs: Iterable[Sign]) -> Sign:
    """The worst of several."""
    found = set(signs)
    return "❌" if "❌" in found else "⏳" if "⏳" in found else "✅"
