from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.feeds.massive.sieve import DuplicateSieve
from tickstockpl.market.trades import Trades

SYMBOLS = 4

Key = tuple[int, int]
"""A symbol's position and a sequence number."""


def trades(keys: Sequence[Key]) -> Trades:
    count = len(keys)
    return Trades(
        np.arange(count),
        np.array([key[0] for key in keys], np.intp),
        np.full(count, 100.0),
        np.full(count, 1.0),
        None,
        np.array([key[1] for key in keys], np.int64),
    )


def passed(sieve: DuplicateSieve, keys: Sequence[Key]) -> list[Key]:
    new = sieve.pass_new(trades(keys))
    assert new.sequence is not None
    return list(zip(new.index.tolist(), new.sequence.tolist(), strict=True))


keys_ = st.lists(st.tuples(st.integers(0, SYMBOLS - 1), st.integers(0, 30)), max_size=40)


@given(st.lists(keys_, max_size=8))
def test_each_trade_passes_once_wherever_it_comes_again(portions: list[list[Key]]) -> None:
    sieve, seen = DuplicateSieve(SYMBOLS), set[Key]()
    for portion in portions:
        expected = []
        for key in portion:
            if key not in seen:
                seen.add(key)
                expected.append(key)
        assert passed(sieve, portion) == expected


def test_trades_without_a_number_pass() -> None:
    sieve = DuplicateSieve(SYMBOLS)
    keys = [(0, -1), (1, 5), (0, -1), (1, 5), (1, 6), (0, 3)]
    assert passed(sieve, keys) == [(0, -1), (1, 5), (0, -1), (1, 6), (0, 3)]
    assert passed(sieve, [(1, 5), (0, 3), (0, 2)]) == [(0, 2)]


def test_a_new_day_begins_with_its_numbers() -> None:
    sieve = DuplicateSieve(SYMBOLS)
    assert passed(sieve, [(0, 1), (0, 2)]) == [(0, 1), (0, 2)]
    sieve.forget()
    assert passed(sieve, [(0, 1), (0, 2)]) == [(0, 1), (0, 2)]


def test_a_trade_is_known_long_after_it_came() -> None:
    sieve = DuplicateSieve(SYMBOLS)
    for start in range(0, 200_000, 1000):
        sieve.pass_new(trades([(number % SYMBOLS, start + number) for number in range(1000)]))
    assert passed(sieve, [(0, 4), (3, 150_003), (3, 150_002)]) == [(3, 150_002)]
