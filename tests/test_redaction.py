"""Secrets are struck out by their value, by the place where they stand and by their name; all else is left alone."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.redaction import HIDDEN, SHORTEST, Redactor, passwords_in

PLAIN = [
    "Redis at redis://localhost:6379/0 cannot be reached (Connection refused); is it running there?",
    'connection failed: FATAL:  password authentication failed for user "sam"',
    "fe_sendauth: no password supplied",
    "3 tokens, keyed by symbol and all parameters",
    "http://127.0.0.1:8450",
]


@pytest.mark.parametrize("text", PLAIN)
def test_what_holds_no_secret_is_left_as_it_is(text: str) -> None:
    assert Redactor(["redis://sam:sesame@localhost"]).text(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://sam:sesame@db:5432/market", "postgresql://sam:***@db:5432/market"),
        ("redis://:sesame@db", "redis://:***@db"),
        ("redis://sam:ses@me/x@db is not one", "redis://sam:***@db is not one"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("{'Authorization': 'Basic c2FtOnNlc2FtZQ=='}", "{'Authorization': ***}"),
        ("sent Bearer eyJhbGciOi.J9 to it", "sent Bearer *** to it"),
        ("api_key=12ab&x=1", "api_key=***&x=1"),
        ('{"access_token": "12 ab", "x": 1}', '{"access_token": ***, "x": 1}'),
        ("host=db password='open sesame' user=sam", "host=db password=*** user=sam"),
    ],
)
def test_a_secret_is_known_by_its_place(text: str, shown: str) -> None:
    assert Redactor().text(text) == shown


def test_a_secret_is_known_by_its_name_wherever_it_is_nested() -> None:
    fields = {"password": 1234, "one": [{"API-Key": "x", "port": 5432}], "token": None}
    assert Redactor().fields(fields) == {"password": HIDDEN, "one": [{"API-Key": HIDDEN, "port": 5432}], "token": None}


@given(st.text(min_size=SHORTEST), st.sampled_from(["redis://sam:{}@db:6379/0", "postgresql://db/x?password={}"]))
def test_a_passwords_value_is_struck_out_in_every_spelling(password: str, address: str) -> None:
    redactor = Redactor([address.format(quote(password, safe="", errors="surrogatepass"))])
    for spelt in (password, repr(password), json.dumps(password), quote(password, safe="", errors="surrogatepass")):
        told = redactor.text(f"<{spelt}>")
        assert spelt not in told
        assert HIDDEN in told


def test_all_readings_of_an_address_that_is_not_encoded_are_taken_for_secrets() -> None:
    assert passwords_in("redis://sam:open@sesame/now@db") == {"open", "open@sesame/now"}


def test_a_very_short_password_does_not_tear_holes_into_words() -> None:
    redactor = Redactor(["redis://sam:is@db"])
    assert redactor.text("Redis is away: redis://sam:is@db") == "Redis is away: redis://sam:***@db"
