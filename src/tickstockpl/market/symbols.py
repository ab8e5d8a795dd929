"""The contract's grammar of a stock symbol, checked at every edge."""

import re

from tickstockpl.contract.fields import SYMBOL_PATTERN
from tickstockpl.errors import TickStockError

_SYMBOL = re.compile(SYMBOL_PATTERN)


def is_symbol(text: str) -> bool:
    """Whether ``text`` is a symbol: 1 to 10 of ``A-Z 0-9 . -``, beginning with a letter or digit."""
    return _SYMBOL.fullmatch(text) is not None


def check_symbol(text: str, where: str) -> str:
    """Return ``text`` if it is a symbol.

    Raises:
        TickStockError: if it is not; names ``text`` and ``where`` it stood.
    """
    if not is_symbol(text):
        raise TickStockError(
            f"{where}: {text!r} is not a symbol; a symbol is 1 to 10 of A-Z, 0-9, '.' and '-', "
            "and begins with a letter or digit"
        )
    return text
