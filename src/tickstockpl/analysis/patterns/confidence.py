"""How clear-cut a detected pattern is."""

import numpy as np

from tickstockpl.market.bars import Floats

DECIMALS = 4


def confidence(margins: Floats) -> Floats:
    """Grade detections by their margins.

    Each margin m becomes a clarity 1 - 1/(1 + m)², which is 0 on the boundary (and, of a context that does not hold,
    beyond it) and approaches 1. A formation is as good as its weakest part and its parts together: the mean of the
    smallest clarity and the average one, laid on 0.5 to 1, for whatever is graded has been detected.

    Laws: within [0.5, 1]; unchanged by the price's scale, as margins are; never lower when a margin grows and the
    others stay.

    Args:
        margins: shape (conditions, detections); NaN, a margin that cannot be told, counts as 0.

    Returns:
        Confidence of each detection, shape (detections,), rounded to four decimals.
    """
    clarity = 1.0 - 1.0 / (1.0 + np.nan_to_num(np.maximum(margins, 0.0))) ** 2
    combined = 0.5 * (clarity.min(axis=0) + clarity.mean(axis=0))
    return np.round(0.5 + 0.5 * combined, DECIMALS)
