"""The page of channels says of every field what it is, and shows examples that are of the contract."""

import re

import jsonschema
import msgspec
import pytest

from tickstockpl.contract.asyncapi import asyncapi_document
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.channels_page import anchor, channels_page, fields
from tickstockpl.contract.codec import EVENT_TYPES, decode
from tickstockpl.contract.events import Event, encode
from tickstockpl.contract.examples import EXAMPLES
from tickstockpl.contract.meanings import MEANINGS, UNITS
from tickstockpl.contract.schema import definitions_below, schema_for

DOCUMENT = asyncapi_document()
PAGE = channels_page(DOCUMENT)
SCHEMAS = DOCUMENT["components"]["schemas"]
EVENTS = list(dict.fromkeys(event for carried in EVENT_TYPES.values() for event in carried))


def leaves(value: object, path: str = "") -> set[str]:
    """The paths of all fields of an event, as the page writes them."""
    if isinstance(value, list):
        return {found for item in value for found in leaves(item, f"{path[:-1]}[].")}
    if not isinstance(value, dict):
        return set()
    own = {f"{path}{name}" for name in value}
    return own | {found for name, item in value.items() for found in leaves(item, f"{path}{name}.")}


@pytest.mark.parametrize("channel", Channel)
def test_every_channel_has_its_row_and_its_section(channel: Channel) -> None:
    assert f"| [`{channel}`](#{anchor(channel)}) | " in PAGE
    (section,) = re.findall(rf"^## {channel}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    for event in EVENT_TYPES[channel]:
        assert f"### {event.__struct_config__.tag}" in section


@pytest.mark.parametrize("event", EVENTS)
def test_every_field_has_a_type_and_a_meaning(event: type[Event]) -> None:
    rows = list(fields(DOCUMENT, SCHEMAS[event.__name__]))
    assert all(row.kind and row.meaning for row in rows)
    for row in rows:
        assert f"| `{row.path}` | {row.meaning} | {row.kind} | {row.bounds} | {row.unit} | " in PAGE


@pytest.mark.parametrize("event", EVENTS)
def test_every_field_of_an_example_is_told(event: type[Event]) -> None:
    told = {row.path: row for row in fields(DOCUMENT, SCHEMAS[event.__name__])}
    free = tuple(f"{path}." for path, row in told.items() if row.kind.startswith("object of"))
    shown = leaves(msgspec.to_builtins(EXAMPLES[event]))
    assert {path for path in shown if not path.startswith(free)} == told.keys() - {"backfilled"}


@pytest.mark.parametrize("channel", Channel)
def test_examples_are_of_the_contract(channel: Channel) -> None:
    for event in EVENT_TYPES[channel]:
        text = encode(EXAMPLES[event])
        assert decode(channel, text) == EXAMPLES[event]
        jsonschema.validate(msgspec.json.decode(text), schema_for(channel), cls=jsonschema.Draft202012Validator)


def test_meanings_and_units_are_of_fields_that_there_are() -> None:
    there = {f"{name}.{field}" for name, one in definitions_below("#/").items() for field in one["properties"]}
    assert there >= MEANINGS.keys()
    assert {name.rpartition(".")[2] for name in there} >= UNITS.keys()


def test_an_optional_field_is_not_always_there() -> None:
    rows = {row.path: row for row in fields(DOCUMENT, SCHEMAS["StreamingPattern"])}
    assert [path for path, row in rows.items() if not row.always] == [
        "detection.metadata.conditions",
        "detection.metadata.explanation",
    ]
    assert rows["detection.confidence"].bounds == "0 to 1"
    assert rows["detection.bar_data.open"].bounds == "above 0"
    assert rows["detection.bar_data.volume"].unit == "shares"


def test_the_second_channel_of_patterns_tells_what_is_different() -> None:
    _, _, section = PAGE.partition("\n## tickstock:patterns:detected\n")
    assert "`confidence` is 0.8 to 1." in section.partition("\n## ")[0]
