"""What a verification comes to: of each rule whether it holds, and the first messages that break it."""

from collections import Counter
from typing import Final, Literal

from msgspec import Struct

EXAMPLES: Final = 5
"""So many offenders of a rule are shown on each channel; all are counted."""

EXCERPT_CHARACTERS: Final = 160

Outcome = Literal["pass", "fail", "unknown"]
"""``unknown``: the producer says too little, or too little was heard, to know."""


class Offender(Struct, frozen=True):
    """One message that breaks a rule.

    Attributes:
        message: its number on its channel, from 1, in the order of arrival; 0 where no single message is meant.
        field: the JSON path of what is wrong, such as ``$.detection.symbol``; empty for the message as a whole.
        reason: what is wrong, in words.
        excerpt: the beginning of the message.
    """

    message: int
    field: str
    reason: str
    excerpt: str = ""


class Offence(Struct, frozen=True):
    """How often a rule was broken on one channel, or in one table, and the first that broke it."""

    where: str
    count: int
    first: list[Offender]


class Finding(Struct, frozen=True):
    """What one rule found.

    Attributes:
        rule: its name.
        outcome: whether it holds.
        said: the outcome in one sentence, with the figures behind it.
        offences: what broke it, by channel or table.
    """

    rule: str
    outcome: Outcome
    said: str
    offences: list[Offence]


class Offences:
    """Counts what breaks one rule, and keeps the first offenders of each channel: bounded, however much is wrong."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._first: dict[str, list[Offender]] = {}

    def add(self, where: str, message: int, reason: str, *, field: str = "", payload: bytes = b"") -> None:
        """Take down one offender.

        Args:
            where: channel or table.
            message: its number there, 0 for none.
            reason: what is wrong.
            field: the JSON path of it.
            payload: the message.
        """
        self._counts[where] += 1
        first = self._first.setdefault(where, [])
        if len(first) < EXAMPLES:
            first.append(Offender(message, field, reason, excerpt(payload)))

    @property
    def total(self) -> int:
        """How many there are."""
        return self._counts.total()

    def found(self) -> list[Offence]:
        """All that was taken down, the channel with the most first."""
        return [Offence(where, count, self._first[where]) for where, count in self._counts.most_common()]

    def finding(self, rule: str, holds: str, broken: str, unknown: str = "") -> Finding:
        """The finding of a rule that holds if nothing was taken down.

        Args:
            rule: its name.
            holds: what to say if it holds.
            broken: what to say if it does not; ``{count}`` is put in.
            unknown: if it cannot be known whether it holds, why.
        """
        if self.total:
            return Finding(rule, "fail", broken.format(count=f"{self.total:,}"), self.found())
        return Finding(rule, "unknown", unknown, []) if unknown else Finding(rule, "pass", holds, [])


def excerpt(payload: bytes) -> str:
    """The beginning of a message, as text that a terminal can show."""
    text = payload[: EXCERPT_CHARACTERS + 1].decode("utf-8", "replace")
    shown = "".join(sign if sign.isprintable() else "�" for sign in text)
    return shown if len(shown) <= EXCERPT_CHARACTERS else shown[: EXCERPT_CHARACTERS - 1] + "…"
