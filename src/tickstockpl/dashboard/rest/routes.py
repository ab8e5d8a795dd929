"""Every route of the REST API."""

from fastapi import APIRouter, Depends, Response

from tickstockpl.dashboard.rest import (
    acknowledging,
    alerts,
    bars,
    calendar,
    catalog,
    control,
    critical,
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

for _resource in (status, catalog, universe, calendar, sessions, summary):
    router.include_router(_resource.router, tags=["state"])
for _resource in (patterns, indicators, bars, alerts, critical, health):
    router.include_router(_resource.router, tags=["history"])
for _resource in (control, acknowledging):
    router.include_router(_resource.router)
