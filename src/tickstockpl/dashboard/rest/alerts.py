"""Indicator alerts over REST."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct

from tickstockpl.contract.events import Alert, AlertType
from tickstockpl.dashboard.rest.parameters import Before, ChosenSource, OneSession, OneSymbol, Since, queries_of
from tickstockpl.dashboard.rest.responses import Earlier, json_answer, responses, shown
from tickstockpl.store.pages import AlertFilter

MOST_ALERTS: Final = 500

router = APIRouter()


class AlertsAnswer(Struct, frozen=True):
    """Indicator alerts, newest first."""

    source: str | None
    alerts: list[Alert]
    earlier: Earlier


@router.get("/alerts", responses=responses(AlertsAnswer, "Newest first"))
async def alerts(
    request: Request,
    source: ChosenSource,
    before: Before,
    since: Since,
    symbol: OneSymbol,
    session: OneSession = None,
    alert_type: Annotated[AlertType | None, Query(description="only of this type")] = None,
    severity: Annotated[Literal["info", "warning", "critical"] | None, Query(description="only as severe")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ALERTS)] = 100,
) -> Response:
    """The last indicator alerts, of all symbols unless one is named."""
    which = AlertFilter(symbol, alert_type, severity, since)
    session_id = None if session is None else str(session)
    page = await queries_of(request).pages.alerts(source, limit, which, before=before, session_id=session_id)
    return json_answer(AlertsAnswer(source, page.items, shown(page.earlier)))
