"""The password of the page: hashed with Argon2, checked one at a time."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

LONGEST_PASSWORD: Final = 1_024
"""Characters; what is longer is wrong without being looked at."""


def hash_password(password: str) -> str:
    """What may stand in ``TICKSTOCK_DASHBOARD_PASSWORD_HASH``; it takes a moment, and 64 MiB."""
    return PasswordHasher().hash(password)


class PasswordCheck:
    """Says whether a password is the one.

    Args:
        password_hash: of :func:`hash_password`.
    """

    def __init__(self, password_hash: str) -> None:
        self._hash = password_hash
        self._hasher = PasswordHasher()
        self._turn = asyncio.Lock()  # each takes its 64 MiB

    async def is_right(self, password: str) -> bool:
        """Compare, in a thread; takes the same time whatever is wrong with it."""
        if len(password) > LONGEST_PASSWORD:
            return False
        async with self._turn:
            return await asyncio.to_thread(self._verify, password)

    def _verify(self, password: str) -> bool:
        try:
            return self._hasher.verify(self._hash, password)
        except (Argon2Error, InvalidHashError):
            return False
