"""``patterns:detected`` carries the patterns of 0.8 and more, all of them and no others."""

from collections import OrderedDict
from typing import Final

from tickstockpl.conformance.findings import Finding, Offences
from tickstockpl.conformance.heard import Heard, detection_key
from tickstockpl.contract.channels import HIGH_CONFIDENCE, Channel
from tickstockpl.contract.events import Detection

UNDERWAY_MS: Final = 2_000
"""What was said of a pattern on one channel within so long before the end may still come on the other."""

WAITING: Final = 200_000
"""So many patterns at most wait for their other channel; the oldest is judged then."""

_Pair = tuple[Channel, int, int, bytes]
"""Where one half of a pattern was heard, its number there, when, and the message."""


class HighConfidenceRule:
    """A pattern of 0.8 and more goes out on both pattern channels, every other one on ``patterns:streaming`` alone."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[tuple[str, ...], _Pair] = OrderedDict()
        self._first_time: str | None = None
        self._high = self._low = 0
        self._offences = Offences()

    def take(self, heard: Heard) -> None:
        """Look at one message."""
        for detection in heard.detections:
            if self._first_time is None:
                self._first_time = detection.timestamp
            copied = heard.channel == Channel.HIGH_CONFIDENCE_PATTERNS
            if detection.confidence >= HIGH_CONFIDENCE:
                self._high += copied
                self._pair(heard, detection)
            elif copied:
                reason = f"{detection.pattern_type} of {detection.symbol} has confidence {detection.confidence:g}"
                self._offences.add(
                    heard.channel,
                    heard.number,
                    f"{reason}, below {HIGH_CONFIDENCE:g}",
                    field="$.detection.confidence",
                    payload=heard.payload,
                )
            else:
                self._low += 1

    def finding(self, until_ms: int) -> Finding:
        """How many patterns are on the wrong channels."""
        while self._waiting:
            self._give_up(until_ms)
        heard = self._high + self._low
        return self._offences.finding(
            "high confidence",
            f"{self._high:,} patterns of {HIGH_CONFIDENCE:g} and more went out on both channels, {self._low:,} on one",
            "{count} patterns are not on the channels on which their confidence puts them",
            unknown="" if heard else "no pattern was heard",
        )

    def _pair(self, heard: Heard, detection: Detection) -> None:
        key = detection_key(detection)
        other = self._waiting.get(key)
        if other is not None and other[0] != heard.channel:
            del self._waiting[key]
            return
        self._waiting[key] = (Channel(heard.channel), heard.number, heard.at_ms, heard.payload)
        if len(self._waiting) > WAITING:
            self._give_up(heard.at_ms)

    def _give_up(self, now_ms: int) -> None:
        key, (channel, number, at_ms, payload) = self._waiting.popitem(last=False)
        if at_ms > now_ms - UNDERWAY_MS:
            return
        if channel is Channel.HIGH_CONFIDENCE_PATTERNS and key[-1] == self._first_time:
            return  # its other half may have gone out just before anybody listened
        lacking = next(one for one in (Channel.PATTERNS, Channel.HIGH_CONFIDENCE_PATTERNS) if one is not channel)
        _, symbol, pattern_type, timestamp = key
        reason = f"{pattern_type} of {symbol} at {timestamp} did not go out on {lacking}"
        self._offences.add(channel, number, reason, payload=payload)
