"""Which sessions there were, and what went wrong in them."""

from msgspec import Struct

from tests.conformance.recording import Recording
from tickstockpl.conformance.heard import Heard
from tickstockpl.conformance.report.sessions import SessionHeard, SessionsHeard
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Critical, CriticalAlert, encode


def sessions(messages: Recording) -> list[SessionHeard]:
    heard = SessionsHeard()
    for channel, payload in messages:
        heard.take(Heard.read(channel, 1, payload, 0))
    return heard.all


def alert(severity: str, recovery: str | None = None) -> tuple[str, bytes]:
    critical = Critical(severity, "it is so", "2025-10-06T13:33:00.000Z", "feed", None, recovery)  # type: ignore[arg-type]
    return Channel.CRITICAL_ALERTS.value, encode(CriticalAlert(critical))


def started(recording: Recording) -> int:
    return [channel for channel, _ in recording].index(Channel.SESSION_STARTED)


def test_a_whole_session(recording: Recording) -> None:
    (one,) = sessions(recording)
    assert isinstance(one, Struct)
    assert (one.heard_s, one.final_status, one.errors) == (20 * 60, "stopped", 0)


def test_one_whose_beginning_was_not_heard(recording: Recording) -> None:
    (one,) = sessions(recording[started(recording) + 1 :])
    assert (one.is_whole, one.heard_s, one.final_status) == (False, 0.0, "stopped")


def test_what_goes_wrong_counts_for_the_session_that_runs(recording: Recording) -> None:
    at = started(recording) + 1
    told = [alert("critical"), alert("error"), alert("warning"), alert("info", "it is back")]
    (one,) = sessions([alert("critical"), *recording[:at], *told, *recording[at:], alert("critical")])
    assert (one.errors, one.recoveries) == (2, 1)


def test_without_checkpoints_health_tells_how_far_it_is(recording: Recording) -> None:
    foreign = [message for message in recording if message[0] not in (Channel.CHECKPOINT, Channel.SESSION_STOPPED)]
    (one,) = sessions(foreign)
    assert one.heard_s == 20 * 60
    assert one.final_status == ""
