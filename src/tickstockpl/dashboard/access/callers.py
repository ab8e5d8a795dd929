"""Who is on the other side of a request, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    """What somebody may do: a viewer reads everything, an administrator also changes things."""

    VIEWER = "viewer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request.

    Attributes:
        name: for the record: a token's name, ``password`` or ``link`` for how a browser was signed in, ``admin`` for
            ``TICKSTOCK_ADMIN_TOKEN``, ``local`` where nobody is asked.
        role: what they may do.
        by: what they showed: the cookie of a browser, a token in a header, or nothing where nobody is asked.
        key_hash: of the stored key that they showed; ``None`` where none is stored.
    """

    name: str
    role: Role
    by: Literal["cookie", "header", "nothing"]
    key_hash: bytes | None = None

    @property
    def is_admin(self) -> bool:
        """Whether they may change things."""
        return self.role is Role.ADMIN


LOCAL = Caller("local", Role.VIEWER, "nothing")
"""Anybody on this machine, where nobody is asked."""
