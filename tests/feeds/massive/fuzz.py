"""Coverage-guided fuzzing of the frame reader: ``python -m tests.feeds.massive.fuzz -runs=1000000``.

Needs ``pip install atheris``, which has wheels for some platforms only; ``test_fuzz.py`` runs a part of it where it is
installed.
"""

import sys

import atheris

with atheris.instrument_imports(include=["tickstockpl.feeds.massive"]):
    from tests.feeds.massive.test_hostile import SYMBOLS, check_bars, seeds
    from tickstockpl.feeds.base import FeedReport
    from tickstockpl.feeds.massive.options import Mode
    from tickstockpl.feeds.massive.reader import FrameReader

_readers = [FrameReader(mode, SYMBOLS, FeedReport()) for mode in Mode]


def one_input(frame: bytes) -> None:
    """Read a frame in every mode."""
    for reader in _readers:
        before = reader.counts.frames
        reader.read(frame)
        assert reader.counts.frames == before + 1
        if reader.counts.frames % 1000 == 0:
            check_bars(reader)


def main() -> None:
    """Fuzz as the arguments say."""
    for frame in seeds():
        one_input(frame)
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
