"""The types of settings that are more than a number or a word: what they may be, and how that is told."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, SecretStr

SHORTEST_TOKEN = 16
"""Characters that a token must have at least."""

UserPath = Annotated[Path, AfterValidator(Path.expanduser)]
"""A path; ``~`` is the user's, though no shell has seen it."""


def _long_enough(token: SecretStr) -> SecretStr:
    text = token.get_secret_value()
    if len(text) < SHORTEST_TOKEN or not text.isprintable() or " " in text:
        raise ValueError(f"it should be {SHORTEST_TOKEN} printable characters or more, without spaces")
    return token


Token = Annotated[SecretStr, AfterValidator(_long_enough)]
"""A secret that a client sends in a header."""


def _argon2(password_hash: SecretStr) -> SecretStr:
    if _ARGON2.fullmatch(password_hash.get_secret_value()) is None:
        raise ValueError("it should be the line that tickstockpl dashboard password has printed, $argon2id$...")
    return password_hash


_ARGON2 = re.compile(r"\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}")
PasswordHash = Annotated[SecretStr, AfterValidator(_argon2)]
"""An Argon2 hash in its usual form; kept like a password, for it can be guessed at."""


def _websocket(url: str) -> str:
    if not url.startswith(("ws://", "wss://")):
        raise ValueError("it should begin with ws:// or wss://")
    return url


def _rest(url: str) -> str:
    if url != "off" and not url.startswith(("http://", "https://")):
        raise ValueError("it should begin with http:// or https://, or be off")
    return url


WebSocketUrl = Annotated[str, AfterValidator(_websocket)]
RestUrl = Annotated[str, AfterValidator(_rest)]
