"""What the REST API answers, and how that is said in OpenAPI. Items are the contract's own objects."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from tickstockpl.contract.catalog import CatalogAlert, CatalogIndicator, CatalogPattern
from tickstockpl.contract.commands import ServiceState
from tickstockpl.contract.events import Alert, Calculation, Detection, Health, Session, SessionSummary
from tickstockpl.contract.fields import Timestamp
from tickstockpl.dashboard.live.protocol import Status
from tickstockpl.store.records import HealthRecord, RecordedResources, SessionRecord


class StatusAnswer(Struct, frozen=True):
    """The running session or the last one, and how the stream is doing."""

    session: Session | None
    summary: SessionSummary | None
    status: Status
    health: HealthRecord | None


class CatalogAnswer(Struct, frozen=True):
    """What the source's producer looks for and computes; empty where it has not said."""

    source: str | None
    patterns: list[CatalogPattern]
    indicators: list[CatalogIndicator]
    alerts: list[CatalogAlert]


class PatternsAnswer(Struct, frozen=True):
    """A symbol's patterns, newest first."""

    symbol: str
    source: str | None
    patterns: list[Detection]


class IndicatorsAnswer(Struct, frozen=True):
    """A symbol's indicator values by instance (``SMA_20``), newest first."""

    symbol: str
    source: str | None
    indicators: dict[str, list[Calculation]]


class BarWithValues(Struct, frozen=True):
    """A sealed 1-minute bar, and what the asked-for indicators came to on it.

    ``indicators`` is as on the live stream: outputs by instance. Where an indicator was not warm yet, there is nothing.
    """

    minute: Annotated[str, Meta(description="The bar's start, UTC; it closes a minute later")]
    open: float
    high: float
    low: float
    close: float
    volume: int
    indicators: dict[str, dict[str, float | None]]


class BarsAnswer(Struct, frozen=True):
    """A symbol's 1-minute bars, oldest first; a minute without a trade has none."""

    symbol: str
    source: str | None
    bars: list[BarWithValues]
    earlier: Annotated[str | None, Meta(description="`before` of the page of earlier bars; null where there are none")]


class AlertsAnswer(Struct, frozen=True):
    """Indicator alerts, newest first."""

    source: str | None
    alerts: list[Alert]


class HealthAnswer(Struct, frozen=True):
    """Health measurements, newest first; what the tables do not keep is null."""

    source: str | None
    health: list[HealthRecord]


class SessionsAnswer(Struct, frozen=True):
    """Sessions, the one that was begun last first."""

    sessions: list[SessionRecord]


Name = Annotated[str, Meta(max_length=200)]


class SessionOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """What an administrator asks of a running service."""

    action: Literal["start", "stop"]
    universe: Annotated[Name | None, Meta(description="Of a start: GROUP:NAME; without it, the service's own")] = None
    source: Annotated[Name | None, Meta(description="Which service, where several run: its source or its id")] = None


class SessionOrderAnswer(Struct, frozen=True):
    """What has been done."""

    request_id: str
    service: ServiceState


class ServicesAnswer(Struct, frozen=True):
    """What each running service is at, and why others did not say."""

    services: list[ServiceState]
    errors: list[str]


class AcknowledgementOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Which critical alert an administrator has seen: what it says of itself."""

    component: Name
    timestamp: Timestamp


class AcknowledgementAnswer(Struct, frozen=True):
    """A critical alert that was seen, by whom and when."""

    component: str
    timestamp: str
    acknowledged_by: str
    acknowledged_at: str


class AcknowledgementsAnswer(Struct, frozen=True):
    """Critical alerts that were seen, the newest first."""

    acknowledgements: list[AcknowledgementAnswer]


class AccessAnswer(Struct, frozen=True):
    """Who asks, and what they may do."""

    name: str
    role: Literal["viewer", "admin"]
    can_sign_out: Annotated[bool, Meta(description="Whether it is a browser that was signed in")]


class ErrorAnswer(Struct, frozen=True):
    """What went wrong, in a sentence."""

    error: str


def as_record(health: Health | HealthRecord | None) -> HealthRecord | None:
    """A live measurement in the form in which stored ones are given."""
    if not isinstance(health, Health):
        return health
    usage = health.resource_usage
    return HealthRecord(
        status=health.status,
        timestamp=health.timestamp,
        active_symbols=health.active_symbols,
        connection_status=health.connection_status,
        data_flow=health.data_flow,
        resource_usage=RecordedResources(usage.cpu_percent, usage.memory_mb, usage.threads_active),
        issues=health.issues,
    )


_TYPES = (
    StatusAnswer,
    CatalogAnswer,
    PatternsAnswer,
    IndicatorsAnswer,
    BarsAnswer,
    AlertsAnswer,
    HealthAnswer,
    SessionsAnswer,
    SessionOrder,
    SessionOrderAnswer,
    ServicesAnswer,
    AcknowledgementOrder,
    AcknowledgementAnswer,
    AcknowledgementsAnswer,
    AccessAnswer,
    ErrorAnswer,
)


def schemas() -> dict[str, Any]:
    """JSON Schemas of all answers and what they hold, for OpenAPI's ``components/schemas``."""
    return msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")[1]


def answer(description: str, answer_type: type[Struct]) -> dict[str, Any]:
    """An entry of OpenAPI's ``responses``."""
    return {"description": description, **_content(answer_type)}


def body(body_type: type[Struct]) -> dict[str, Any]:
    """OpenAPI's ``requestBody``."""
    return {"required": True, **_content(body_type)}


def _content(content_type: type[Struct]) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{content_type.__name__}"}
    return {"content": {"application/json": {"schema": reference}}}
