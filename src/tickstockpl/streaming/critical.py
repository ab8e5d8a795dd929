"""Critical alerts: what wants the operator's attention now."""

from tickstockpl.analysis.engine import SwitchedOff
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Critical, CriticalAlert, encode
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.settings import ENV_PREFIX
from tickstockpl.store.rows import CriticalAlertRow
from tickstockpl.store.writer import Writer
from tickstockpl.streaming.encoder import Message
from tickstockpl.streaming.publisher import Publisher
from tickstockpl.streaming.wording import duration, one_line

LONGEST_COMPONENT = 100
"""The table's ``component`` column holds no more characters."""

_SETTINGS = {"pattern": f"{ENV_PREFIX}PATTERNS", "indicator": f"{ENV_PREFIX}INDICATORS"}


def definition_switched_off(definition: SwitchedOff, market_ms: int) -> Critical:
    """The alert of a definition that raised."""
    name = one_line(definition.name)
    return Critical(
        severity="error",
        message=f"{definition.kind} {name} was switched off: {one_line(definition.reason)}",
        timestamp=to_iso(market_ms),
        component=f"definition:{name}"[:LONGEST_COMPONENT],
        action_required=f"correct the definition and restart, or leave {name} out of {_SETTINGS[definition.kind]}",
        recovery=None,
    )


def restored(message: str, component: str, now: str, outage_s: float) -> Critical:
    """The alert of something that is back.

    Args:
        message: what is back.
        component: as the alert of its loss named it.
        now: the market's time.
        outage_s: how long it was away, wall seconds.
    """
    return Critical(
        severity="info",
        message=message,
        timestamp=now,
        component=component,
        action_required=None,
        recovery=f"Connection re-established successfully after {duration(outage_s)}",
    )


def critical_sentence(alert: Critical) -> str:
    """An alert in one line, for the operator's screen."""
    rest = alert.recovery or alert.action_required
    return f"{alert.message}; {rest}" if rest else alert.message


async def raise_alert(publisher: Publisher, writer: Writer, session_id: str | None, alert: Critical) -> None:
    """Publish an alert, then store it.

    Args:
        publisher: to Redis.
        writer: to PostgreSQL.
        session_id: the session that runs; ``None`` where none does.
        alert: what is told.
    """
    await publisher.publish([critical_message(alert)])
    await writer.put(critical_row(session_id, alert))


def critical_message(alert: Critical) -> Message:
    """What goes out."""
    return Channel.CRITICAL_ALERTS, encode(CriticalAlert(alert))


def critical_row(session_id: str | None, alert: Critical) -> CriticalAlertRow:
    """The same as the table holds it."""
    return CriticalAlertRow(
        session_id=session_id,
        severity=alert.severity,
        message=alert.message,
        component=alert.component,
        action_required=alert.action_required,
        recovery=alert.recovery,
        raised_at=alert.timestamp,
    )


def session_failed(session_id: str, reason: str, market_ms: int) -> Critical:
    """The alert of a session that the service could not go on with."""
    return Critical(
        severity="critical",
        message=f"session {session_id} failed: {one_line(reason) or 'it was cancelled before it could be closed'}",
        timestamp=to_iso(market_ms),
        component="session",
        action_required="see to the reason; the service ends, and its next start resumes the session",
        recovery=None,
    )
