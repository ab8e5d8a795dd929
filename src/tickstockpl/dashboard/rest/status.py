"""The running session over REST, or the last one, and how the stream is doing."""

from fastapi import APIRouter, Request, Response
from msgspec import Struct

from tickstockpl.contract.events import Health, Session, SessionSummary
from tickstockpl.dashboard.live.hub import Hub
from tickstockpl.dashboard.live.protocol import Status
from tickstockpl.dashboard.rest.responses import json_answer, responses
from tickstockpl.store.records import HealthRecord, RecordedResources

router = APIRouter()


class StatusAnswer(Struct, frozen=True):
    """The running session or the last one, and how the stream is doing."""

    session: Session | None
    summary: SessionSummary | None
    status: Status
    health: HealthRecord | None


@router.get(
    "/status",
    responses=responses(
        StatusAnswer, "The running session, or the last one", unavailable="The dashboard cannot answer now"
    ),
)
async def status(request: Request) -> Response:
    """The session that runs or ran last, how the stream is doing, and the newest health. Never asks the database."""
    hub: Hub = request.app.state.hub
    state = hub.state
    return json_answer(StatusAnswer(state.session, state.summary, hub.status(), as_record(state.health)))


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
