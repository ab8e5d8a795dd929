"""The plot of rates."""

from xml.etree import ElementTree as ET

import pytest

from tickstockpl.analysis.patterns.rates import PatternCounts
from tickstockpl.calibration.rates_page import MarketRates
from tickstockpl.calibration.rates_plot import PANEL, rates_plot

SVG = "{http://www.w3.org/2000/svg}"
COUNTS = {
    "Doji": PatternCounts(found=1000, in_context=10),
    "Hammer": PatternCounts(found=10, in_context=0),
    "MatHold": PatternCounts(),
}


def plot(*names: str) -> ET.Element:
    return ET.fromstring(rates_plot([MarketRates(name, "facts", 10_000, COUNTS) for name in names]))


def bars(svg: ET.Element) -> dict[str, float]:
    """Each bar's length, by what it says when pointed at."""
    return {bar[0].text or "": float(bar.attrib["width"]) for bar in svg.iter(f"{SVG}rect") if len(bar)}


def texts(svg: ET.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


def test_equal_ratios_are_equal_lengths() -> None:
    lengths = bars(plot("market"))
    assert lengths == {
        "Doji: found 10": pytest.approx(PANEL, abs=0.1),
        "Doji: context 0.1": pytest.approx(PANEL / 3, abs=0.1),
        "Hammer: found 0.1": pytest.approx(PANEL / 3, abs=0.1),
    }


def test_every_pattern_has_its_name_and_what_was_not_found_says_so() -> None:
    said = texts(plot("market"))
    assert {"Doji", "Hammer", "MatHold"} <= set(said)
    assert said.count("none") == 1


def test_a_market_has_a_panel_with_its_name_and_the_scale() -> None:
    said = texts(plot("one & only", "another"))
    assert {"one & only", "another"} <= set(said)
    for mark in ("0.01", "0.1", "1", "10"):
        assert said.count(mark) == 4, "above and below each panel"
    assert said.count("MatHold") == 1


def test_a_market_without_patterns_can_be_plotted() -> None:
    svg = ET.fromstring(rates_plot([MarketRates("still", "facts", 10, {"Doji": PatternCounts()})]))
    assert bars(svg) == {}
