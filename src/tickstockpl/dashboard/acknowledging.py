"""Acknowledging critical alerts over REST, and who has done so."""

from typing import Annotated

import msgspec
import structlog
from fastapi import APIRouter, HTTPException, Query, Request, Response

from tickstockpl.dashboard.access.requests import Admin, address_of
from tickstockpl.dashboard.answers import (
    AcknowledgementAnswer,
    AcknowledgementOrder,
    AcknowledgementsAnswer,
    ErrorAnswer,
    answer,
    body,
)
from tickstockpl.dashboard.control import read_order
from tickstockpl.dashboard.live.hub import Hub
from tickstockpl.store.audit import Actor, AuditLog

_log = structlog.get_logger(__name__)
_orders = msgspec.json.Decoder(AcknowledgementOrder)
_encoder = msgspec.json.Encoder()
_EXAMPLE = '{"component": "redis", "timestamp": "2026-01-30T15:04:00.000Z"}'

router = APIRouter(prefix="/api/streaming/critical", tags=["control"], default_response_class=Response)


def _audit(request: Request) -> AuditLog:
    audit: AuditLog = request.app.state.audit
    return audit


@router.post(
    "/acknowledgements",
    responses={
        200: answer("On record", AcknowledgementAnswer),
        401: answer("Nobody's token was sent, or none", ErrorAnswer),
        403: answer("A viewer asks, or a foreign page", ErrorAnswer),
        404: answer("No such critical alert is stored", ErrorAnswer),
        413: answer("The body is too long", ErrorAnswer),
        415: answer("The body is not declared as JSON", ErrorAnswer),
        422: answer("The request is not one", ErrorAnswer),
        503: answer("The database cannot be asked now", ErrorAnswer),
    },
    openapi_extra={"security": [{"admin": []}], "requestBody": body(AcknowledgementOrder)},
)
async def acknowledge(request: Request, admin: Admin) -> Response:
    """Say that a critical alert has been seen; that, by whom and when goes on record."""
    order = await read_order(request, _orders, _EXAMPLE)
    actor = Actor(admin.name, admin.role.value, address_of(request))
    found = await _audit(request).acknowledge(order.component, order.timestamp, actor)
    if found is None:
        raise HTTPException(404, f"no critical alert of {order.component!r} at {order.timestamp} is stored")
    hub: Hub = request.app.state.hub
    hub.acknowledged([found])
    _log.info("critical alert acknowledged", component=order.component, at=order.timestamp, by=admin.name)
    return _json(AcknowledgementAnswer(found.component, found.timestamp, found.acknowledged_by, found.acknowledged_at))


@router.get(
    "/acknowledgements",
    responses={
        200: answer("Newest first", AcknowledgementsAnswer),
        422: answer("A parameter is wrong", ErrorAnswer),
        503: answer("The database cannot be asked now", ErrorAnswer),
    },
)
async def acknowledgements(request: Request, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> Response:
    """Who has seen which critical alert."""
    found = await _audit(request).acknowledgements(limit)
    return _json(
        AcknowledgementsAnswer(
            [
                AcknowledgementAnswer(one.component, one.timestamp, one.acknowledged_by, one.acknowledged_at)
                for one in found
            ]
        )
    )


def _json(content: msgspec.Struct) -> Response:
    return Response(_encoder.encode(content), media_type="application/json", headers={"cache-control": "no-store"})
