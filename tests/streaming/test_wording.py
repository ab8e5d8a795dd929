"""Text from elsewhere is passed on as one line that every table and page can hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.streaming.wording import LONGEST, clock_time, duration, one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("division by zero", "division by zero"),
        ("first\n  second\tthird ", "first second third"),
        ("before\x00after \ud800", "before after"),
        ("", ""),
        ("x" * LONGEST, "x" * LONGEST),
        ("x" * (LONGEST + 1), "x" * (LONGEST - 1) + "…"),
    ],
)
def test_what_becomes_of_it(text: str, line: str) -> None:
    assert one_line(text) == line


@given(st.text(st.characters()))
def test_it_is_printable_short_and_stays_as_it_is(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    assert len(line) <= LONGEST
    assert one_line(line) == line
    line.encode()


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "0 s"), (12.4, "12 s"), (119, "119 s"), (120, "2 minutes"), (299, "5 minutes")]
)
def test_a_duration_is_said_in_seconds_and_from_two_minutes_on_in_minutes(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("market_ms", "words"),
    [(0, "00:00Z"), (51_120_000, "14:12Z"), (51_125_000, "14:12:05Z"), (51_125_999, "14:12:05Z")],
)
def test_a_time_of_the_day_has_its_seconds_where_it_is_no_whole_minute(market_ms: int, words: str) -> None:
    assert clock_time(market_ms) == words
