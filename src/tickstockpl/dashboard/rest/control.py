"""Starting and stopping sessions over REST, for administrators."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
import structlog
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from msgspec import Meta, Struct

from tickstockpl.contract.commands import ServiceState
from tickstockpl.dashboard.access.requests import Admin, address_of
from tickstockpl.dashboard.answers import ErrorAnswer, answer, body
from tickstockpl.dashboard.rest.document import ADMIN
from tickstockpl.dashboard.rest.parameters import Name, OneSource
from tickstockpl.dashboard.rest.responses import json_answer
from tickstockpl.errors import TickStockError
from tickstockpl.redis_link import RedisLinkError
from tickstockpl.session_commands import (
    FailedError,
    NoAnswerError,
    NoServiceError,
    Operator,
    RefusedError,
    SeveralServicesError,
)

MOST_AT_ONCE: Final = 8
"""Requests that may wait for services at the same time; more are told to try again."""

LONGEST_BODY_BYTES: Final = 4096

_STATUSES: Final[dict[type[TickStockError], int]] = {
    RefusedError: 409,
    SeveralServicesError: 409,
    FailedError: 502,
    NoServiceError: 503,
    RedisLinkError: 503,
    NoAnswerError: 504,
}

Order = TypeVar("Order")

_log = structlog.get_logger(__name__)


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


_orders = msgspec.json.Decoder(SessionOrder)


class Administration:
    """What an administrator may ask of the services.

    Args:
        redis_url: the Redis on which the services publish.
    """

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._busy = 0

    def operator(self, requested_by: str) -> Operator:
        """Somebody who asks the services.

        Args:
            requested_by: who, for the record.
        """
        return Operator(self._redis_url, requested_by)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """For as long as services are asked; what they say against it becomes an answer.

        Raises:
            HTTPException: if too many ask at once, or a service cannot be asked, refuses or fails.
        """
        if self._busy >= MOST_AT_ONCE:
            raise HTTPException(
                503, f"{MOST_AT_ONCE} other requests wait for services; try again", {"retry-after": "5"}
            )
        self._busy += 1
        try:
            yield
        except TickStockError as error:
            status = next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), 500)
            raise HTTPException(status, str(error)) from None
        finally:
            self._busy -= 1


def _administration(request: Request) -> Administration:
    administration: Administration = request.app.state.administration
    return administration


def _operator(request: Request, admin: Admin) -> Operator:
    return _administration(request).operator(f"rest:{admin.name}@{address_of(request)}")


AdminOperator = Annotated[Operator, Depends(_operator)]

_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    409: answer("Refused by the service, with its reason; or it is not clear which service is meant", ErrorAnswer),
    422: answer("The request is not one", ErrorAnswer),
    502: answer("The service began and failed, with its reason", ErrorAnswer),
    503: answer("No service answers, or Redis cannot be reached", ErrorAnswer),
    504: answer("The service did not answer in time", ErrorAnswer),
}

router = APIRouter(tags=["control"])


@router.get(
    "/session",
    responses={200: answer("What each of them is at", ServicesAnswer), **_ERRORS},
    openapi_extra={"security": [{ADMIN: []}]},
)
async def session_status(
    request: Request,
    operator: AdminOperator,
    source: OneSource = None,
) -> Response:
    """What the running services are at, asked of themselves; takes about two seconds."""
    with _administration(request).turn():
        states, failures = await operator.status(source)
        if failures and not states:
            raise failures[0]
    return json_answer(ServicesAnswer(states, [str(failure) for failure in failures]))


@router.post(
    "/session",
    responses={
        200: answer("Done", SessionOrderAnswer),
        **_ERRORS,
        413: answer("The body is too long", ErrorAnswer),
        415: answer("The body is not declared as JSON", ErrorAnswer),
    },
    openapi_extra={"security": [{ADMIN: []}], "requestBody": body(SessionOrder)},
)
async def order_session(request: Request, operator: AdminOperator) -> Response:
    """Have a service start or stop its session; answers when that is done."""
    order = await read_order(request, _orders, '{"action": "stop"}')
    with _administration(request).turn():
        try:
            reply = await operator.order(order.action, source=order.source, universe=order.universe)
        except TickStockError as error:
            _log.info(
                "session order", action=order.action, source=order.source, by=operator.requested_by, refused=str(error)
            )
            raise
    _log.info("session order", action=order.action, source=order.source, by=operator.requested_by)
    return json_answer(SessionOrderAnswer(reply.request_id, reply.service))


async def read_order(request: Request, decoder: msgspec.json.Decoder[Order], example: str) -> Order:
    """What a request's body asks for.

    Args:
        request: whose body has not been read.
        decoder: of what the body has to be.
        example: a body that would be one, for the refusal.

    Raises:
        HTTPException: 413, 415 or 422 if it is none.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, f"the body was declared as {kind or 'nothing'!r}; send application/json")
    text = bytearray()
    async for chunk in request.stream():
        text += chunk
        if len(text) > LONGEST_BODY_BYTES:
            raise HTTPException(413, f"the body is longer than {LONGEST_BODY_BYTES:,} bytes; an order is a few dozen")
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise HTTPException(422, f"the body is no order ({error}); send such as {example}") from None
