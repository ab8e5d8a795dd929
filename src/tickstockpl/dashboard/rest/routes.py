"""Every route of the REST API."""

from fastapi import APIRouter, Depends, Response

from tickstockpl.dashboard.rest import (
    acknowledging,
    alerts,
    bars,
    calendar,
    catalog,
    control,
    health,
    indicators,
    patterns,
    sessions,
    status,
    summary,
    universe,
)
from tickstockpl.dashboard.rest.parameters import check_parameters

router = APIRouter(prefix="/api/streaming", default_response_class=Response, dependencies=[Depends(check_parameters)])

for _resource in (status, catalog, universe, calendar, sessions, summary, patterns, indicators, bars, alerts, health):
    router.include_router(_resource.router, tags=["streaming"])
for _resource in (control, acknowledging):
    router.include_router(_resource.router)
