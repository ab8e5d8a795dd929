"""Which packages the program is made of, and their licences, as the installed packages say themselves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Final

_REQUIREMENT = re.compile(r"([A-Za-z0-9][\w.\-]*)\s*(?:\[([^\]]*)\])?")
_EXTRA = re.compile(r"\bextra\s*==\s*[\"']([^\"']*)[\"']")
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
    seen: set[tuple[str, str]] = set()
    waiting = [(root, "")]
    while waiting:
        name, extras = waiting.pop()
        if (_key(name), extras) in seen:
            continue
        seen.add((_key(name), extras))
        try:
            package, required = metadata.metadata(name), metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # of another platform
        found[_key(name)] = Part(package["Name"], package["Version"], _licence(package), _home(package))
        waiting += _needed(required, extras)
    del found[_key(root)]
    return [found[key] for key in sorted(found)]


def _needed(required: list[str], extras: str) -> Iterator[tuple[str, str]]:
    """Names of what is required, each with the extras that are wanted of it: ``psycopg``, ``binary,pool``."""
    wanted = {extra.strip() for extra in extras.split(",")}
    for line in required:
        of_extra = _EXTRA.search(line)
        match = _REQUIREMENT.match(line)
        if match is not None and (of_extra is None or of_extra[1] in wanted):
            yield match[1], match[2] or ""


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
