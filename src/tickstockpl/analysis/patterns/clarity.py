"""How clear-cut a detection is: one number from its margins, which only says which of two is clearer."""

import numpy as np

from tickstockpl.market.bars import Floats


def clarity(margins: Floats) -> Floats:
    """Combine margins: a formation is as good as its weakest part and its parts together.

    Each margin is bent to lie within -1 and 1, 0 on the boundary; the mean of the smallest and the average counts. No
    step can round a larger number to a smaller result than a smaller one, so the clarity never falls when a margin
    grows and the others stay.

    Args:
        margins: shape (conditions, detections); NaN, a margin that cannot be told, counts as 0.

    Returns:
        Clarity of each detection, within -1 and 1, shape (detections,).
    """
    bent = np.copysign(1.0 - 1.0 / (1.0 + np.abs(margins)), margins)
    bent[np.isnan(bent)] = 0.0
    combined: Floats = 0.5 * (bent.min(axis=0) + bent.sum(axis=0) / len(bent))
    return combined
