"""``tickstockpl dashboard link``, ``token``, ``keys``, ``revoke`` and ``password``: who may open the page."""

import re
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from getpass import getpass
from typing import Final, Literal
from urllib.parse import urlsplit

from rich.console import Console

from tickstockpl.dashboard.access.callers import Role
from tickstockpl.dashboard.access.identity import DAY_MS, RESERVED_NAMES
from tickstockpl.dashboard.access.keys import FILE, KeyStore, Kind, StoredKey
from tickstockpl.dashboard.access.links import new_link
from tickstockpl.dashboard.access.passwords import LONGEST_PASSWORD, hash_password
from tickstockpl.errors import TickStockError
from tickstockpl.settings import Settings

SHORTEST_PASSWORD: Final = 12
"""Characters that a password must have at least; whoever may try, may try for years."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}")


def print_link(settings: Settings, role: Literal["viewer", "admin"], console: Console) -> None:
    """Print a link that signs one browser in, once.

    Raises:
        TickStockError: if no dashboard was started on the data folder, or its keys cannot be used.
    """
    with _keys(settings) as keys:
        if (address := keys.address()) is None:
            raise TickStockError(
                f"no dashboard has been started on the data folder {settings.data_dir}; start one with tickstockpl "
                "dashboard, or name its folder with TICKSTOCK_DATA_DIR"
            )
        if not _is_there(address):
            hint = (
                f"Nobody answers at {address} now; the link holds once the dashboard is there again, for a day at most."
            )
            Console(stderr=True, highlight=False).print(hint, soft_wrap=True, markup=False)
        console.print(new_link(keys, address, Role(role)), soft_wrap=True, markup=False)


def page_address(settings: Settings) -> str | None:
    """Where the dashboard of the data folder answers; ``None`` where none does."""
    if not (settings.data_dir / FILE).is_file():
        return None
    with closing(KeyStore(settings.data_dir)) as keys:
        address = keys.address()
    return address if address is not None and _is_there(address) else None


def _is_there(address: str) -> bool:
    """Whether somebody listens at the page's address."""
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((parts.hostname or "", port), timeout=2):
            return True
    except OSError:
        return False


def make_token(
    settings: Settings, name: str, role: Literal["viewer", "admin"], days: int | None, console: Console
) -> None:
    """Make a token for a script, and print it; it is kept nowhere.

    Raises:
        TickStockError: if the name cannot be used or is another's, or the keys cannot be used.
    """
    if _NAME.fullmatch(name) is None or name in RESERVED_NAMES:
        raise TickStockError(
            f"--name was {name!r}; write up to 50 letters, digits, dots and hyphens, beginning with a letter or digit, "
            f"and none of {', '.join(sorted(RESERVED_NAMES))}"
        )
    with _keys(settings) as keys:
        valid_ms = None if days is None else days * DAY_MS
        console.print(keys.create(Kind.TOKEN, Role(role), name, valid_ms), soft_wrap=True, markup=False)


def show_keys(settings: Settings, console: Console) -> None:
    """Show every key that holds, without the keys themselves.

    Raises:
        TickStockError: if the keys cannot be used.
    """
    with _keys(settings) as keys:
        found = keys.all()
    if not found:
        console.print("Nobody: no token, no signed-in browser, no link.")
    for key in found:
        console.print(_line(key), soft_wrap=True, markup=False)


def revoke(settings: Settings, name: str | None, console: Console, *, everything: bool) -> None:
    """Let a token hold no more, or no key at all.

    Raises:
        TickStockError: if it is not said which, there is no such token, or the keys cannot be used.
    """
    if (name is None) != everything:
        raise TickStockError("what is to be revoked is not clear; write the name of a token, or --all")
    with _keys(settings) as keys:
        if name is None:
            console.print(f"Revoked: all {keys.revoke_all()}; open pages are closed within half a minute.")
            return
        if not keys.revoke_token(name):
            names = ", ".join(key.name for key in keys.all() if key.kind is Kind.TOKEN) or "none"
            raise TickStockError(f"there is no token of the name {name!r}; there are: {names}")
        console.print(f"Revoked: {name}", markup=False)


def print_password_hash(console: Console) -> None:
    """Ask for a password twice, or read it from standard input, and print its hash.

    Raises:
        TickStockError: if it is too short or too long, or the two are not the same.
    """
    if sys.stdin.isatty():
        password = getpass("Password: ")
        if getpass("Again: ") != password:
            raise TickStockError("the two passwords are not the same; try again")
    else:
        password = sys.stdin.readline().rstrip("\n")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise TickStockError(
            f"the password had {len(password):,} characters; take {SHORTEST_PASSWORD} to {LONGEST_PASSWORD:,}"
        )
    console.print(hash_password(password), soft_wrap=True, markup=False)


@contextmanager
def _keys(settings: Settings) -> Iterator[KeyStore]:
    if settings.auth == "off":
        raise TickStockError("TICKSTOCK_AUTH is off, so nobody needs a key; set it to on")
    if not settings.data_dir.is_dir():
        raise TickStockError(
            f"the data folder {settings.data_dir} does not exist, so there are no keys in it ({FILE}); name the "
            "dashboard's with TICKSTOCK_DATA_DIR"
        )
    with closing(KeyStore(settings.data_dir)) as keys:
        yield keys


def _line(key: StoredKey) -> str:
    until = "until it is revoked" if key.expires_ms is None else f"until {_day(key.expires_ms)}"
    what = f"{key.kind} {key.name}" if key.kind is Kind.TOKEN else f"{key.kind}, by {key.name}"
    if key.kind is Kind.LINK:
        what = "link, not opened"
    return f"{what:<30}{key.role:<8}made {_day(key.created_ms)}, {until}"


def _day(unix_ms: int) -> str:
    return datetime.fromtimestamp(unix_ms / 1000, UTC).strftime("%Y-%m-%d %H:%MZ")
