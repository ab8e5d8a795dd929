"""Every message is what its channel carries: the fields, their types and bounds, and what a schema cannot say."""

from collections.abc import Iterator

from tickstockpl.conformance.findings import Finding, Offences
from tickstockpl.conformance.heard import Fault, Heard
from tickstockpl.contract.events import (
    Bar,
    BarData,
    FormingBars,
    StreamingBars,
    StreamingPattern,
    StreamingPatternsBatch,
)


class SchemaRule:
    """Field by field, to the contract's Structs; fields that the contract does not name are let pass."""

    def __init__(self) -> None:
        self._messages = 0
        self._offences = Offences()

    def take(self, heard: Heard) -> None:
        """Look at one message."""
        self._messages += 1
        fault = heard.fault or _beyond_the_schema(heard)
        if fault is not None:
            field, reason = fault
            self._offences.add(heard.channel, heard.number, reason, field=field, payload=heard.payload)

    def finding(self, until_ms: int) -> Finding:
        """How many messages are not what their channels carry."""
        del until_ms
        return self._offences.finding(
            "schema",
            f"all {self._messages:,} messages are what their channels carry",
            f"{{count}} of {self._messages:,} messages are not what their channels carry",
            unknown="" if self._messages else "no message was heard",
        )


def _beyond_the_schema(heard: Heard) -> Fault | None:
    """The first thing in an event that each field allows and all together do not."""
    event = heard.event
    if isinstance(event, StreamingPatternsBatch) and event.count != len(event.patterns):
        return Fault("$.count", f"it says {event.count} and there are {len(event.patterns)} patterns")
    for field, bar in _bars(heard):
        if not bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high:
            return Fault(
                field, f"open {bar.open:g} and close {bar.close:g} are not within {bar.low:g} and {bar.high:g}"
            )
    return None


def _bars(heard: Heard) -> Iterator[tuple[str, Bar | BarData]]:
    event = heard.event
    if isinstance(event, StreamingPattern):
        yield "$.detection.bar_data", event.detection.bar_data
    elif isinstance(event, StreamingPatternsBatch):
        yield from ((f"$.patterns[{number}].bar_data", one.bar_data) for number, one in enumerate(event.patterns))
    elif isinstance(event, StreamingBars | FormingBars):
        yield from ((f"$.bars[{number}]", bar) for number, bar in enumerate(event.bars))
