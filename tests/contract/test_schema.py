"""The schemas say of a message what the decoder says, and no more is sent than they name."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.contract.samples import BATCH, EXPLAINED_PATTERN, INDICATOR, PATTERN, SAMPLES
from tests.contract.strategies import events, of_struct
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.codec import EVENT_TYPES, ContractError, decode
from tickstockpl.contract.events import Event, encode
from tickstockpl.contract.schema import schema_for

VALIDATORS: dict[Channel, Any] = {channel: Draft202012Validator(schema_for(channel)) for channel in Channel}

scalars: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.sampled_from([0.5, -0.5, 1.5, 1e-9]) | st.text()
)
replacements: st.SearchStrategy[Any] = scalars | st.just([]) | st.just({}) | st.lists(scalars, max_size=2)


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every object schema within a schema."""
    if isinstance(schema, list):
        return [found for item in schema for found in objects(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "object" else []
    return own + [found for value in schema.values() for found in objects(value)]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place within a JSON value: the dictionary or list, and the key or position in it."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]


def is_decoded(channel: Channel, payload: str) -> bool:
    try:
        decode(channel, payload)
    except ContractError:
        return False
    return True


@pytest.mark.parametrize("channel", Channel)
def test_every_schema_is_itself_valid(channel: Channel) -> None:
    schema = schema_for(channel)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:tickstockpl:contract:{channel}"


def test_a_channel_is_also_found_by_its_name() -> None:
    assert schema_for("tickstock:alerts:critical") == schema_for(Channel.CRITICAL_ALERTS)


def test_an_unknown_channel_has_no_schema() -> None:
    with pytest.raises(ValueError, match="tickstock:nothing"):
        schema_for("tickstock:nothing")


@pytest.mark.parametrize(("channel", "sample"), [pair for pair in SAMPLES if pair[1] != BATCH])
def test_the_specification_s_samples_are_valid(channel: Channel, sample: str) -> None:
    VALIDATORS[channel].validate(json.loads(sample))


def test_the_specification_s_batch_is_valid_where_all_patterns_go() -> None:
    VALIDATORS[Channel.PATTERNS].validate(json.loads(BATCH))


def test_a_pattern_may_say_why_it_was_found() -> None:
    explained = json.loads(EXPLAINED_PATTERN)
    VALIDATORS[Channel.PATTERNS].validate(explained)
    explained["detection"]["metadata"]["explanation"] = ["in", "words"]
    assert not VALIDATORS[Channel.PATTERNS].is_valid(explained)


@pytest.mark.parametrize("sample", [PATTERN.replace("0.85", "0.79"), BATCH])
def test_the_high_confidence_channel_takes_no_pattern_below_0_8(sample: str) -> None:
    assert VALIDATORS[Channel.PATTERNS].is_valid(json.loads(sample))
    assert not VALIDATORS[Channel.HIGH_CONFIDENCE_PATTERNS].is_valid(json.loads(sample))


@pytest.mark.parametrize("channel", Channel)
def test_only_the_reasons_of_a_pattern_are_optional_and_only_dictionaries_are_open(channel: Channel) -> None:
    for schema in objects(schema_for(channel)):
        if "properties" in schema:
            assert schema["additionalProperties"] is False
            assert set(schema["properties"]) - set(schema["required"]) <= {"conditions", "explanation", "backfilled"}
        else:  # an indicator's metadata, a checkpoint's counts
            assert schema["additionalProperties"]


@pytest.mark.parametrize("channel", Channel)
def test_every_pattern_of_a_schema_is_one_that_javascript_knows(channel: Channel) -> None:
    text = json.dumps(schema_for(channel))
    assert r"\\Z" not in text
    assert '"pattern": "^' in text


@given(events)
def test_every_event_that_can_be_made_is_valid(event: Event) -> None:
    for channel, types in EVENT_TYPES.items():
        if type(event) in types and channel is not Channel.HIGH_CONFIDENCE_PATTERNS:
            VALIDATORS[channel].validate(json.loads(encode(event)))


@settings(max_examples=300)
@given(st.data())
def test_schema_and_decoder_agree_on_messages_with_a_broken_place(data: st.DataObject) -> None:
    channel = data.draw(st.sampled_from([one for one in Channel if one is not Channel.HIGH_CONFIDENCE_PATTERNS]))
    event = data.draw(st.one_of([of_struct(event_type) for event_type in EVENT_TYPES[channel]]))
    message = json.loads(encode(event))
    container, key = data.draw(st.sampled_from(range(len(places(message)))).map(lambda i: places(message)[i]))
    if data.draw(st.booleans()):
        container[key] = data.draw(replacements)
    else:
        del container[key]
    assert is_decoded(channel, json.dumps(message)) == VALIDATORS[channel].is_valid(message)


def test_a_value_that_is_no_number_is_invalid() -> None:
    event = json.loads(INDICATOR)
    event["calculation"]["value"] = None
    assert not VALIDATORS[Channel.INDICATORS].is_valid(event)
