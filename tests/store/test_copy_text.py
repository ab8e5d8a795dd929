"""What is written for COPY is what PostgreSQL reads."""

from collections.abc import Iterator

import numpy as np
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.embedded import EmbeddedServers
from tickstockpl.store.copy_text import copy_text

text = st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
number = st.none() | st.floats()
whole = st.none() | st.integers(-(2**63), 2**63 - 1)


@pytest.fixture(scope="module")
def connection(servers: EmbeddedServers) -> Iterator[psycopg.Connection]:
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE copied (row serial, a text, b text, c double precision, d bigint)")
        yield connection


def read_back(connection: psycopg.Connection, data: bytes) -> list[tuple[object, ...]]:
    connection.execute("TRUNCATE copied RESTART IDENTITY")
    with connection.cursor() as cursor, cursor.copy("COPY copied (a, b, c, d) FROM STDIN") as copy:
        copy.write(data)
    return connection.execute("SELECT a, b, c, d FROM copied ORDER BY row").fetchall()


@given(constant=text, rows=st.lists(st.tuples(text, number, whole), max_size=20))
def test_every_row_comes_back_as_it_was(
    connection: psycopg.Connection,
    constant: str | None,
    rows: list[tuple[str | None, float | None, int | None]],
) -> None:
    found = read_back(connection, copy_text(rows, (constant,)))
    expected = [(constant, *row) for row in rows]
    # repr tells NaN and -0.0 apart as == does not
    assert repr(found) == repr(expected)


def test_null_is_not_the_text_that_looks_like_it(connection: psycopg.Connection) -> None:
    rows = [(None, "\\N", None, None), ("", "\\.", 0.0, 0), ("\\", "a\tb\nc\rd\\n", 1e300, 1)]
    assert read_back(connection, copy_text(rows)) == rows


def test_numpy_numbers_are_written_as_numbers() -> None:
    assert copy_text([(np.float64(0.1), 2)]) == b"0.1\t2\n"


def test_no_rows_are_no_text() -> None:
    assert copy_text([], ("constant",)) == b""
