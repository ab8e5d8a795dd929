"""``docs/rest_answers.md`` is what the REST API says of itself, and what a running dashboard says."""

import re
from pathlib import Path

import pytest

from tests.dashboard.running import dashboard, get
from tests.docs.fenced import DOCS
from tickstockpl import rest_page

PAGE = (DOCS / "rest_answers.md").read_text("utf-8")
DOCUMENT = rest_page.rest_document()


def test_the_page_is_current() -> None:
    assert rest_page.rest_page(DOCUMENT) == PAGE, "write it anew with python -m tickstockpl.rest_page"


def test_it_can_be_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "rest_answers.md"
    rest_page.main(page)
    assert page.read_text("utf-8") == PAGE


async def test_a_dashboard_answers_the_same_document(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url:
        assert (await get(url, "/api/openapi.json")).json() == DOCUMENT


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_every_parameter_and_answer_is_there(path: str) -> None:
    for method, operation in DOCUMENT["paths"][path].items():
        _, _, section = PAGE.partition(f"\n## {method.upper()} {path}\n")
        section = section.partition("\n## ")[0]
        asked = {one["name"] for one in operation.get("parameters", ())}
        assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == asked
        assert "| 200 |" in section


def test_every_field_has_a_type_and_says_what_it_is() -> None:
    _, _, types = PAGE.partition("\n## Types\n")
    rows = [re.split(r" (?<!\\)\| ", row) for row in re.findall(r"^\| (`.*) \|$", types, re.MULTILINE)]
    fields = sum(len(schema["properties"]) for schema in DOCUMENT["components"]["schemas"].values())
    assert len(rows) == fields
    for field, what, kind, _, always in rows:
        assert kind, field
        assert what, field
        assert always in ("yes", "no"), field


def test_what_is_known_of_fields_is_of_fields_that_there_are() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    there = {f"{name}.{field}" for name, schema in schemas.items() for field in schema["properties"]}
    assert there >= rest_page._OWN.keys()
    assert {field.rpartition(".")[2] for field in there} >= rest_page._KNOWN.keys()
