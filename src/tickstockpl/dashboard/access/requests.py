"""What the rest of the dashboard asks of a request: who makes it, from where, and whether they may."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, HTTPException
from starlette.requests import HTTPConnection, Request

from tickstockpl.dashboard.access.callers import Caller

CALLER = "tickstockpl.caller"
"""Where the gate puts the :class:`~tickstockpl.dashboard.access.callers.Caller` in a request's scope."""

CHALLENGE = {"www-authenticate": "Bearer"}


def caller_of(connection: HTTPConnection) -> Caller | None:
    """Who makes a request; ``None`` where nobody was let in, which only the sign-in sees."""
    caller: Caller | None = connection.scope.get(CALLER)
    return caller


def address_of(connection: HTTPConnection) -> str:
    """Where a request comes from, as far as proxies that are trusted say."""
    return connection.client.host if connection.client is not None else "unknown"


def why_not_admin(caller: Caller | None) -> tuple[HTTPStatus, str] | None:
    """Why somebody may change nothing; ``None`` if they may."""
    if caller is None or caller.by == "nothing":
        return HTTPStatus.UNAUTHORIZED, "this needs an administrator's token; send Authorization: Bearer …"
    if not caller.is_admin:
        return HTTPStatus.FORBIDDEN, f"{caller.name} is a viewer, and only an administrator may do this"
    return None


def _admin(request: Request) -> Caller:
    caller = caller_of(request)
    if (refusal := why_not_admin(caller)) is not None or caller is None:
        status, sentence = refusal or (HTTPStatus.UNAUTHORIZED, "")
        raise HTTPException(status, sentence, CHALLENGE if status == HTTPStatus.UNAUTHORIZED else None)
    return caller


Admin = Annotated[Caller, Depends(_admin)]
"""A parameter of a route that only administrators may use."""
