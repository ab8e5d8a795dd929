"""The page ``docs/contract/channels.md``: the AsyncAPI document, for people."""

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from tickstockpl.contract.meanings import UNITS
from tickstockpl.contract.schema import JsonObject

_HEAD: Final = """\
# The channels

<!-- Written by python -m tickstockpl.contract -->

Version {version} of the contract, channel by channel; [asyncapi.json](asyncapi.json) says the same to programs. {about}

In the tables a *time* is a string such as `2025-10-06T14:15:00.000Z`, a *UUID* one such as
`550e8400-e29b-41d4-a716-446655440000`. `a.b` is the field `b` of the object `a`, and `a[].b` that of each member of the
list `a`. A field that is not *always* there is left out, never `null`.

| channel | what | when |
| --- | --- | --- |
"""
_ABOUT_TIMES: Final = "UTC, ISO 8601 with milliseconds and Z"
_NAMES: Final = {"date-time": "time", "uuid": "UUID"}


class Field(NamedTuple):
    """A row of a table: a field of a message, however deep."""

    path: str
    kind: str
    bounds: str
    unit: str
    meaning: str
    always: bool


def channels_page(document: JsonObject) -> str:
    """The page, from the document of :func:`~tickstockpl.contract.asyncapi.asyncapi_document`."""
    head = _HEAD.format(version=document["info"]["version"], about=document["info"]["description"])
    channels: list[tuple[str, JsonObject]] = list(document["channels"].items())
    rows = (
        f"| [`{channel['address']}`](#{anchor(channel['address'])}) | {channel['title']} | {channel['description']} |\n"
        for _, channel in channels
    )
    sections = (line for key, channel in channels for line in _section(document, key, channel))
    return head + "".join(rows) + "".join(f"\n{line}\n" for line in sections)


def anchor(address: str) -> str:
    """The name by which links find the heading of a channel."""
    return address.replace(":", "")


def fields(document: JsonObject, schema: JsonObject, path: str = "") -> Iterator[Field]:
    """The fields of an object, each followed by those within it."""
    for name, of in schema["properties"].items():
        at = f"{path}{name}"
        resolved = _resolved(document, of)
        kind, within = _kind(document, resolved)
        yield Field(at, kind, _bounds(resolved), UNITS.get(name, ""), _meaning(of, name), name in schema["required"])
        if within is not None:
            yield from fields(document, within, f"{at}[]." if resolved.get("type") == "array" else f"{at}.")


def _section(document: JsonObject, key: str, channel: JsonObject) -> Iterator[str]:
    address = channel["address"]
    yield f"## {address}"
    yield f"{channel['title']}. {channel['description']} JSON Schema: [`{key}.schema.json`]({key}.schema.json)."
    for name, reference in channel["messages"].items():
        message = _pointed_at(document, reference)
        yield f"### {message['name']}{_on(document, address, name)}"
        yield message["title"]
        schema = message["payload"]
        if "allOf" in schema:
            first = _first_with(document, name)
            yield (
                f"The fields are those of [{message['name']}](#{message['name']}) on [`{first}`](#{anchor(first)}); "
                f"`confidence` is {_least(schema)} to 1."
            )
        else:
            yield _table(fields(document, _pointed_at(document, schema)))
        yield f"```json\n{json.dumps(message['examples'][0]['payload'], indent=2, ensure_ascii=False)}\n```"


def _table(rows: Iterator[Field]) -> str:
    lines = ["| field | meaning | type | bounds | unit | always |", "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        cells = (f"`{row.path}`", row.meaning, row.kind, row.bounds, row.unit, "yes" if row.always else "no")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _on(document: JsonObject, address: str, message: str) -> str:
    """What tells a heading from that of the same message on another channel."""
    return "" if _first_with(document, message) == address else f" on {address}"


def _first_with(document: JsonObject, message: str) -> str:
    return next(str(one["address"]) for one in document["channels"].values() if message in one["messages"])


def _least(schema: JsonObject) -> Any:
    """The least confidence that a narrowed event may have."""
    found = [part["minimum"] for part in _objects(schema) if "minimum" in part]
    return found[0]


def _objects(value: Any) -> Iterator[JsonObject]:
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(item)


def _pointed_at(document: JsonObject, reference: JsonObject) -> JsonObject:
    place: JsonObject = document
    for part in reference["$ref"].removeprefix("#/").split("/"):
        place = place[part]
    return _pointed_at(document, place) if "$ref" in place else place


def _resolved(document: JsonObject, schema: JsonObject) -> JsonObject:
    return _pointed_at(document, schema) if "$ref" in schema else schema


def _kind(document: JsonObject, schema: JsonObject) -> tuple[str, JsonObject | None]:
    """A type in words, and the object whose fields stand below it."""
    if "anyOf" in schema:
        kinds = [_kind(document, _resolved(document, one)) for one in schema["anyOf"]]
        within = next((found for _, found in kinds if found is not None), None)
        return " or ".join(dict.fromkeys(name for name, _ in kinds)), within
    if "enum" in schema:
        return "string", None
    if schema["type"] == "array":
        name, within = _kind(document, _resolved(document, schema["items"]))
        return f"list of {name}s", within
    if schema["type"] == "object" and "properties" not in schema:
        return f"object of {_kind(document, schema['additionalProperties'])[0]}", None
    name = _NAMES.get(schema.get("format", ""), str(schema["type"]))
    return name, schema if schema["type"] == "object" else None


def _bounds(schema: JsonObject) -> str:
    """What a value may be."""
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "exclusiveMinimum" in schema:
        return f"above {schema['exclusiveMinimum']:g}"
    low, high = schema.get("minimum", schema.get("minItems")), schema.get("maximum", schema.get("maxItems"))
    if high is not None:
        return f"{low:g} to {high:g}"
    if low is not None:
        return f"{low:g} or more"
    pattern = schema.get("pattern")
    return f"`{pattern}`" if pattern and "format" not in schema else ""


def _meaning(schema: JsonObject, name: str) -> str:
    if name == "type":
        return "What the message is"
    described = str(schema.get("description", "")).removesuffix(_ABOUT_TIMES).removesuffix("US dollars per share")
    return described.strip().removesuffix(".").replace("|", "\\|")
