"""Why a child ended is found in what it wrote, in either format."""

import pytest

from tickstockpl.cli.reporter import last_words


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "it said nothing"),
        (["", ""], "it said nothing"),
        (["2026-01-30 [info] ready", "Error: port 80 is reserved", ""], "port 80 is reserved"),
        (['{"level": "error", "event": "port 80 is reserved"}'], "port 80 is reserved"),
        (['{"level": "error"}'], '{"level": "error"}'),
        (["[1]"], "[1]"),
    ],
)
def test_the_last_line_says_why(lines: list[str], reason: str) -> None:
    assert last_words(lines) == reason
