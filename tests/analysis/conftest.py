"""Real bars, and what the engine says of them: read and analysed once for all tests."""

from pathlib import Path

import pytest

from tests.analysis.tape import Recording, Tape, read_tape, record
from tickstockpl.analysis.engine import Engine
from tickstockpl.analysis.patterns.selection import select_patterns


@pytest.fixture(scope="session")
def us_stocks(test_data: Path) -> Tape:
    """142 US stocks, five sessions, regular hours (the closing-auction bar of 21:00Z lies outside them)."""
    return read_tape(test_data / "bars_2018-02-26_5d_142sym.csv.gz", without_minute="21:00")


@pytest.fixture(scope="session")
def us_stocks_recording(us_stocks: Tape) -> Recording:
    """What the engine with its defaults says of them."""
    return record(us_stocks, Engine(us_stocks.symbol_count))


@pytest.fixture(scope="session")
def one_session(test_data: Path) -> Tape:
    """The first of the five sessions."""
    return read_tape(test_data / "bars_2018-02-26_5d_142sym.csv.gz", before="2018-02-27", without_minute="21:00")


@pytest.fixture(scope="session")
def one_session_recording(one_session: Tape) -> Recording:
    """What the engine says of it, whatever its confidence."""
    return record(one_session, Engine(one_session.symbol_count, (), select_patterns("all", 0.0)))


@pytest.fixture(scope="session")
def extended_hours(test_data: Path) -> Tape:
    """50 US stocks, the whole of January 2025, extended hours included."""
    return read_tape(test_data / "bars_2025-01_50sym_extended.csv.gz")


@pytest.fixture(scope="session")
def thin_stocks(test_data: Path) -> Tape:
    """The thinner half of 50 US stocks, three sessions with extended hours: many minutes without a bar."""
    return read_tape(test_data / "bars_2025-01_50sym_extended.csv.gz", symbols=25, before="2025-01-07")


@pytest.fixture(scope="session")
def thin_stocks_recording(thin_stocks: Tape) -> Recording:
    """What the engine says of them, whatever its confidence."""
    return record(thin_stocks, Engine(thin_stocks.symbol_count, patterns=select_patterns("all", 0.0)))
