"""``rates.svg``: the rates of all patterns as bars on a logarithmic scale, a panel a market."""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape

from tickstockpl.calibration.rates_page import PER, MarketRates

ROW: Final = 17
"""Height of a pattern's row, pixels, as all sizes here."""

FAMILY_ROW: Final = 30
LABELS: Final = 240
PANEL: Final = 320
GAP: Final = 56
MARGIN: Final = 24
HEAD: Final = 112
FOOT: Final = 44

FOUND_BAR: Final = 11
CONTEXT_BAR: Final = 5

_STYLE: Final = """
svg { --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --line: #d8dee4; --found: #6f93c4; --context: #05306b }
@media (prefers-color-scheme: dark) {
  svg { --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --line: #2b323b; --found: #45648f; --context: #a9d0ff }
}
text { font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: var(--ink) }
.paper { fill: var(--paper) } .title { font-size: 18px; font-weight: 600 } .bold { font-weight: 600 }
.faint { fill: var(--faint) } .line { stroke: var(--line) }
.found { fill: var(--found) } .context { fill: var(--context) }
"""


def rates_plot(markets: Sequence[MarketRates]) -> str:
    """The plot, as SVG; follows the reader's light or dark scheme.

    Args:
        markets: at least one, all of the same patterns.
    """
    scale = _Scale.of(markets)
    rows = _Rows.of(markets[0])
    width = MARGIN + LABELS + len(markets) * (PANEL + GAP) - GAP + MARGIN
    height = HEAD + rows.height + FOOT
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title">',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{height}"/>',
        *_heading(),
        *rows.labels(markets[0]),
    ]
    for number, market in enumerate(markets):
        left = MARGIN + LABELS + number * (PANEL + GAP)
        parts += _panel(market, left, rows, scale)
    return "\n".join([*parts, "</svg>", ""])


class _Scale:
    """A logarithmic axis from a power of ten to another."""

    def __init__(self, lowest: int, highest: int) -> None:
        self._lowest = lowest
        self._highest = highest

    @classmethod
    def of(cls, markets: Sequence[MarketRates]) -> "_Scale":
        rates = [
            market.per_bars(count)
            for market in markets
            for counts in market.counts.values()
            for count in (counts.found, counts.in_context)
            if count
        ]
        lowest = math.floor(math.log10(min(rates, default=1.0)))
        # A bar as short as the axis is low could not be seen.
        if 10.0**lowest == min(rates, default=1.0):
            lowest -= 1
        return cls(lowest, max(lowest + 1, math.ceil(math.log10(max(rates, default=1.0)))))

    def length(self, rate: float) -> float:
        """How long a bar is; a rate of 0 has none."""
        if rate <= 0:
            return 0.0
        return PANEL * (math.log10(rate) - self._lowest) / (self._highest - self._lowest)

    def marks(self) -> list[tuple[float, str]]:
        """Where the powers of ten are, and how they are written."""
        return [
            (self.length(10.0**power), f"{10**power:,}" if power >= 0 else f"{10.0**power:.{-power}f}")
            for power in range(self._lowest, self._highest + 1)
        ]


class _Rows:
    """Where each pattern's row is, families apart."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.families: dict[str, int] = {}
        self.height = 0

    @classmethod
    def of(cls, market: MarketRates) -> "_Rows":
        rows = cls()
        for family, names in groupby(market.counts, key=market.family):
            rows.families[family] = rows.height
            rows.height += FAMILY_ROW
            for name in names:
                rows.places[name] = rows.height
                rows.height += ROW
        return rows

    def labels(self, market: MarketRates) -> Iterator[str]:
        """The names at the left, those of the default set in bold."""
        for family, top in self.families.items():
            yield _text(MARGIN, HEAD + top + FAMILY_ROW - 8, family[0].upper() + family[1:], "bold")
        for name, top in self.places.items():
            yield _text(
                MARGIN + LABELS - 10, HEAD + top + 13, name, "bold" if market.in_default(name) else "", anchor="end"
            )


def _heading() -> Iterator[str]:
    yield f'<text class="title" id="title" x="{MARGIN}" y="38">How often patterns occur, per {PER} bars</text>'
    yield f'<rect class="found" x="{MARGIN}" y="54" width="28" height="{FOUND_BAR}"/>'
    yield _text(MARGIN + 36, 64, "found", "")
    yield f'<rect class="context" x="{MARGIN + 92}" y="57" width="28" height="{CONTEXT_BAR}"/>'
    yield _text(MARGIN + 128, 64, "of these, in context", "")
    yield _text(MARGIN + 276, 64, "names in bold: the default set", "")


def _panel(market: MarketRates, left: int, rows: _Rows, scale: _Scale) -> Iterator[str]:
    bottom = HEAD + rows.height + 6
    yield _text(left, HEAD - 24, market.name, "bold")
    for x, written in scale.marks():
        yield f'<line class="line" x1="{left + x:.1f}" x2="{left + x:.1f}" y1="{HEAD}" y2="{bottom}"/>'
        for y in (HEAD - 6, bottom + 16):
            yield _text(left + x, y, written, "faint", anchor="middle")
    yield _text(left + PANEL / 2, bottom + 32, f"per {PER} bars, logarithmic", "faint", anchor="middle")
    for name, top in rows.places.items():
        counts = market.counts[name]
        middle = HEAD + top + ROW / 2
        if not counts.found:
            yield _text(left + 4, middle + 4, "none", "faint")
        for kind, count, height in (("found", counts.found, FOUND_BAR), ("context", counts.in_context, CONTEXT_BAR)):
            if count:
                length = scale.length(market.per_bars(count))
                yield (
                    f'<rect class="{kind}" x="{left}" y="{middle - height / 2:.1f}" width="{length:.1f}" '
                    f'height="{height}"><title>{name}: {kind} {market.per_bars(count):.4g}</title></rect>'
                )


def _text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    of_kind = f' class="{kind}"' if kind else ""
    anchored = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text{of_kind} x="{x:g}" y="{y:g}"{anchored}>{escape(words)}</text>'
