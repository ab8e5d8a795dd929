"""Words that change when candles are turned upside down."""

import re
from typing import Final

_OPPOSITES: Final = (
    ("above", "below"),
    ("black", "white"),
    ("bottom", "top"),
    ("down", "up"),
    ("fall", "rise"),
    ("falling", "rising"),
    ("falls", "rises"),
    ("fell", "rose"),
    ("high", "low"),
    ("higher", "lower"),
    ("highest", "lowest"),
    ("upper", "lower"),
    ("upward", "downward"),
)
_TURNED: Final = {one: other for pair in _OPPOSITES for one, other in (pair, pair[::-1])} | {"lower": "upper"}
_WORDS: Final = re.compile(r"[a-z]+")


def turned(text: str) -> str:
    """The same text with every direction turned round: ``upper_shadow_is_long`` is ``lower_shadow_is_long``.

    ``lower`` turns to ``upper``, as shadows and bands do; write ``smaller`` for a number.
    """
    return _WORDS.sub(lambda found: _TURNED.get(found.group(), found.group()), text)
