"""``rates.md``: how often each pattern occurs, a table a market."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tickstockpl.analysis.patterns.catalog import DEFAULT_PATTERNS, PATTERNS
from tickstockpl.analysis.patterns.rates import PatternCounts, total

PER: Final = 100
"""Rates are per so many bars."""

_TABLE_HEAD: Final = (
    "| family | pattern | times found | found | in context | published | 0.8 or more |\n"
    "| --- | --- | ---: | ---: | ---: | ---: | ---: |"
)


@dataclass(frozen=True, slots=True)
class MarketRates:
    """What was counted in one market.

    Attributes:
        name: the market's.
        facts: what it is made of, in one phrase.
        bars: how many.
        counts: of each pattern, in the catalog's order, one's own last.
        own_families: the families of patterns that are not built in, by name; these belong to the default set.
    """

    name: str
    facts: str
    bars: int
    counts: Mapping[str, PatternCounts]
    own_families: Mapping[str, str] = field(default_factory=dict)

    def family(self, name: str) -> str:
        """A pattern's family."""
        return PATTERNS[name].family if name in PATTERNS else self.own_families[name]

    def in_default(self, name: str) -> bool:
        """Whether a pattern belongs to the default set."""
        return name in DEFAULT_PATTERNS or name in self.own_families

    def per_bars(self, count: int) -> float:
        """A count as a rate per :data:`PER` bars."""
        return count * PER / self.bars


def rates_page(markets: Sequence[MarketRates], graded_by: str, command: str, plot: str) -> str:
    """The page, as Markdown.

    Args:
        markets: at least one.
        graded_by: the calibration's sample, in words.
        command: what made the page.
        plot: where the plot lies, relative to the page.
    """
    parts = [
        f"""# How often patterns occur

Made by

```sh
{command}
```

Rates are per {PER} bars, all symbols together.

- **found**: all conditions of the pattern hold, which is where TA-Lib finds it, once its averages are full.
- **in context**: of these, the ones with the move before them and the height that make them worth a look.
- **published**: with the default settings; a dash where the pattern is not in the default set.
- **0.8 or more**: which share of those in context has that much confidence.

[Patterns](patterns.md) says what these words mean exactly, the [catalog](catalog.md) what each pattern is. Confidence
is the rank in a sample,
{graded_by}.

![How often each pattern is found, and found in context, per {PER} bars on a logarithmic scale]({plot})
""",
        *(_section(market) for market in markets),
    ]
    return "\n".join(parts)


def _section(market: MarketRates) -> str:
    sets = {"all": list(market.counts), "default": [name for name in market.counts if market.in_default(name)]}
    rows = [
        *(_row("**set**", name, market, total(market.counts[one] for one in sets[name]), shown=True) for name in sets),
        *(
            _row(market.family(name), name, market, counts, shown=market.in_default(name))
            for name, counts in market.counts.items()
        ),
    ]
    return "\n".join((f"## {market.name}", "", f"{market.facts}.", "", _TABLE_HEAD, *rows, ""))


def _row(family: str, name: str, market: MarketRates, counts: PatternCounts, *, shown: bool) -> str:
    cells = (
        family,
        f"`{name}`",
        f"{counts.found:,}",
        *(_rate(market.per_bars(count)) for count in (counts.found, counts.in_context)),
        _rate(market.per_bars(counts.published)) if shown else "–",
        "–" if counts.clear_share is None else f"{counts.clear_share * 100:.0f} %",
    )
    return f"| {' | '.join(cells)} |"


def _rate(rate: float) -> str:
    """Three digits, whatever the size."""
    return np.format_float_positional(rate, precision=3, fractional=False, trim="-")
