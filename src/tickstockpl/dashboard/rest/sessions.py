"""Sessions with their totals over REST."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, Request, Response
from msgspec import Struct

from tickstockpl.dashboard.rest.parameters import AnySource, Before, queries_of
from tickstockpl.dashboard.rest.responses import Earlier, json_answer, responses, shown
from tickstockpl.store.records import SessionRecord

MOST_SESSIONS: Final = 200

router = APIRouter()


class SessionsAnswer(Struct, frozen=True):
    """Sessions, the one that was begun last first."""

    sessions: list[SessionRecord]
    earlier: Earlier


class SessionAnswer(Struct, frozen=True):
    """One session."""

    session: SessionRecord


@router.get("/sessions", responses=responses(SessionsAnswer, "The one that was begun last first"))
async def sessions(
    request: Request,
    before: Before,
    source: AnySource = None,
    limit: Annotated[int, Query(ge=1, le=MOST_SESSIONS)] = 50,
) -> Response:
    """Sessions with their totals; of all sources, or of one."""
    page = await queries_of(request).pages.sessions(source, limit, before=before)
    return json_answer(SessionsAnswer(page.items, shown(page.earlier)))


@router.get(
    "/sessions/{session}",
    responses=responses(SessionAnswer, "Running or over", not_found="There is no such session"),
)
async def session(request: Request, session: UUID) -> Response:
    """One session with its totals."""
    found = await queries_of(request).session(str(session))
    if found is None:
        raise HTTPException(404, f"there is no session {session}; /api/streaming/sessions lists them")
    return json_answer(SessionAnswer(found))
