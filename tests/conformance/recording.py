"""A real service's messages, recorded once, and the ways in which they can be spoilt."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from tests.streaming.test_simulated_service import simulate as simulate
from tickstockpl.conformance.findings import Finding, Offender
from tickstockpl.conformance.verifier import Verification, Verifier
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import from_iso, to_iso

Recording = list[tuple[str, bytes]]

BEGAN_MS = 1_759_757_400_000
"""2025-10-06T13:30:00Z"""


def judge(messages: Sequence[tuple[str, bytes]], ended_ms: int = BEGAN_MS + 3_600_000) -> Verification:
    """What is made of some messages that came in an instant, long before listening ended."""
    verifier = Verifier(BEGAN_MS)
    for channel, payload in messages:
        verifier.take(channel, payload, BEGAN_MS)
    return verifier.verification(ended_ms)


def finding(verification: Verification, rule: str) -> Finding:
    (found,) = [one for one in verification.findings if one.rule == rule]
    return found


def broken(verification: Verification) -> set[str]:
    return {one.rule for one in verification.findings if one.outcome == "fail"}


def first(verification: Verification, rule: str, where: str) -> Offender:
    (offence,) = [one for one in finding(verification, rule).offences if one.where == where]
    return offence.first[0]


def position(recording: Recording, channel: Channel, number: int = 1) -> int:
    """Where the n-th message of a channel is."""
    return [index for index, (name, _) in enumerate(recording) if name == channel][number - 1]


def changed(recording: Recording, channel: Channel, change: Callable[[Any], Any], number: int = 1) -> Recording:
    """The recording with one message of a channel changed: ``change`` edits it, or returns another."""
    index = position(recording, channel, number)
    content = json.loads(recording[index][1])
    content = change(content) or content
    return [*recording[:index], (channel.value, json.dumps(content).encode()), *recording[index + 1 :]]


# What can be wrong with an event.


def fifty_one(event: Any) -> Any:
    batch = [event["detection"]] * 51
    return {
        "type": "streaming_patterns_batch",
        "patterns": batch,
        "count": 51,
        "batch_timestamp": batch[0]["timestamp"],
    }


def lower_case(event: Any) -> None:
    event["calculation"]["symbol"] = event["calculation"]["symbol"].lower()


def text_for_a_number(event: Any) -> None:
    event["alert"]["data"]["value"] = "75.2"


def no_timeframe(event: Any) -> None:
    del event["calculation"]["timeframe"]


def unsure(event: Any) -> None:
    event["detection"]["confidence"] = 0.79


def late(event: Any) -> None:
    event["health"]["timestamp"] = to_iso(from_iso(event["health"]["timestamp"]) + 130_000)
