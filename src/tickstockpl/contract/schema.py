"""JSON Schemas (draft 2020-12) of what each channel carries, generated from the event Structs.

The schemas say what leaves a producer, to the letter: every field is required, save a pattern's reasons, and no other
is allowed, save in an indicator's ``metadata``, which is open because each indicator brings parameters and outputs of
its own. A consumer is more lenient: it ignores fields that it does not know
(:func:`tickstockpl.contract.codec.decode` does).
"""

from typing import Any

import msgspec

from tickstockpl.contract.channels import HIGH_CONFIDENCE, Channel
from tickstockpl.contract.codec import EVENT_TYPES
from tickstockpl.contract.meanings import MEANINGS

JsonObject = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DEFINITIONS = "#/$defs/"

CLEARLY_ENOUGH: JsonObject = {
    "StreamingPattern": {
        "properties": {"detection": {"properties": {"confidence": {"minimum": HIGH_CONFIDENCE}}}},
    },
    "StreamingPatternsBatch": {
        "properties": {"patterns": {"items": {"properties": {"confidence": {"minimum": HIGH_CONFIDENCE}}}}},
    },
}
"""What ``patterns:detected`` asks of the two pattern events beyond their own schemas."""


def schema_for(channel: Channel | str) -> JsonObject:
    """The JSON Schema that every message of a channel satisfies; it refers to nothing outside itself.

    Args:
        channel: one of the contract's, as :class:`Channel` or by its name.

    Raises:
        ValueError: if the channel is not of the contract.
    """
    channel = Channel(channel)
    events = [event_name(event) for event in EVENT_TYPES[channel]]
    forms = [payload(channel, event, DEFINITIONS) for event in events]
    definitions = definitions_below(DEFINITIONS)
    return {
        "$schema": DIALECT,
        "$id": f"urn:tickstockpl:contract:{channel}",
        "title": str(channel),
        **(forms[0] if len(forms) == 1 else {"oneOf": forms}),
        "$defs": {name: definitions[name] for name in _reachable(events, definitions)},
    }


def schema_of(message: type[msgspec.Struct], name: str) -> JsonObject:
    """The JSON Schema of a message that goes on no channel: a command, or the answer to one.

    Args:
        message: its type.
        name: what the schema's ``$id`` calls it.
    """
    (reference,), definitions = msgspec.json.schema_components([message], ref_template=DEFINITIONS + "{name}")
    exact = {part: _exact(definition) for part, definition in sorted(definitions.items())}
    return {
        "$schema": DIALECT,
        "$id": f"urn:tickstockpl:contract:{name}",
        "title": name,
        **reference,
        "$defs": exact,
    }


def event_name(event: type[msgspec.Struct]) -> str:
    """The name of an event's schema among the definitions."""
    return event.__name__


def payload(channel: Channel, event: str, below: str) -> JsonObject:
    """The schema of one event as this channel carries it.

    Args:
        channel: the channel.
        event: the event's name among the definitions.
        below: where the definitions are, ``#/$defs/``.
    """
    reference: JsonObject = {"$ref": below + event}
    if channel is not Channel.HIGH_CONFIDENCE_PATTERNS:
        return reference
    return {"allOf": [reference, CLEARLY_ENOUGH[event]]}


def definitions_below(below: str) -> dict[str, JsonObject]:
    """The schemas of all events and their parts, by name, with references to ``below``."""
    events = dict.fromkeys(event for carried in EVENT_TYPES.values() for event in carried)
    _, definitions = msgspec.json.schema_components(events, ref_template=below + "{name}")
    exact = {name: _exact(definition) for name, definition in definitions.items()}
    for name, definition in exact.items():
        definition["additionalProperties"] = False
        for field, schema in definition["properties"].items():
            if (meaning := MEANINGS.get(f"{name}.{field}")) is not None:
                schema["description"] = f"{meaning}. {schema['description']}" if "description" in schema else meaning
    return exact


def _exact(schema: Any) -> Any:
    """The same schema in JSON Schema's own words where msgspec passes on Python's."""
    if isinstance(schema, list):
        return [_exact(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    exact = {key: _exact(value) for key, value in schema.items()}
    if isinstance(pattern := exact.get("pattern"), str):
        exact["pattern"] = pattern.replace(r"\Z", "$")
    if isinstance(description := exact.get("description"), str):
        exact["description"] = " ".join(description.replace("``", "`").split())
    return exact


def _reachable(names: list[str], definitions: dict[str, JsonObject]) -> list[str]:
    """The definitions that those named need, themselves first, each once."""
    found = dict.fromkeys(names)
    waiting = list(names)
    while waiting:
        for name in _references(definitions[waiting.pop(0)]):
            if name not in found:
                found[name] = None
                waiting.append(name)
    return list(found)


def _references(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for item in schema for name in _references(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"].removeprefix(DEFINITIONS)] if "$ref" in schema else []
    return own + [name for value in schema.values() for name in _references(value)]
