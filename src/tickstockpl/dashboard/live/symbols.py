"""The newest bar and indicator values of every symbol: state, conflated to its newest value."""

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Final, NotRequired, TypedDict

from tickstockpl.contract.events import Bar
from tickstockpl.contract.fields import SYMBOL_PATTERN

MAX_SYMBOLS: Final = 20_000
MAX_INSTANCES: Final = 64
MAX_INSTANCE_NAME: Final = 64
"""Bounds against a producer that invents names: symbols, indicators of one symbol, characters of an indicator."""

_STORED_PRECISION = 0.0001

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
    forming: NotRequired[BarValues | None]
    forming_minute: NotRequired[str | None]
    first_open: NotRequired[float]
    indicators: dict[str, Outputs]


class _Symbol:
    """A symbol, and which frame tells each part of it."""

    __slots__ = ("bar_frame", "first_frame", "forming_frame", "frame", "indicator_frames", "state")

    def __init__(self) -> None:
        self.state: SymbolState = {"indicators": {}}
        self.frame = self.bar_frame = self.first_frame = self.forming_frame = 0
        self.indicator_frames: dict[str, int] = {}

    def seal(self, bar: BarValues, minute: str, frame: int) -> None:
        """Take a bar that is over; how it stood before is worth nothing any more."""
        state = self.state
        state["bar"], state["minute"] = bar, minute
        self.bar_frame = frame
        if (state.get("forming_minute") or minute) <= minute and state.get("forming") is not None:
            state["forming"] = state["forming_minute"] = None
            self.forming_frame = frame

    def since(self, frame: int) -> SymbolState:
        """What was told after a frame."""
        state = self.state
        frames = self.indicator_frames
        change: SymbolState = {
            "indicators": {name: outputs for name, outputs in state["indicators"].items() if frames[name] > frame}
        }
        if self.bar_frame > frame:
            change["bar"], change["minute"] = state["bar"], state["minute"]
        if self.forming_frame > frame:
            change["forming"], change["forming_minute"] = state["forming"], state["forming_minute"]
        if self.first_frame > frame:
            change["first_open"] = state["first_open"]
        return change


class SymbolTable:
    """All symbols of a session, and in which frame each part of them was told last."""

    def __init__(self) -> None:
        self._symbols: OrderedDict[str, _Symbol] = OrderedDict()  # the one that was changed last is the last

    def __len__(self) -> int:
        return len(self._symbols)

    def __iter__(self) -> Iterator[str]:
        return iter(self._symbols)

    def clear(self) -> None:
        """Forget all."""
        self._symbols = OrderedDict()

    def all(self) -> dict[str, SymbolState]:
        """Every symbol whole; for encoding at once, not for keeping."""
        return {symbol: known.state for symbol, known in self._symbols.items()}

    def since(self, frame: int) -> dict[str, SymbolState]:
        """What was told after a frame; costs what it gives."""
        changes: dict[str, SymbolState] = {}
        for symbol, known in reversed(self._symbols.items()):
            if known.frame <= frame:
                break
            changes[symbol] = known.since(frame)
        return changes

    def set_bar(self, bar: Bar, minute: str, frame: int, *, begins: bool) -> bool:
        """Note a sealed bar.

        Args:
            bar: the bar.
            minute: its start.
            frame: the frame that tells it.
            begins: a symbol's first bar here is its first of the session.

        Returns:
            False if there are too many symbols already.
        """
        known = self._changing(bar.symbol, frame)
        if known is None:
            return False
        state = known.state
        if begins and "bar" not in state and "first_open" not in state:
            state["first_open"] = round(bar.open, 6)
            known.first_frame = frame
        known.seal(_values(bar), minute, frame)
        return True

    def set_forming(self, bar: Bar, minute: str, frame: int) -> bool:
        """Note how a bar stands that is not over; False if there are too many symbols already."""
        known = self._symbols.get(bar.symbol)
        if known is not None and known.state.get("minute", "") >= minute:
            return True  # it has come late: the bar is sealed
        known = self._changing(bar.symbol, frame)
        if known is None:
            return False
        known.state["forming"], known.state["forming_minute"] = _values(bar), minute
        known.forming_frame = frame
        return True

    def set_indicator(self, symbol: str, instance: str, outputs: Outputs, frame: int) -> bool:
        """Note an indicator's newest outputs; False if it is beyond the bounds."""
        known = self._symbols.get(symbol)
        if len(instance) > MAX_INSTANCE_NAME or (
            known is not None
            and instance not in known.indicator_frames
            and len(known.indicator_frames) >= MAX_INSTANCES
        ):
            return False
        known = self._changing(symbol, frame)
        if known is None:
            return False
        known.state["indicators"][instance] = outputs
        known.indicator_frames[instance] = frame
        return True

    def put_under(self, older: Mapping[str, SymbolState]) -> None:
        """Fill in what is not known yet; it is told by no frame but in snapshots."""
        for symbol, old in older.items():
            known = self._symbols.get(symbol)
            if known is None:
                if len(self._symbols) >= MAX_SYMBOLS:
                    return
                known = self._symbols[symbol] = _Symbol()
                self._symbols.move_to_end(symbol, last=False)
            state = known.state
            if "bar" not in state and "bar" in old and "minute" in old:
                state["bar"], state["minute"] = old["bar"], old["minute"]
            if "first_open" in old:
                state["first_open"] = old["first_open"]
            for instance, outputs in old["indicators"].items():
                if instance not in known.indicator_frames:
                    state["indicators"][instance] = outputs
                    known.indicator_frames[instance] = 0

    def catch_up(self, stored: Mapping[str, SymbolState], frame: int) -> None:
        """Take what is newer than what is known, for a frame to tell."""
        for symbol, new in stored.items():
            known = self._symbols.get(symbol)
            minute = "" if known is None else known.state.get("minute", "")
            if "bar" not in new or "minute" not in new or new["minute"] < minute:
                continue
            known = self._changing(symbol, frame)
            if known is None:
                return
            if new["minute"] > minute:
                known.seal(new["bar"], new["minute"], frame)
            if "first_open" in new and known.state.get("first_open") != new["first_open"]:
                known.state["first_open"] = new["first_open"]
                known.first_frame = frame
            for instance, outputs in new["indicators"].items():
                if not _is_stored_as(known.state["indicators"].get(instance), outputs):
                    known.state["indicators"][instance] = outputs
                    known.indicator_frames[instance] = frame

    def _changing(self, symbol: str, frame: int) -> _Symbol | None:
        known = self._symbols.get(symbol)
        if known is None:
            if len(self._symbols) >= MAX_SYMBOLS:
                return None
            known = self._symbols[symbol] = _Symbol()
        elif known.frame != frame:
            self._symbols.move_to_end(symbol)
        known.frame = frame
        return known


def _values(bar: Bar) -> BarValues:
    return round(bar.open, 6), round(bar.high, 6), round(bar.low, 6), round(bar.close, 6), bar.volume


def _is_stored_as(heard: Outputs | None, stored: Outputs) -> bool:
    """Whether the tables, which keep four decimals of ``value``, mean what was heard."""
    ours, theirs = (heard or {}).get("value"), stored.get("value")
    return ours is not None and theirs is not None and abs(ours - theirs) <= _STORED_PRECISION
