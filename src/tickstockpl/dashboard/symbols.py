"""The newest bar and indicator values of every symbol: state, conflated to its newest value."""

import re
from collections.abc import Mapping
from typing import Final, NotRequired, TypedDict

from tickstockpl.contract.events import Bar
from tickstockpl.contract.fields import SYMBOL_PATTERN

MAX_SYMBOLS: Final = 20_000
MAX_INSTANCES: Final = 64
MAX_INSTANCE_NAME: Final = 64
"""Bounds against a producer that invents names: symbols, indicators of one symbol, characters of an indicator."""

Outputs = Mapping[str, float | None]
"""An indicator's outputs by name: ``value``, ``signal`` ..."""

BarValues = tuple[float, float, float, float, int]
"""open, high, low, close, volume"""


def is_symbol(text: str) -> bool:
    """Whether ``text`` is a symbol by the contract's grammar."""
    return re.fullmatch(SYMBOL_PATTERN, text) is not None


class SymbolState(TypedDict):
    """One symbol, in the form in which the page gets it; in a delta only what changed."""

    bar: NotRequired[BarValues]
    minute: NotRequired[str]
    first_open: NotRequired[float]
    indicators: dict[str, Outputs]


class SymbolTable:
    """All symbols of a session, and which parts of them changed since they were last taken."""

    def __init__(self) -> None:
        self._symbols: dict[str, SymbolState] = {}
        self._changes: dict[str, SymbolState] = {}

    @property
    def changed(self) -> bool:
        """Whether anything did."""
        return bool(self._changes)

    def clear(self) -> None:
        """Forget all, changes too."""
        self._symbols = {}
        self._changes = {}

    def all(self) -> dict[str, SymbolState]:
        """Every symbol whole; for encoding at once, not for keeping."""
        return self._symbols

    def take(self, everything: bool) -> dict[str, SymbolState]:
        """What changed since the last call, or every symbol whole; for encoding at once."""
        changes, self._changes = self._changes, {}
        return self._symbols if everything else changes

    def set_bar(self, bar: Bar, minute: str, *, begins: bool) -> bool:
        """Note a sealed bar.

        Args:
            bar: the bar.
            minute: its start.
            begins: a symbol's first bar here is its first of the session.

        Returns:
            False if there are too many symbols already.
        """
        state = self._state(bar.symbol)
        if state is None:
            return False
        change = self._change(bar.symbol)
        if begins and "bar" not in state and "first_open" not in state:
            state["first_open"] = change["first_open"] = round(bar.open, 6)
        values = (round(bar.open, 6), round(bar.high, 6), round(bar.low, 6), round(bar.close, 6), bar.volume)
        state["bar"] = change["bar"] = values
        state["minute"] = change["minute"] = minute
        return True

    def set_indicator(self, symbol: str, instance: str, outputs: Outputs) -> bool:
        """Note an indicator's newest outputs; False if it is beyond the bounds."""
        state = self._state(symbol) if len(instance) <= MAX_INSTANCE_NAME else None
        if state is None:
            return False
        indicators = state["indicators"]
        if instance not in indicators and len(indicators) >= MAX_INSTANCES:
            return False
        indicators[instance] = self._change(symbol)["indicators"][instance] = outputs
        return True

    def prefill(self, older: Mapping[str, SymbolState]) -> None:
        """Fill in what is not known yet; counts as no change."""
        for symbol, old in older.items():
            state = self._state(symbol)
            if state is None:
                return
            if "bar" not in state and "bar" in old and "minute" in old:
                state["bar"], state["minute"] = old["bar"], old["minute"]
            if "first_open" in old:
                state["first_open"] = old["first_open"]
            state["indicators"] = {**old["indicators"], **state["indicators"]}

    def _state(self, symbol: str) -> SymbolState | None:
        state = self._symbols.get(symbol)
        if state is None and len(self._symbols) < MAX_SYMBOLS:
            state = self._symbols[symbol] = {"indicators": {}}
        return state

    def _change(self, symbol: str) -> SymbolState:
        change = self._changes.get(symbol)
        if change is None:
            change = self._changes[symbol] = {"indicators": {}}
        return change
