"""Events of every type for Hypothesis, built from what the Structs themselves declare."""

from typing import Any

from hypothesis import strategies as st
from msgspec import UNSET, Struct, inspect

from tickstockpl.contract.codec import EVENT_TYPES
from tickstockpl.contract.timestamps import TIMESTAMP_PATTERN, to_iso

LAST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999."""

FIRST_MS = -62_135_596_800_000
"""The first millisecond of the year 1."""

MOST_ITEMS = 3

instants = st.integers(FIRST_MS, LAST_MS)
events: st.SearchStrategy[Any] = st.deferred(
    lambda: st.one_of([of_struct(event) for types in EVENT_TYPES.values() for event in types])
)


def of_struct(struct: type[Struct]) -> st.SearchStrategy[Any]:
    """Instances of a Struct that keep all of its declared bounds."""
    return _values(inspect.type_info(struct))


def _field(field: inspect.Field) -> st.SearchStrategy[Any]:
    values = _values(field.type)
    return values if field.required else values | st.just(UNSET)


def _values(declared: inspect.Type) -> st.SearchStrategy[Any]:
    match declared:
        case inspect.Metadata(type=inner):
            return _values(inner)
        case inspect.StructType(cls=cls, fields=fields):
            return st.builds(cls, **{field.name: _field(field) for field in fields})
        case inspect.UnionType(types=types):
            return st.one_of([_values(one) for one in types])
        case inspect.ListType(item_type=item, min_length=least):
            return st.lists(_values(item), min_size=least or 0, max_size=MOST_ITEMS)
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(_values(key), _values(value), max_size=MOST_ITEMS)
        case inspect.StrType(pattern=None):
            return st.text(max_size=20)
        case inspect.StrType(pattern=str(pattern)) if TIMESTAMP_PATTERN in pattern:
            return instants.map(to_iso)
        case inspect.StrType(pattern=str(pattern)):
            return st.from_regex(pattern)
        case inspect.IntType(ge=least, le=most):
            return st.integers(least if least is not None else -(2**53), most if most is not None else 2**53)
        case inspect.FloatType(ge=least, gt=above, le=most):
            return st.floats(
                min_value=least if least is not None else above,
                max_value=most,
                exclude_min=above is not None,
                allow_nan=False,
                allow_infinity=False,
            )
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
    raise AssertionError(f"no strategy for {declared}")
