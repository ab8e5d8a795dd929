"""A calibration as a file of one's own."""

from pathlib import Path

from tickstockpl.analysis.patterns.calibration_table import read_table
from tickstockpl.analysis.patterns.confidence import Calibration
from tickstockpl.errors import TickStockError

FILE_NAME = "calibration.json"
"""What ``tickstockpl calibrate`` writes into the data folder."""


def load_calibration(path: Path | None) -> Calibration | None:
    """Read the file that the setting ``TICKSTOCK_CALIBRATION`` names; ``None``, as the engine takes it, if none.

    Raises:
        TickStockError: if there is no such file, or it is not a calibration.
    """
    if path is None:
        return None
    try:
        text = path.read_bytes()
    except OSError as error:
        raise TickStockError(
            f"the calibration {path} cannot be read: {error.strerror}; correct TICKSTOCK_CALIBRATION, or make the file "
            "with tickstockpl calibrate"
        ) from None
    return read_table(text, str(path))
