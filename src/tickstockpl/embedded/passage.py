"""Letting one user pass through a folder that is closed to others, and letting nobody else in."""

import contextlib
import os
import struct
from pathlib import Path
from typing import Final

_ATTRIBUTE: Final = "system.posix_acl_access"
_VERSION: Final = 2
_USER_OBJECT, _USER, _GROUP_OBJECT, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NO_ID: Final = 0xFFFFFFFF
_PASS: Final = 0o1

Entry = tuple[int, int, int]
"""tag, permissions, id"""


def grant_passage(folder: Path, uid: int) -> bool:
    """Add "user ``uid`` may pass through" to a folder's access control list; whether that could be done.

    It could not where the file system knows no such lists, or Python not how to write them (macOS). The format is that
    of Linux's ``posix_acl_xattr.h``: a version, then entries sorted by tag and id.
    """
    if not hasattr(os, "setxattr"):
        return False
    entries = {(tag, owner): permissions for tag, permissions, owner in _read(folder)}
    entries[_USER, uid] = entries.get((_USER, uid), 0) | _PASS
    # The mask bounds what named users and groups may do; without one yet, the group's own rights are its beginning.
    entries[_MASK, _NO_ID] = entries.get((_MASK, _NO_ID), entries[_GROUP_OBJECT, _NO_ID]) | _PASS
    packed = struct.pack("<I", _VERSION) + b"".join(
        struct.pack("<HHI", tag, permissions, owner) for (tag, owner), permissions in sorted(entries.items())
    )
    with contextlib.suppress(OSError):
        os.setxattr(folder, _ATTRIBUTE, packed)
        return True
    return False


def _read(folder: Path) -> list[Entry]:
    with contextlib.suppress(OSError):  # there is none yet
        packed = os.getxattr(folder, _ATTRIBUTE)
        return list(struct.iter_unpack("<HHI", packed[4:]))
    mode = folder.stat().st_mode
    return [
        (_USER_OBJECT, mode >> 6 & 0o7, _NO_ID),
        (_GROUP_OBJECT, mode >> 3 & 0o7, _NO_ID),
        (_OTHER, mode & 0o7, _NO_ID),
    ]
