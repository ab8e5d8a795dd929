"""What stands in the code blocks of the pages."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    """A page's blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


def block(page: str, language: str) -> str:
    """A page's only block of a language."""
    (found,) = blocks(page, language)
    return found
