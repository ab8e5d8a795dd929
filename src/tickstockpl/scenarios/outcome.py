"""What a scenario came to, beside what it had to come to."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

import msgspec

from tickstockpl.contract.channels import Channel
from tickstockpl.scenarios.facts import COMPARED, Fact, Facts
from tickstockpl.scenarios.listener import Heard
from tickstockpl.scenarios.scenario import Scenario

NAMED: Final = 3
"""Events of a kind that are missing, or too many, and are named."""


class Line(msgspec.Struct, frozen=True):
    """One kind of event.

    Attributes:
        title: which.
        expected: how many there have to be; at least so many where ``is_least``.
        published: how many the service counts as sent; ``None`` where nothing is sent.
        received: how many were heard.
        stored: how many rows there are.
        is_least: whether more are right too.
        holds: whether these are exactly the expected ones, not only as many.
    """

    title: str
    expected: int
    published: int | None
    received: int | None
    stored: int
    is_least: bool
    holds: bool


class Outcome(msgspec.Struct, frozen=True):
    """Of a scenario that was played.

    Attributes:
        scenario: its name.
        session_id: under which its rows stand.
        lines: kind of event by kind of event.
        statements: what else has to hold, each with whether it does.
        wrong: what is not as it has to be, in sentences.
        passed: whether everything is.
    """

    scenario: str
    session_id: str
    lines: list[Line]
    statements: list[tuple[bool, str]]
    wrong: list[str]
    passed: bool


def judge(
    scenario: Scenario,
    session_id: str,
    expected: Facts,
    published: Mapping[str, int],
    heard: Heard,
    stored: Facts,
    stored_health: int,
) -> Outcome:
    """Compare what was expected, published, received and stored."""
    lines, wrong = [], []
    for channel in COMPARED:
        wanted, got, kept = expected.sent[channel], heard.facts.sent[channel], stored.sent[channel]
        title = channel.removeprefix("tickstock:")
        lacking = [*_differences(title, "received", wanted, got), *_differences(title, "stored", wanted, kept)]
        count = published[channel]
        if count != wanted.total():
            lacking.append(f"{title}: {wanted.total():,} were expected, and the service counts {count:,} as published")
        lines.append(Line(title, wanted.total(), count, got.total(), kept.total(), False, not lacking))
        wrong += lacking
    lines.append(_health(scenario, published[Channel.HEALTH], len(heard.health), stored_health))
    for channel in COMPARED:
        wanted, kept = expected.afterwards[channel], stored.afterwards[channel]
        if wanted or kept:
            title = f"{channel.removeprefix('tickstock:')} backfilled"
            lacking = list(_differences(title, "stored", wanted, kept))
            lines.append(Line(title, wanted.total(), None, None, kept.total(), False, not lacking))
            wrong += lacking
    statements = list(_statements(scenario, heard))
    wrong += [
        f"{line.title}: {line.published} published, {line.received} received, {line.stored} stored"
        for line in lines
        if line.is_least and not line.holds
    ]
    passed = not wrong and all(holds for holds, _ in statements)
    return Outcome(scenario.name, session_id, lines, statements, wrong, passed)


def _health(scenario: Scenario, published: int, received: int, stored: int) -> Line:
    """One at the beginning, one a minute, and further ones when something changes."""
    least = scenario.minutes + 1
    holds = published == received == stored >= least
    return Line("streaming:health", least, published, received, stored, True, holds)


def _differences(title: str, what: str, wanted: Counter[Fact], found: Counter[Fact]) -> Iterator[str]:
    for facts, how in ((wanted - found, f"was not {what}"), (found - wanted, f"was {what} and not expected")):
        for fact in sorted(facts)[:NAMED]:
            times = f" ({facts[fact]} times)" if facts[fact] > 1 else ""
            yield f"{title}: {' '.join(filter(None, fact))} {how}{times}"
        if len(facts) > NAMED:
            yield f"{title}: and {len(facts) - NAMED:,} more {how.replace('was', 'were', 1)}"


def _statements(scenario: Scenario, heard: Heard) -> Iterator[tuple[bool, str]]:
    connection = _path(health.connection_status for health in heard.health)
    usual = ["connected", "reconnecting", "connected"] if scenario.cut is not None else ["connected"]
    yield connection == usual, f"the feed's connection, as health says it: {' → '.join(connection)}"
    status = _path(health.status for health in heard.health)
    issues = list(dict.fromkeys(issue for health in heard.health for issue in health.issues))
    because = f" ({'; '.join(issues[:NAMED])})" if issues else ""
    if scenario.healthy:
        yield status == ["healthy"], f"health: {' → '.join(status)}{because}"
    elif scenario.cut is not None:
        away = [health.status for health in heard.health if health.connection_status != "connected"]
        yield set(away) == {"critical"}, f"health while the feed was away: {' → '.join(_path(away))}"
    else:
        yield True, f"health: {' → '.join(status)}{because}"
    first = f": {heard.unreadable[0]}" if heard.unreadable else ""
    yield not heard.unreadable, f"{len(heard.unreadable):,} messages were not what their channels carry{first}"
    if heard.overflowed:
        yield False, f"{heard.overflowed:,} messages more than there could be were heard, and not read"
    if heard.interruptions:
        yield False, f"the connection to Redis was lost {heard.interruptions} times"
    if heard.others:
        yield False, _others(sorted(heard.others))


def _others(sources: Sequence[str]) -> str:
    return (
        f"another service publishes on this Redis ({', '.join(sources)}), and its events cannot be told apart; play "
        "the scenario on a Redis of its own"
    )


def _path(values: Sequence[str] | Iterator[str]) -> list[str]:
    """Values without repetition of the one before."""
    return [value for value, _ in groupby(values)]
