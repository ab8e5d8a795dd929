"""A calibration as a file: a table of quantiles per pattern, in JSON."""

from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from tickstockpl.analysis.patterns.confidence import Calibration, Ranks
from tickstockpl.errors import TickStockError

SHIPPED: Final = "calibration.json"
"""The table that comes with the package; ``tickstockpl calibrate`` makes one of one's own."""

_FORMAT: Final = 1


class _Quantiles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    within: list[float]
    without: list[float]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    sample: str
    pooled: _Quantiles
    patterns: dict[str, _Quantiles]


def write_table(calibration: Calibration) -> bytes:
    """A calibration as JSON, a line a pattern."""
    table = _Table(
        _FORMAT,
        calibration.described,
        _quantiles(calibration.pooled),
        {name: _quantiles(ranks) for name, ranks in calibration.ranks.items()},
    )
    lines = [f"{_json(name)}:{_json(quantiles)}" for name, quantiles in table.patterns.items()]
    head = (
        f'{{"format":{table.format},\n"sample":{_json(table.sample)},\n"pooled":{_json(table.pooled)},\n"patterns":{{\n'
    )
    return (head + ",\n".join(lines) + "\n}}\n").encode()


def read_table(text: bytes, place: str) -> Calibration:
    """Read a calibration.

    Args:
        text: the JSON.
        place: what it is called in messages.

    Raises:
        TickStockError: if it is not a calibration of this format.
    """
    remedy = "make it anew with tickstockpl calibrate"
    try:
        table = msgspec.json.decode(text, type=_Table)
    except msgspec.MsgspecError as error:
        raise TickStockError(f"{place} is not a calibration: {error}; {remedy}") from None
    if table.format != _FORMAT:
        raise TickStockError(f"{place} has format {table.format}, this release reads {_FORMAT}; {remedy}")
    for name, quantiles in {"pooled": table.pooled, **table.patterns}.items():
        for stratum in (quantiles.within, quantiles.without):
            if len(stratum) < 2 or any(later < earlier for earlier, later in pairwise([-1.0, *stratum, 1.0])):
                raise TickStockError(
                    f"{place}: the quantiles of {name} are not two or more that rise within -1 and 1; {remedy}"
                )
    return Calibration(
        table.sample, {name: _ranks(quantiles) for name, quantiles in table.patterns.items()}, _ranks(table.pooled)
    )


@cache
def shipped_calibration() -> Calibration:
    """The calibration that comes with the package."""
    return read_table(resources.files(__package__).joinpath(SHIPPED).read_bytes(), f"the package's {SHIPPED}")


def _quantiles(ranks: Ranks) -> _Quantiles:
    return _Quantiles(ranks.within.tolist(), ranks.without.tolist())


def _ranks(quantiles: _Quantiles) -> Ranks:
    return Ranks(np.array(quantiles.within), np.array(quantiles.without))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
