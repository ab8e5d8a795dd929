"""One form of time: UTC, ISO 8601, milliseconds, Z."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.strategies import FIRST_MS, LAST_MS, instants
from tickstockpl.contract.timestamps import TIMESTAMP_PATTERN, from_iso, to_iso


@given(instants)
def test_a_timestamp_reads_back_as_the_same_millisecond(epoch_ms: int) -> None:
    assert from_iso(to_iso(epoch_ms)) == epoch_ms


@given(instants)
def test_every_timestamp_has_the_one_form(epoch_ms: int) -> None:
    assert re.fullmatch(TIMESTAMP_PATTERN, to_iso(epoch_ms))


@given(instants, instants)
def test_timestamps_sort_as_their_instants(one: int, other: int) -> None:
    assert (to_iso(one) < to_iso(other)) == (one < other)


@pytest.mark.parametrize(
    ("epoch_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_759_656_600_000, "2025-10-05T09:30:00.000Z"),
        (1_759_656_600_007, "2025-10-05T09:30:00.007Z"),
        (FIRST_MS, "0001-01-01T00:00:00.000Z"),
        (LAST_MS, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_known_instants(epoch_ms: int, text: str) -> None:
    assert to_iso(epoch_ms) == text


def test_another_offset_names_the_same_instant() -> None:
    assert from_iso("2025-10-05T05:30:00.000-04:00") == from_iso("2025-10-05T09:30:00.000Z")


@pytest.mark.parametrize("text", ["2025-10-05T09:30:00.000", "2025-10-05"])
def test_a_time_without_a_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="names no time zone"):
        from_iso(text)


@given(st.text(max_size=30))
def test_what_is_no_time_is_refused(text: str) -> None:
    if not re.match(r"\d{4}", text):
        with pytest.raises(ValueError, match=r"\S"):
            from_iso(text)
