"""Time does not run backwards on any channel, and nothing is said twice."""

from collections import OrderedDict
from typing import Final

from tickstockpl.conformance.findings import Finding, Offences
from tickstockpl.conformance.heard import Heard
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import to_iso

MOMENTS_KEPT: Final = 4
"""So many times of a channel are remembered for duplicates; what is said again later than that is out of order."""


class OrderRule:
    """The times that a channel's events name never fall, within a session: a replay's next session may be older."""

    def __init__(self) -> None:
        self._newest: dict[str, int] = {}
        self._compared = 0
        self._offences = Offences()

    def take(self, heard: Heard) -> None:
        """Look at one message."""
        if heard.time_ms is None:
            return
        if heard.channel == Channel.SESSION_STARTED:
            self._newest.clear()
        newest = self._newest.get(heard.channel)
        if newest is not None:
            self._compared += 1
            if heard.time_ms < newest:
                reason = f"its time {to_iso(heard.time_ms)} is before {to_iso(newest)}, which had been said"
                self._offences.add(heard.channel, heard.number, reason, payload=heard.payload)
                return
        self._newest[heard.channel] = heard.time_ms

    def finding(self, until_ms: int) -> Finding:
        """How many messages came after later ones."""
        del until_ms
        return self._offences.finding(
            "ordering",
            f"no event came after a later one of its channel ({self._compared:,} compared)",
            f"{{count}} of {self._compared:,} messages are older than one before them on their channel",
            unknown="" if self._compared else "no channel carried two messages",
        )


class DuplicateRule:
    """A pattern, an alert, a value of a minute goes out once on a channel; of other messages, none is repeated."""

    def __init__(self) -> None:
        self._said: dict[str, OrderedDict[int, set[tuple[object, ...]]]] = {}
        self._compared = 0
        self._offences = Offences()

    def take(self, heard: Heard) -> None:
        """Look at one message."""
        if heard.time_ms is None:
            return
        if heard.channel == Channel.SESSION_STARTED:
            self._said = {channel: said for channel, said in self._said.items() if channel == heard.channel}
        moments = self._said.setdefault(heard.channel, OrderedDict())
        said = moments.setdefault(heard.time_ms, set())
        for key in heard.identities():
            self._compared += 1
            if key in said:
                what = ", ".join(part for part in key if isinstance(part, str))
                self._offences.add(
                    heard.channel, heard.number, f"said before{what and f': {what}'}", payload=heard.payload
                )
            said.add(key)
        while len(moments) > MOMENTS_KEPT:
            moments.popitem(last=False)

    def finding(self, until_ms: int) -> Finding:
        """How many things were said again."""
        del until_ms
        return self._offences.finding(
            "duplicates",
            f"nothing was said twice ({self._compared:,} compared)",
            "{count} things were said again",
            unknown="" if self._compared else "nothing was heard that could be said twice",
        )
