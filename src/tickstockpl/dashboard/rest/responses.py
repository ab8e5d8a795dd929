"""How the REST API answers: JSON, never kept by a cache without asking, and described in OpenAPI."""

import hashlib
from typing import Annotated, Any

import msgspec
from fastapi import Request, Response
from msgspec import Meta, Struct

from tickstockpl.dashboard.answers import ErrorAnswer, answer
from tickstockpl.store.paging import Position

Earlier = Annotated[str | None, Meta(description="`before` of the page of what is earlier; null where nothing is left")]
"""Where the next page begins."""

_encoder = msgspec.json.Encoder()


def json_answer(content: Struct) -> Response:
    """An answer that is of now: no cache keeps it."""
    return Response(_encoder.encode(content), media_type="application/json", headers={"cache-control": "no-store"})


def unless_known(request: Request, content: Struct) -> Response:
    """An answer that changes seldom: who has it already, and says so (``If-None-Match``), gets 304 and no body."""
    body = _encoder.encode(content)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"cache-control": "private, no-cache", "etag": etag}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if etag in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def shown(position: Position | None) -> str | None:
    """A position as an answer's ``earlier``."""
    return None if position is None else str(position)


def responses(answer_type: type[Struct], description: str, **more: str) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's ``responses`` of a route that reads.

    Args:
        answer_type: what it answers.
        description: what is special about that.
        more: errors beside the usual ones: ``not_found``, ``unavailable``; the latter replaces the usual sentence.
    """
    found = {
        200: answer(description, answer_type),
        422: answer("A parameter is wrong", ErrorAnswer),
        503: answer(more.get("unavailable", "The database cannot be asked now"), ErrorAnswer),
    }
    if "not_found" in more:
        found[404] = answer(more["not_found"], ErrorAnswer)
    return {status: found[status] for status in sorted(found)}
