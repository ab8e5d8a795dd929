"""What is said of patterns reads as a sentence, upside down too."""

import re

import pytest

from tickstockpl.analysis.patterns.catalog import PATTERNS


@pytest.mark.parametrize("name", PATTERNS)
def test_no_word_is_said_twice_in_a_row(name: str) -> None:
    pattern = PATTERNS[name]
    conditions = (*pattern.conditions, *pattern.context)
    for text in (
        pattern.title,
        pattern.meaning,
        *(one.meaning for one in conditions),
        *(one.said(0.5) for one in conditions),
    ):
        assert not re.search(r"\b(\w+)[ :]+\1\b", text), text


@pytest.mark.parametrize("name", PATTERNS)
def test_only_shadows_are_upper(name: str) -> None:
    # Where a number that is lower were turned upside down, it would be said to be upper.
    for condition in PATTERNS[name].conditions:
        for text in (condition.meaning, condition.said(0.5)):
            assert not re.search(r"\bupper\b(?! shadow)", text), text
