"""Rows that are not usable: counted, and the first of them told to the user."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tickstockpl.feeds.base import FeedReport
from tickstockpl.feeds.files.blocks import Block

MOST_MESSAGES: Final = 20


@dataclass(frozen=True, slots=True, eq=False)
class Defect:
    """One thing that is wrong with some rows of a block.

    Attributes:
        reason: what is wrong.
        rows: which rows have it.
        column: the column whose value shows it, where it is one.
    """

    reason: str
    rows: NDArray[np.bool_]
    column: str | None = None


class Rejects:
    """The tally of bad rows in a feed's report."""

    def __init__(self, report: FeedReport) -> None:
        self._report = report

    def tell(self, file: str, line: int, reason: str) -> None:
        """Count one row, and say why while there is room."""
        self._report.rejected += 1
        if len(self._report.messages) < MOST_MESSAGES:
            self._report.messages.append(f"{file}, line {line}: {reason}")

    def sort_out(self, block: Block, defects: Sequence[Defect]) -> NDArray[np.bool_]:
        """Count a block's bad rows, by rising line, and return the mask of the good ones.

        A row's reason is the first defect that marks it.
        """
        bad = np.logical_or.reduce([defect.rows for defect in defects])
        rows = np.flatnonzero(bad)
        told = [
            (int(block.lines[row]), next(_reason(block, defect, row) for defect in defects if defect.rows[row]))
            for row in rows[:MOST_MESSAGES].tolist()
        ]
        told = sorted([*told, *block.broken[:MOST_MESSAGES]])[:MOST_MESSAGES]
        for line, reason in told:
            self.tell(block.file, line, reason)
        self._report.rejected += len(rows) + len(block.broken) - len(told)
        return ~bad


def _reason(block: Block, defect: Defect, row: int) -> str:
    if defect.column is None:
        return defect.reason
    return f"{defect.column} {_shown(block.columns[defect.column][row])} {defect.reason}"


def _shown(value: pa.Scalar) -> str:
    if not value.is_valid:
        return "(nothing)"
    if pa.types.is_string(value.type):
        text = value.as_py()
        return repr(text if len(text) <= 60 else text[:57] + "...")
    return str(value)
