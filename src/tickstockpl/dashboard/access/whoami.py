"""The REST API's word on who asks."""

import msgspec
from fastapi import APIRouter, Request, Response

from tickstockpl.dashboard.access.callers import LOCAL
from tickstockpl.dashboard.access.requests import caller_of
from tickstockpl.dashboard.answers import AccessAnswer, ErrorAnswer, answer

_encoder = msgspec.json.Encoder()

router = APIRouter(prefix="/api", tags=["access"], default_response_class=Response)


@router.get(
    "/access", responses={200: answer("Who asks", AccessAnswer), 401: answer("Nobody is signed in", ErrorAnswer)}
)
async def access(request: Request) -> Response:
    """Who asks, and what they may do: the page shows what belongs to that."""
    caller = caller_of(request) or LOCAL
    content = AccessAnswer(caller.name, caller.role.value, caller.by == "cookie")
    return Response(_encoder.encode(content), media_type="application/json", headers={"cache-control": "no-store"})
