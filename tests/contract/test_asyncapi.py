"""The AsyncAPI document names every channel, refers to nothing that is not there, and agrees with the schemas."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.contract.samples import BATCH, SAMPLES
from tickstockpl.contract.asyncapi import CHANNEL_INFO, asyncapi_document
from tickstockpl.contract.channels import SPECIFIED_CHANNELS, Channel
from tickstockpl.contract.codec import EVENT_TYPES

DOCUMENT = asyncapi_document()


def resolve(reference: str) -> Any:
    """What a reference within the document points at."""
    assert reference.startswith("#/")
    place: Any = DOCUMENT
    for part in reference[2:].split("/"):
        place = place[part]
    return place


def references(value: Any) -> list[str]:
    """Every ``$ref`` in a JSON value."""
    if isinstance(value, list):
        return [found for item in value for found in references(item)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if "$ref" in value else []
    return own + [found for item in value.values() for found in references(item)]


def test_it_is_an_asyncapi_3_document() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert DOCUMENT["info"].keys() >= {"title", "version"}
    assert DOCUMENT.keys() == {"asyncapi", "info", "defaultContentType", "channels", "operations", "components"}


def test_every_channel_is_there_once_under_its_redis_name() -> None:
    assert [channel["address"] for channel in DOCUMENT["channels"].values()] == list(Channel)
    assert set(CHANNEL_INFO) == set(Channel)


def test_every_reference_resolves() -> None:
    found = references(DOCUMENT)
    assert len(found) > 50
    for reference in found:
        assert isinstance(resolve(reference), dict)


def test_every_channel_is_sent_on_with_all_of_its_messages() -> None:
    operations = {operation["channel"]["$ref"]: operation for operation in DOCUMENT["operations"].values()}
    for key, channel in DOCUMENT["channels"].items():
        operation = operations.pop(f"#/channels/{key}")
        assert operation["action"] == "send"
        assert [resolve(message["$ref"]) for message in operation["messages"]] == list(channel["messages"].values())
        names = [resolve(message["$ref"])["name"] for message in channel["messages"].values()]
        tags = [event.__struct_config__.tag for event in EVENT_TYPES[Channel(channel["address"])]]
        assert names == tags
    assert not operations


def test_tickstockpl_s_own_channels_are_marked() -> None:
    for channel in DOCUMENT["channels"].values():
        specified = channel["address"] in SPECIFIED_CHANNELS
        assert channel["tags"] == [{"name": "specified" if specified else "tickstockpl"}]
        assert channel["description"].startswith("TickStockPL's own") != specified


def is_valid(key: str, message: Any) -> bool:
    """Whether one of the document's messages allows this one."""
    # References within the payload are relative to the whole document, which therefore is the schema's surroundings.
    schema = {**DOCUMENT, "$ref": f"#/components/messages/{key}/payload"}
    return bool(Draft202012Validator(schema).is_valid(message))


@pytest.mark.parametrize("key", DOCUMENT["components"]["messages"])
def test_every_message_has_a_valid_schema(key: str) -> None:
    Draft202012Validator.check_schema(DOCUMENT["components"]["messages"][key]["payload"])
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(("channel", "sample"), SAMPLES)
def test_the_specification_s_samples_are_valid_messages(channel: Channel, sample: str) -> None:
    messages = DOCUMENT["channels"][CHANNEL_INFO[channel].key]["messages"]
    keys = [message["$ref"].rpartition("/")[2] for message in messages.values()]
    valid = [is_valid(key, json.loads(sample)) for key in keys]
    refused = sample == BATCH and channel is Channel.HIGH_CONFIDENCE_PATTERNS
    assert valid.count(True) == (0 if refused else 1)
