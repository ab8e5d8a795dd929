"""The terminal's own colours, so that it looks as its user has it, dark or light."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

STYLES: Final[Mapping[str, str]] = MappingProxyType(
    {"plain": "", "good": "green", "warning": "yellow", "bad": "bold red"}
)
"""By tone."""
