"""Striking secrets out of whatever is said: log lines, errors, health issues, alerts."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, unquote

HIDDEN: Final = "***"
"""What stands where a secret was."""

SHORTEST: Final = 4
"""Characters from which a password is struck out wherever it occurs; a shorter one would tear holes into every word."""

KEY_PREFIX: Final = "tspl_"
"""What every key begins with that the dashboard gives out, so that one is recognised wherever it stands."""

_SECRET_NAME = re.compile(r"passw(?:or)?d|passphrase|secret|token|authorization|credential|api[_-]?key", re.IGNORECASE)

_PATTERNS: Final = (
    # A password in a URL; to the last @, for one that is not percent-encoded may hold an @ itself.
    (re.compile(r"(\b[a-z][a-z0-9+.\-]*://[^\s:/@]*:)\S*(?=@)", re.IGNORECASE), rf"\g<1>{HIDDEN}"),
    (re.compile(rf"{KEY_PREFIX}[\w\-]{{8,}}"), HIDDEN),
    (re.compile(r"\b((?:basic|bearer)\s+)(?!authentication\b)[\w.~+/\-]{8,}=*", re.IGNORECASE), rf"\g<1>{HIDDEN}"),
    (
        re.compile(
            r"((?:passw(?:or)?d|passphrase|secret|token|authorization|credential|api[_-]?key)[\w\-]*[\"']?\s*[=:]\s*)"
            r"(?:(?:basic|bearer)\s+)?(?:\"[^\"]*\"|'[^']*'|[^\s,;&)}\]]+)",
            re.IGNORECASE,
        ),
        rf"\g<1>{HIDDEN}",
    ),
)

# Both readings of a URL that is not well-formed: to its first @ and to its last.
_IN_ADDRESS: Final = (
    re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[^:@/?]*:(.*?)@", re.DOTALL),
    re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[^:@/?]*:(.*)@", re.DOTALL),
    re.compile(r"[?&]\w*password=([^&#\s]*)"),
)


def passwords_in(address: str) -> set[str]:
    """The passwords that a URL may hold, as they stand there; several for one that can be read in several ways."""
    return {found for pattern in _IN_ADDRESS for found in pattern.findall(address) if found}


class Redactor:
    """Strikes out secrets: by their value where it is known, and by the place where they stand.

    Known are the passwords of the addresses it was told of, in every spelling in which a message may quote them
    (percent-encoded, escaped, on one line). By their place: passwords in any URL, ``Authorization``, and whatever is
    named password, secret, token or key.

    Args:
        addresses: URLs of servers; ``None`` among them is passed over.
    """

    def __init__(self, addresses: Iterable[str | None] = ()) -> None:
        self._spellings: set[str] = set()
        self._known: re.Pattern[str] | None = None
        self.learn(addresses)

    def learn(self, addresses: Iterable[str | None]) -> None:
        """Strike out these addresses' passwords too, from now on."""
        self.learn_secrets(password for address in addresses for password in passwords_in(address or ""))

    def learn_secrets(self, secrets: Iterable[str | None]) -> None:
        """Strike out these too, from now on; ``None`` among them is passed over."""
        for secret in secrets:
            self._spellings.update(spelt for spelt in _spellings(secret or "") if len(spelt) >= SHORTEST)
        if self._spellings:
            longest_first = sorted(self._spellings, key=len, reverse=True)
            self._known = re.compile("|".join(map(re.escape, longest_first)))

    def text(self, text: str) -> str:
        """The text without its secrets."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text

    def value(self, value: object) -> object:
        """A value of any kind without its secrets: texts within lists and dictionaries, others by what they say."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return self.fields(value)
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(item) for item in value]
        return self.text(str(value))

    def fields(self, fields: Mapping[Any, object]) -> dict[Any, object]:
        """Named values without their secrets; whatever is named like a secret is struck out whole."""
        return {
            self.value(name): HIDDEN if _SECRET_NAME.search(str(name)) and value is not None else self.value(value)
            for name, value in fields.items()
        }


def _spellings(password: str) -> Iterator[str]:
    """How a message may spell a password that stands in a URL so."""
    for plain in (password, unquote(password)):
        one_line = " ".join("".join(sign if sign.isprintable() else " " for sign in plain).split())
        for spelt in (plain, one_line):
            yield spelt
            yield quote(spelt, errors="surrogateescape")
            yield quote(spelt, safe="", errors="surrogateescape")
            yield repr(spelt)[1:-1]
            yield repr(spelt.encode(errors="surrogateescape"))[2:-1]
            yield json.dumps(spelt)[1:-1]
            yield json.dumps(spelt, ensure_ascii=False)[1:-1]
            yield spelt.replace("'", "''")  # SQL
            yield spelt.replace("\\", "\\\\").replace("'", "\\'")  # libpq's connection strings
