"""Every route, asked what its OpenAPI description allows and what it does not: no failure, no surprise."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract.catalogs import CATALOG
from tests.dashboard.rows import insert_catalog, insert_session
from tests.dashboard.running import dashboard, get
from tests.dashboard.samples import session_id
from tickstockpl import session_commands

TOKEN = "tests-0123456789"
EXAMPLES = 40
CONFORMANCE = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

SERVICES = "/api/streaming/session"
"""Whose services are not there: the one route that may answer 503."""

Operation = APIOperation[Any, Any, Any, Any]
Asked = Case[Any]


async def each_operation(url: str, document: dict[str, Any], ask: Callable[[Operation], None]) -> int:
    """Have every operation of the API asked, in a thread; how many there are."""
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=url)
    found = list(schema.get_all_operations())
    for one in found:
        assert isinstance(one, Ok), one
        await asyncio.to_thread(ask, one.ok())
    return len(found)


async def description(url: str, **headers: str) -> dict[str, Any]:
    document: dict[str, Any] = (await get(url, "/api/openapi.json", **headers)).json()
    return document


def asked(operation: Operation, mode: GenerationMode, check: Callable[[Asked], None], examples: int = EXAMPLES) -> None:
    """Ask an operation for whatever there is of a kind."""

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Asked) -> None:
        check(case)

    one()


@pytest.fixture
def filled_url(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with something of everything; nobody is listened for."""
    monkeypatch.setattr(session_commands, "LISTEN_S", 0.01)
    insert_session(database_url, 1, "massive", minutes=30)
    insert_session(database_url, 2, "simulator:1", minutes=5)
    insert_catalog(database_url, CATALOG)
    return database_url


async def test_what_is_allowed_is_answered_as_described(redis_url: str, filled_url: str) -> None:
    headers = {"authorization": f"Bearer {TOKEN}"}

    def allowed(case: Asked) -> None:
        answer = case.call(headers=headers)
        assert answer.status_code < 500 or case.path == SERVICES, (case.as_curl_command(), answer.text)
        case.validate_response(answer, checks=CONFORMANCE)

    async with dashboard(redis_url, filled_url, admin_token=TOKEN) as url:
        document = await description(url)
        number = await each_operation(url, document, lambda one: asked(one, GenerationMode.POSITIVE, allowed))
        assert number > 15
        for path in (f"sessions/{session_id(1)}", "patterns?source=massive"):
            assert (await get(url, f"/api/streaming/{path}", **headers)).status_code == 200


async def test_what_is_not_allowed_is_refused_with_a_sentence(redis_url: str, filled_url: str) -> None:
    headers = {"authorization": f"Bearer {TOKEN}"}
    refused = 0

    def wrong(case: Asked) -> None:
        nonlocal refused
        answer = case.call(headers=headers)
        assert answer.status_code < 500 or case.path == SERVICES, (case.as_curl_command(), answer.text)
        if answer.status_code >= 400:
            refused += 1
            assert list(answer.json()) == ["error"], case.as_curl_command()

    def ask(operation: Operation) -> None:
        if operation.definition.raw.get("parameters") or operation.method == "post":  # else there is nothing wrong
            asked(operation, GenerationMode.NEGATIVE, wrong)

    async with dashboard(redis_url, filled_url, admin_token=TOKEN) as url:
        await each_operation(url, await description(url), ask)
    assert refused > 100


async def test_without_a_token_nothing_is_answered(redis_url: str, filled_url: str, tmp_path: Path) -> None:
    def nobody(case: Asked) -> None:
        answer = case.call()
        assert answer.status_code in (401, 429), case.as_curl_command()  # wrong tokens are sent too, and so many
        case.validate_response(answer, checks=CONFORMANCE)

    async with dashboard(redis_url, filled_url) as url:
        document = await description(url)
    async with dashboard(redis_url, filled_url, auth="on", data_dir=tmp_path) as link:
        url = link.partition("/?")[0]
        await each_operation(url, document, lambda one: asked(one, GenerationMode.POSITIVE, nobody, 3))
