"""Which packages the program is made of, and their licences, as the installed packages say themselves."""

import re
from dataclasses import dataclass
from importlib import metadata
from typing import Final

_NAME = re.compile(r"[A-Za-z0-9][\w.\-]*")
_LONGEST_LICENCE: Final = 100
"""Characters; what is longer is the whole text."""


@dataclass(frozen=True, slots=True)
class Part:
    """A package that is installed because the program needs it.

    Attributes:
        name: on PyPI.
        version: that is installed.
        licence: as its metadata name it.
        home: ``https://`` address of its project; empty where it has none.
    """

    name: str
    version: str
    licence: str
    home: str


def parts(root: str = "tickstockpl") -> list[Part]:
    """All packages that ``root`` needs, and that those need, by name; takes some 50 ms."""
    found: dict[str, Part] = {}
    waiting = _needed(root)
    while waiting:
        name = waiting.pop()
        key = _key(name)
        if key in found or key == _key(root):
            continue
        try:
            package = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue  # of another platform
        found[key] = Part(package["Name"], package["Version"], _licence(package), _home(package))
        waiting += _needed(name)
    return [found[key] for key in sorted(found)]


def _needed(name: str) -> list[str]:
    try:
        required = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []
    matches = (_NAME.match(line) for line in required if not re.search(r"\bextra\s*==", line))
    return [match[0] for match in matches if match is not None]


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _licence(package: metadata.PackageMetadata) -> str:
    for field in ("License-Expression", "License"):
        text = _field(package, field)
        if text and text != "UNKNOWN" and len(text) <= _LONGEST_LICENCE and "\n" not in text:
            return text
    classifiers = [line.rpartition(" :: ")[2] for line in package.get_all("Classifier") or [] if "License ::" in line]
    return ", ".join(classifiers) or "see the package"


def _home(package: metadata.PackageMetadata) -> str:
    labelled = [line.partition(",") for line in package.get_all("Project-URL") or []]
    wanted = ("homepage", "source", "source code", "repository", "github", "documentation")
    by_label = {label.strip().lower(): url.strip() for label, _, url in labelled}
    candidates = [_field(package, "Home-page"), *(by_label.get(label, "") for label in wanted), *by_label.values()]
    return next((url for url in candidates if url.startswith("https://")), "")


def _field(package: metadata.PackageMetadata, name: str) -> str:
    return package[name].strip() if name in package else ""
