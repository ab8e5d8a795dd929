"""Acknowledging critical alerts over REST, and who has done so."""

from typing import Annotated

import msgspec
import structlog
from fastapi import APIRouter, HTTPException, Query, Request, Response
from msgspec import Struct

from tickstockpl.contract.fields import Timestamp
from tickstockpl.contract.timestamps import from_iso
from tickstockpl.dashboard.access.requests import Admin, address_of
from tickstockpl.dashboard.answers import (
    ErrorAnswer,
    answer,
    body,
)
from tickstockpl.dashboard.live.hub import Hub
from tickstockpl.dashboard.rest.control import read_order
from tickstockpl.dashboard.rest.document import ADMIN
from tickstockpl.dashboard.rest.parameters import Name
from tickstockpl.dashboard.rest.responses import json_answer, responses
from tickstockpl.store.audit import Actor, AuditLog

_log = structlog.get_logger(__name__)
_EXAMPLE = '{"component": "redis", "timestamp": "2026-01-30T15:04:00.000Z"}'

router = APIRouter(prefix="/critical", tags=["control"])


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


_orders = msgspec.json.Decoder(AcknowledgementOrder)


def _audit(request: Request) -> AuditLog:
    audit: AuditLog = request.app.state.audit
    return audit


@router.post(
    "/acknowledgements",
    responses={
        200: answer("On record", AcknowledgementAnswer),
        404: answer("No such critical alert is stored", ErrorAnswer),
        413: answer("The body is too long", ErrorAnswer),
        415: answer("The body is not declared as JSON", ErrorAnswer),
        422: answer("The request is not one", ErrorAnswer),
        503: answer("The database cannot be asked now", ErrorAnswer),
    },
    openapi_extra={"security": [{ADMIN: []}], "requestBody": body(AcknowledgementOrder)},
)
async def acknowledge(request: Request, admin: Admin) -> Response:
    """Say that a critical alert has been seen; that, by whom and when goes on record."""
    order = await read_order(request, _orders, _EXAMPLE)
    actor = Actor(admin.name, admin.role.value, address_of(request))
    found = None
    if _may_be_stored(order):
        found = await _audit(request).acknowledge(order.component, order.timestamp, actor)
    if found is None:
        raise HTTPException(404, f"no critical alert of {order.component!r} at {order.timestamp} is stored")
    hub: Hub = request.app.state.hub
    hub.acknowledged([found])
    _log.info("critical alert acknowledged", component=order.component, at=order.timestamp, by=admin.name)
    return json_answer(
        AcknowledgementAnswer(found.component, found.timestamp, found.acknowledged_by, found.acknowledged_at)
    )


def _may_be_stored(order: AcknowledgementOrder) -> bool:
    """Whether the database can be asked for it: it has no NUL in a text, and no day that there is not."""
    try:
        from_iso(order.timestamp)
    except ValueError:
        return False
    return "\x00" not in order.component


@router.get(
    "/acknowledgements",
    responses=responses(AcknowledgementsAnswer, "Newest first"),
)
async def acknowledgements(request: Request, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> Response:
    """Who has seen which critical alert."""
    found = await _audit(request).acknowledgements(limit)
    return json_answer(
        AcknowledgementsAnswer(
            [
                AcknowledgementAnswer(one.component, one.timestamp, one.acknowledged_by, one.acknowledged_at)
                for one in found
            ]
        )
    )
