"""Whatever is missing, too much or otherwise fails a scenario, and is named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scenarios.playing import Performed, said
from tickstockpl.contract.channels import Channel
from tickstockpl.scenarios.facts import COMPARED, Facts
from tickstockpl.scenarios.library import ERROR_RECOVERY, NORMAL
from tickstockpl.scenarios.outcome import Line
from tickstockpl.scenarios.scenario import Scenario

SHORT = Scenario("short", "two quiet minutes", 2, 3, cues=[], healthy=True)


def line(performed: Performed, title: str) -> Line:
    (found,) = [one for one in performed.judged().lines if one.title == title]
    return found


@pytest.mark.parametrize("scenario", [SHORT, NORMAL, ERROR_RECOVERY], ids=lambda scenario: scenario.name)
def test_what_is_as_it_should_be_passes(scenario: Scenario) -> None:
    outcome = Performed(scenario).judged()
    assert outcome.passed, outcome.wrong
    assert all(one.holds for one in outcome.lines)
    assert not outcome.wrong


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_one_event_more_or_less_fails_and_is_named(data: st.DataObject) -> None:
    performed = Performed(ERROR_RECOVERY)
    where = data.draw(st.sampled_from(["heard", "stored", "afterwards"]))
    facts = {
        "heard": performed.heard.facts.sent,
        "stored": performed.stored.sent,
        "afterwards": performed.stored.afterwards,
    }[where]
    channel = data.draw(st.sampled_from([one for one in COMPARED if facts[one]]))
    fact = data.draw(st.sampled_from(sorted(facts[channel])))
    change = data.draw(st.sampled_from([-1, 1, 2]))
    facts[channel][fact] += change
    outcome = performed.judged()
    assert not outcome.passed
    what = "received" if where == "heard" else "stored"
    how = f"was not {what}" if change < 0 else f"was {what} and not expected"
    assert any(" ".join(filter(None, fact)) in sentence and how in sentence for sentence in outcome.wrong)
    assert sum(not one.holds for one in outcome.lines) == 1


def test_as_many_are_not_enough() -> None:
    performed = Performed(SHORT)
    heard = performed.heard.facts.sent[Channel.INDICATORS]
    _, symbol, time = fact = next(iter(heard))
    heard[fact] -= 1
    heard["SMA_7", symbol, time] += 1
    found = line(performed, "indicators:streaming")
    assert (found.received, found.holds) == (found.expected, False)
    assert len(performed.judged().wrong) == 2


def test_of_many_the_first_are_named_and_the_others_counted() -> None:
    performed = Performed(SHORT)
    performed.stored = Facts()
    wrong = [sentence for sentence in performed.judged().wrong if sentence.startswith("indicators:")]
    assert len(wrong) == 4
    assert wrong[-1] == "indicators:streaming: and 33 more were not stored"


def test_what_the_service_counts_must_be_what_was_expected() -> None:
    performed = Performed(SHORT)
    performed.published[Channel.INDICATORS] += 1
    assert performed.judged().wrong == [
        "indicators:streaming: 36 were expected, and the service counts 37 as published"
    ]


@pytest.mark.parametrize("lacking", ["published", "received", "stored"])
def test_health_is_published_received_and_stored_alike(lacking: str) -> None:
    performed = Performed(SHORT)
    performed.published[Channel.HEALTH] += lacking != "published"
    performed.stored_health += lacking != "stored"
    performed.heard.health += [said()] * (lacking != "received")
    outcome = performed.judged()
    assert not outcome.passed
    assert "streaming:health: " in outcome.wrong[0]


def test_health_is_told_once_a_minute_at_least() -> None:
    performed = Performed(SHORT)
    performed.published[Channel.HEALTH] = performed.stored_health = 2
    performed.heard.health = [said()] * 2
    assert not line(performed, "streaming:health").holds
    performed.published[Channel.HEALTH] = performed.stored_health = 4
    performed.heard.health = [said()] * 4
    assert line(performed, "streaming:health").holds


def test_a_normal_market_is_healthy_throughout() -> None:
    performed = Performed(SHORT)
    performed.heard.health[1] = said("warning", "connected", "Processing lag above threshold: 300ms")
    outcome = performed.judged()
    assert not outcome.passed
    assert (False, "health: healthy → warning → healthy (Processing lag above threshold: 300ms)") in outcome.statements


def test_a_cut_must_be_seen() -> None:
    performed = Performed(ERROR_RECOVERY)
    performed.heard.health = [said()] * len(performed.heard.health)
    assert not performed.judged().passed
    performed = Performed(ERROR_RECOVERY)
    performed.heard.health[1] = said("warning", "reconnecting", "lost")
    assert (False, "health while the feed was away: warning") in performed.judged().statements


@pytest.mark.parametrize(
    ("field", "value", "statement"),
    [
        ("unreadable", ["tickstock:streaming:health: no"], "1 messages were not what their channels carry: tickstock:"),
        ("others", {"massive"}, "another service publishes on this Redis (massive)"),
        ("interruptions", 2, "the connection to Redis was lost 2 times"),
        ("overflowed", 7, "7 messages more than there could be"),
    ],
)
def test_what_spoils_the_hearing_is_told(field: str, value: object, statement: str) -> None:
    performed = Performed(SHORT)
    setattr(performed.heard, field, value)
    outcome = performed.judged()
    assert not outcome.passed
    assert any(not holds and said.startswith(statement) for holds, said in outcome.statements)
