"""Every message is what its channel carries: the fields, their types and bounds."""

from tickstockpl.conformance.findings import Finding, Offences
from tickstockpl.conformance.heard import Heard
from tickstockpl.contract.events import StreamingPatternsBatch


class SchemaRule:
    """Field by field, to the contract's Structs; fields that the contract does not name are let pass."""

    def __init__(self) -> None:
        self._messages = 0
        self._offences = Offences()

    def take(self, heard: Heard) -> None:
        """Look at one message."""
        self._messages += 1
        event = heard.event
        if heard.fault is not None:
            field, reason = heard.fault
            self._offences.add(heard.channel, heard.number, reason, field=field, payload=heard.payload)
        elif isinstance(event, StreamingPatternsBatch) and event.count != len(event.patterns):
            reason = f"it says {event.count} and there are {len(event.patterns)} patterns"
            self._offences.add(heard.channel, heard.number, reason, field="$.count", payload=heard.payload)

    def finding(self, until_ms: int) -> Finding:
        """How many messages are not what their channels carry."""
        del until_ms
        return self._offences.finding(
            "schema",
            f"all {self._messages:,} messages are what their channels carry",
            f"{{count}} of {self._messages:,} messages are not what their channels carry",
            unknown="" if self._messages else "no message was heard",
        )
