"""Starting and stopping sessions over REST, for an administrator with a token."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

import msgspec
import structlog
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import SecretStr

from tickstockpl.dashboard.answers import (
    ErrorAnswer,
    ServicesAnswer,
    SessionOrder,
    SessionOrderAnswer,
    answer,
    body,
)
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

SECURITY_SCHEMES: Final = {"admin": {"type": "http", "scheme": "bearer", "description": "TICKSTOCK_ADMIN_TOKEN"}}

_OFF: Final = (
    "sessions cannot be controlled over REST: no token is set; put one of 16 characters or more into "
    "TICKSTOCK_ADMIN_TOKEN and start the dashboard again, or use tickstockpl session"
)
_STATUSES: Final[dict[type[TickStockError], int]] = {
    RefusedError: 409,
    SeveralServicesError: 409,
    FailedError: 502,
    NoServiceError: 503,
    RedisLinkError: 503,
    NoAnswerError: 504,
}

_log = structlog.get_logger(__name__)
_orders = msgspec.json.Decoder(SessionOrder)
_encoder = msgspec.json.Encoder()


class Administration:
    """What an administrator may ask of the services, and who is one.

    Args:
        redis_url: the Redis on which the services publish.
        token: what an administrator knows; ``None`` switches all of it off.
    """

    def __init__(self, redis_url: str, token: SecretStr | None) -> None:
        self._redis_url = redis_url
        self._token = None if token is None else token.get_secret_value().encode()
        self._busy = 0

    def admit(self, request: Request) -> Operator:
        """Who asks, if it is an administrator.

        Raises:
            HTTPException: 404 if there is no token, 401 if none was sent, 403 if it was a wrong one.
        """
        if self._token is None:
            raise HTTPException(404, _OFF)
        sent = request.headers.getlist("authorization")
        scheme, _, token = sent[0].partition(" ") if len(sent) == 1 else ("", "", "")
        if scheme.lower() != "bearer" or not token.strip():
            raise HTTPException(
                401,
                "this needs the administrator's token; send Authorization: Bearer …",
                {"www-authenticate": "Bearer"},
            )
        client = request.client.host if request.client is not None else "unknown"
        if not hmac.compare_digest(token.strip().encode("latin-1"), self._token):
            _log.warning("a wrong token was sent", client=client, path=request.url.path)
            raise HTTPException(403, "that is not the administrator's token")
        return Operator(self._redis_url, f"rest:admin@{client}")

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


def _admin(request: Request) -> Operator:
    return _administration(request).admit(request)


Admin = Annotated[Operator, Depends(_admin)]

_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    401: answer("No token was sent", ErrorAnswer),
    403: answer("The token is not the administrator's, or the request comes from a foreign page", ErrorAnswer),
    404: answer("No token is set, so nobody may", ErrorAnswer),
    409: answer("Refused by the service, with its reason; or it is not clear which service is meant", ErrorAnswer),
    422: answer("The request is not one", ErrorAnswer),
    502: answer("The service began and failed, with its reason", ErrorAnswer),
    503: answer("No service answers, or Redis cannot be reached", ErrorAnswer),
    504: answer("The service did not answer in time", ErrorAnswer),
}

router = APIRouter(prefix="/api/streaming", tags=["control"], default_response_class=Response)


@router.get(
    "/session",
    responses={200: answer("What each of them is at", ServicesAnswer), **_ERRORS},
    openapi_extra={"security": [{"admin": []}]},
)
async def session_status(
    request: Request,
    admin: Admin,
    source: Annotated[str | None, Query(max_length=200, description="only this source's, or this service id's")] = None,
) -> Response:
    """What the running services are at, asked of themselves; takes about two seconds."""
    with _administration(request).turn():
        states, failures = await admin.status(source)
        if failures and not states:
            raise failures[0]
    return _json(ServicesAnswer(states, [str(failure) for failure in failures]))


@router.post(
    "/session",
    responses={
        200: answer("Done", SessionOrderAnswer),
        **_ERRORS,
        413: answer("The body is too long", ErrorAnswer),
        415: answer("The body is not declared as JSON", ErrorAnswer),
    },
    openapi_extra={"security": [{"admin": []}], "requestBody": body(SessionOrder)},
)
async def order_session(request: Request, admin: Admin) -> Response:
    """Have a service start or stop its session; answers when that is done."""
    order = await _order(request)
    with _administration(request).turn():
        try:
            reply = await admin.order(order.action, source=order.source, universe=order.universe)
        except TickStockError as error:
            _log.info(
                "session order", action=order.action, source=order.source, by=admin.requested_by, refused=str(error)
            )
            raise
    _log.info("session order", action=order.action, source=order.source, by=admin.requested_by)
    return _json(SessionOrderAnswer(reply.request_id, reply.service))


async def _order(request: Request) -> SessionOrder:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, f"the body was declared as {kind or 'nothing'!r}; send application/json")
    text = bytearray()
    async for chunk in request.stream():
        text += chunk
        if len(text) > LONGEST_BODY_BYTES:
            raise HTTPException(413, f"the body is longer than {LONGEST_BODY_BYTES:,} bytes; an order is a few dozen")
    try:
        return _orders.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise HTTPException(422, f'the body is no order ({error}); send {{"action": "start"}} or "stop"') from None


def _json(content: msgspec.Struct) -> Response:
    return Response(_encoder.encode(content), media_type="application/json", headers={"cache-control": "no-store"})
