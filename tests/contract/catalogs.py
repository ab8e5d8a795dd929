"""A small catalog: every family has two patterns, every direction two, and one pattern is switched off."""

from tickstockpl.contract.catalog import (
    Catalog,
    CatalogAlert,
    CatalogCondition,
    CatalogIndicator,
    CatalogParameter,
    CatalogPattern,
    Direction,
)

BLACK = CatalogCondition("bar_1_ago_is_black", "the bar before is black", context=False)
ROSE = CatalogCondition("a_rise_came_before", "prices rose by at least a usual range before it", context=True)


def pattern(
    name: str,
    title: str,
    family: str,
    direction: Direction,
    meaning: str,
    *conditions: CatalogCondition,
    bars: int = 2,
    enabled: bool = True,
) -> CatalogPattern:
    return CatalogPattern(
        name=name,
        title=title,
        family=family,
        direction=direction,
        bars=bars,
        history=bars + 10,
        meaning=meaning,
        source=f"TA-Lib's CDL{family.upper()}",
        default=enabled,
        enabled=enabled,
        threshold=0.5,
        conditions=list(conditions),
    )


CATALOG = Catalog(
    patterns=[
        pattern("Doji", "Doji", "Doji", "neutral", "Neither side has won the minute.", bars=1),
        pattern("LongLeggedDoji", "Long-legged doji", "Doji", "neutral", "Both sides tried, neither won.", bars=1),
        pattern(
            "BullishEngulfing",
            "Bullish engulfing",
            "Engulfing",
            "bullish",
            "A rising body covers the falling body before it: buyers have taken back more than was lost.",
            BLACK,
        ),
        pattern(
            "BearishEngulfing",
            "Bearish engulfing",
            "Engulfing",
            "bearish",
            "A falling body covers the rising body before it: sellers have taken back more than was won.",
            CatalogCondition("body_engulfs_previous_body", "the body covers the body before it", context=False),
            ROSE,
        ),
        pattern("BullishHarami", "Bullish harami", "Harami", "bullish", "The fall has lost its force.", BLACK),
        pattern("BearishHarami", "Bearish harami", "Harami", "bearish", "The rise has lost its force.", enabled=False),
    ],
    indicators=[
        CatalogIndicator(
            name="RSI",
            title="Relative strength index",
            family="Momentum",
            inputs=["close"],
            parameters=[CatalogParameter("period", 14, 2, 100_000)],
            outputs=["value"],
            bars=15,
            meaning="How much of the recent movement was upward, 0 to 100.",
            source="TA-Lib's RSI",
            default=True,
            instances=["RSI_14"],
        )
    ],
    alerts=[
        CatalogAlert("RSI_OVERBOUGHT", "RSI", "above", "warning", "The price has risen fast and may be due for a rest.")
    ],
)
