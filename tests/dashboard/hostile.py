"""Messages of the contract with one value in them exchanged for a hostile one."""

import json
from collections.abc import Iterator
from typing import Any

from tickstockpl.subscriber import Message

HOSTILE_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**30,
    10**400,
    5e-324,
    1.7e308,
    "",
    "\ud800",
    "\x00",
    "x" * 5_000,
    "__proto__",
    "<img src=x onerror=alert(1)>",
    "2025-02-30T09:30:00.000Z",
    "0001-01-01T00:00:00.000Z",
    "9999-12-31T23:59:59.999Z",
    [],
    [[]],
    {},
    {"a": {}},
    {"instance": 5, "signal": 10**400},
)


def spoiled(message: Message, value: object) -> Iterator[Message]:
    """The message with ``value`` in each of its places in turn, the whole of it included."""
    channel, payload = message
    event = json.loads(payload)
    for place in _places(event):
        yield channel, json.dumps(_replaced(event, place, value)).encode()


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from _places(item, (*place, key))


def _replaced(value: Any, place: tuple[Any, ...], new: object) -> Any:
    if not place:
        return new
    copy = value.copy()
    copy[place[0]] = _replaced(value[place[0]], place[1:], new)
    return copy
