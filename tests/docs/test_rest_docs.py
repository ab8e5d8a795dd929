"""The REST API's page: every route and parameter of the application, none that there is not, and examples that work."""

import asyncio
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.rows import insert_session
from tests.dashboard.running import dashboard, get

PAGE = (Path(__file__).parents[2] / "docs" / "rest.md").read_text("utf-8")
TOKEN = "tests-0123456789"


def sections() -> dict[tuple[str, str], str]:
    """By method and path, what the page says of a route."""
    parts = re.split(r"^### (GET|POST) (\S+)$", re.sub(r"^## .*$", "", PAGE, flags=re.MULTILINE), flags=re.MULTILINE)
    return {(parts[at], f"/api/streaming{parts[at + 1]}"): parts[at + 2] for at in range(1, len(parts), 3)}


def rows(section: str) -> dict[str, str]:
    return dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", section, flags=re.MULTILINE))


def plain(schema: dict[str, Any]) -> dict[str, Any]:
    """What a parameter is where it is given."""
    of = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return {**schema, **of[0]} if of else schema


async def test_every_route_and_parameter_is_on_the_page_with_its_limits(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url:
        document = (await get(url, "/api/openapi.json")).json()
    described = sections()
    operations = {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/api/streaming/")
    }
    assert described.keys() == operations.keys()
    for route, operation in operations.items():
        asked = {one["name"]: one for one in operation.get("parameters", ()) if one["in"] == "query"}
        said = rows(described[route])
        assert said.keys() == asked.keys(), route
        for name, parameter in asked.items():
            schema = plain(parameter["schema"])
            if name == "limit":
                assert f"{schema['minimum']} to {schema['maximum']}; {schema['default']} unless given" in said[name], (
                    route
                )
            for value in schema.get("enum", ()):
                assert f"`{value}`" in said[name], (route, name, value)


def examples() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


async def test_the_examples_work(redis_url: str, database_url: str, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("the page's examples are made with curl, which is not installed")
    insert_session(database_url)
    assert len(examples()) > 5
    async with dashboard(redis_url, database_url, admin_token=TOKEN, auth="on", data_dir=tmp_path) as link:
        url = link.partition("/?")[0]
        for example in examples():
            process = await asyncio.create_subprocess_exec(
                *("sh", "-euc", example.replace("curl ", "curl --fail-with-body --max-time 30 ")),
                env={**os.environ, "TICKSTOCK_URL": url, "TICKSTOCK_TOKEN": TOKEN, "NO_PROXY": "*"},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            out, _ = await process.communicate()
            assert process.returncode == 0, (example, out.decode())
            assert out.startswith(b"{"), example
