"""``docs/catalog.md`` is what the catalog says, and ``docs/rates.md`` has counted all of it."""

import re
from pathlib import Path

import pytest

from tickstockpl import catalog_page
from tickstockpl.analysis.patterns.calibration_table import shipped_calibration
from tickstockpl.analysis.patterns.catalog import DEFAULT_PATTERNS, PATTERNS
from tickstockpl.contract.catalog import Catalog, CatalogAlert, CatalogIndicator, CatalogParameter

DOCS = Path(__file__).parents[2] / "docs"
CATALOG_TEXT = (DOCS / "catalog.md").read_text("utf-8")
RATES_TEXT = (DOCS / "rates.md").read_text("utf-8")


def test_the_page_is_current() -> None:
    assert catalog_page.catalog_page(catalog_page.built_in_catalog()) == CATALOG_TEXT, (
        "write it anew with python -m tickstockpl.catalog_page"
    )


def test_it_can_be_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "catalog.md"
    catalog_page.main(page)
    assert page.read_text("utf-8") == CATALOG_TEXT


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_has_a_section_with_its_meaning_source_and_conditions(name: str) -> None:
    pattern = PATTERNS[name]
    (section,) = re.findall(rf"^#### `{name}`\n(.*?)(?=^###)", CATALOG_TEXT, re.DOTALL | re.MULTILINE)
    assert pattern.meaning in section
    assert str(pattern.source) in section
    assert ("not in the default set" in section) == (name not in DEFAULT_PATTERNS)
    assert re.findall(r"`([a-z_0-9]+)`", section) == list(pattern.margin_names)


def test_links_within_the_page_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.*)$", CATALOG_TEXT, re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]*)\)", CATALOG_TEXT)) <= anchors


def test_indicators_and_alerts_are_printed_too() -> None:
    parameter = CatalogParameter("period", 14, 2, 100_000)
    rsi = CatalogIndicator(
        "RSI", "Relative strength", "momentum", ["close"], [parameter], ["value"], 15, "Gains.", "TA-Lib RSI", True,
        ["RSI_14"],
    )  # fmt: skip
    sma = CatalogIndicator(
        "SMA", "Average", "overlap", ["close"], [], ["value", "more"], 20, "Average of closes.", "TA-Lib SMA", False, []
    )
    alert = CatalogAlert("RSI_OVERBOUGHT", "RSI", "above", "warning", "RSI rose.")
    page = catalog_page.catalog_page(Catalog([], [sma, rsi], [alert]))
    assert "## Patterns" not in page
    assert page.index("### Momentum") < page.index("### Overlap")
    assert (
        "| `RSI` | Relative strength. Gains. Default set: `RSI_14`. | close | `period` 14 (2 to 100000) | `value` | 15 "
        "| TA-Lib RSI |"
    ) in page
    assert "| `SMA` | Average of closes. | close |  | `value`, `more` | 20 | TA-Lib SMA |" in page
    assert "| `RSI_OVERBOUGHT` | `RSI` | warning | RSI rose. |" in page


def test_rates_are_of_all_patterns_graded_by_the_shipped_calibration() -> None:
    tables = RATES_TEXT.split("\n## ")[1:]
    assert len(tables) == 2
    for table in tables:
        named = re.findall(r"^\| [^|]+ \| `(\w+)` \|", table, re.MULTILINE)
        assert named == ["all", "default", *PATTERNS]
    assert shipped_calibration().described in RATES_TEXT


def test_the_default_settings_publish_as_many_patterns_as_they_should() -> None:
    default = re.findall(r"^\| \*\*set\*\* \| `default` \| (.*) \|$", RATES_TEXT, re.MULTILINE)
    assert len(default) == 2
    for cells in default:
        _, _, _, published, clear = cells.split(" | ")
        assert 0.3 <= float(published) <= 1.5
        assert 15 <= int(clear.removesuffix(" %")) <= 30
