"""The setting of the hysteresis: what it takes, and how it refuses."""

import pytest

from tickstockpl.analysis.damping import read_hysteresis
from tickstockpl.errors import TickStockError


@pytest.mark.parametrize("choice", [None, "", "  "])
def test_none_is_chosen(choice: str | None) -> None:
    assert read_hysteresis(choice) == {}


@pytest.mark.parametrize("choice", ["RSI:2 BB:5 MACD:0.5", "rsi:2; bb:5.0;macd:.5", "MACD:5e-1  BB:5 RSI:2"])
def test_amounts_by_indicator(choice: str) -> None:
    assert read_hysteresis(choice) == {"RSI": 2, "BB": 5, "MACD": 0.5}


@pytest.mark.parametrize(
    ("choice", "item", "reason"),
    [
        ("RSI:2 SMA:1", "SMA:1", "names no indicator that raises alerts"),
        ("RSI_14:2", "RSI_14:2", "names no indicator that raises alerts"),
        ("2", "2", "names no indicator that raises alerts"),
        ("RSI:2 rsi:3", "rsi:3", "names RSI a second time"),
        ("RSI", "RSI", "does not end in an amount, a number of 0 or more"),
        ("RSI:two", "RSI:two", "does not end in an amount"),
        ("RSI:-1", "RSI:-1", "does not end in an amount"),
        ("RSI:nan", "RSI:nan", "does not end in an amount"),
        ("RSI:inf", "RSI:inf", "does not end in an amount"),
        ("RSI:2,BB:5", "RSI:2,BB:5", "does not end in an amount"),
    ],
)
def test_what_is_wrong_is_told_with_what_is_allowed(choice: str, item: str, reason: str) -> None:
    with pytest.raises(TickStockError) as refusal:
        read_hysteresis(choice)
    sentence = str(refusal.value)
    assert sentence.startswith(f"setting TICKSTOCK_ALERT_HYSTERESIS: {item!r} {reason}")
    assert sentence.endswith(
        "RSI in points of RSI, MACD in basis points of the close, BB in per cent of the width between the bands"
    )
