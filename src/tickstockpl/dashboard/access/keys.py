"""Keys that were given out, kept by their hashes in the data folder: links, signed-in browsers, scripts' tokens."""

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from tickstockpl import clock
from tickstockpl.dashboard.access.callers import Role
from tickstockpl.errors import TickStockError
from tickstockpl.redaction import KEY_PREFIX

FILE: Final = Path("access", "keys.sqlite")
"""Where the keys are, in the data folder."""

MOST_KEYS: Final = 1_000
"""Links, and signed-in browsers, that are kept; beyond that the oldest go. Tokens stay until they are revoked."""

_ENTROPY_BYTES = 32
_LOCK_TIMEOUT_S = 5.0
_SCHEMA = """
    CREATE TABLE IF NOT EXISTS keys (
        hash BLOB PRIMARY KEY,
        kind TEXT NOT NULL,
        role TEXT NOT NULL,
        name TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        expires_ms INTEGER
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX IF NOT EXISTS token_names ON keys (name) WHERE kind = 'token';
    CREATE TABLE IF NOT EXISTS dashboard (only INTEGER PRIMARY KEY CHECK (only = 1), address TEXT NOT NULL);
"""


class Kind(StrEnum):
    """What a key is for."""

    LINK = "link"
    """Signs one browser in, once."""

    BROWSER = "browser"
    """Is in the cookie of a browser that was signed in."""

    TOKEN = "token"  # noqa: S105 - the word, not one
    """Is sent by a script in a header."""


class KeyStoreError(TickStockError):
    """The keys cannot be read or written now."""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """What is known of a key; the key itself only its holder knows.

    Attributes:
        hash: SHA-256 of the key.
        kind: what it is for.
        role: what its holder may do.
        name: a token's own name; of a link and a browser, how it came about.
        created_ms: when it was made, Unix time.
        expires_ms: until when it holds, Unix time; ``None`` is for ever.
    """

    hash: bytes
    kind: Kind
    role: Role
    name: str
    created_ms: int
    expires_ms: int | None


class KeyStore:
    """The keys of a data folder, in a file of SQLite that only its owner may read.

    Several processes may use it at once. Whatever reads takes some 30 µs; what writes waits for the disk, so an event
    loop calls it in a thread. All methods raise :class:`KeyStoreError` when the file cannot be used.

    Args:
        data_dir: the data folder (``TICKSTOCK_DATA_DIR``); the file is made if it is missing.
    """

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / FILE
        with self._told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.parent.chmod(0o700)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            self.path.chmod(0o600)  # SQLite's own files beside it take its mode
            with closing(self._connect()) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(_SCHEMA)
            self._reader = self._connect()

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()

    def create(self, kind: Kind, role: Role, name: str, valid_ms: int | None) -> str:
        """Make a key.

        Args:
            kind: what it is for.
            role: what its holder may do.
            name: of a token: its own; else how it came about.
            valid_ms: how long it holds; ``None`` is for ever.

        Returns:
            The key, which is kept nowhere.

        Raises:
            TickStockError: if there is a token of that name already.
        """
        key = f"{KEY_PREFIX}{secrets.token_urlsafe(_ENTROPY_BYTES)}"
        now_ms = clock.wall_ms()
        expires_ms = None if valid_ms is None else now_ms + valid_ms
        with self._writing() as connection:
            connection.execute("DELETE FROM keys WHERE expires_ms <= ?", (now_ms,))
            try:
                connection.execute(
                    "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?)",
                    (hashed(key.encode()), kind, role, name, now_ms, expires_ms),
                )
            except sqlite3.IntegrityError:
                raise TickStockError(f"there is a token of the name {name!r} already; choose another name") from None
            if kind is not Kind.TOKEN:
                connection.execute(
                    "DELETE FROM keys WHERE hash IN "
                    "(SELECT hash FROM keys WHERE kind = ? ORDER BY created_ms DESC, hash LIMIT -1 OFFSET ?)",
                    (kind, MOST_KEYS),
                )
        return key

    def find(self, key_hash: bytes, kind: Kind) -> StoredKey | None:
        """What is known of a key, if it holds."""
        with self._told():
            row = self._reader.execute(
                "SELECT * FROM keys WHERE hash = ? AND kind = ? AND ifnull(expires_ms > ?, 1)",
                (key_hash, kind, clock.wall_ms()),
            ).fetchone()
        return None if row is None else _key(row)

    def take(self, key_hash: bytes, kind: Kind) -> StoredKey | None:
        """The same, and from then on it holds no more; of several who take it at once, one gets it."""
        with self._writing() as connection:
            row = connection.execute(
                "DELETE FROM keys WHERE hash = ? AND kind = ? AND ifnull(expires_ms > ?, 1) RETURNING *",
                (key_hash, kind, clock.wall_ms()),
            ).fetchone()
        return None if row is None else _key(row)

    def all(self) -> list[StoredKey]:
        """Every key that holds, the oldest first."""
        with self._told():
            rows = self._reader.execute(
                "SELECT * FROM keys WHERE ifnull(expires_ms > ?, 1) ORDER BY created_ms, hash",
                (clock.wall_ms(),),
            ).fetchall()
        return [_key(row) for row in rows]

    def revoke_token(self, name: str) -> bool:
        """Let a token hold no more; whether there was one of that name."""
        with self._writing() as connection:
            return connection.execute("DELETE FROM keys WHERE kind = ? AND name = ?", (Kind.TOKEN, name)).rowcount > 0

    def revoke_all(self) -> int:
        """Let no key hold any more; how many there were."""
        with self._writing() as connection:
            return connection.execute("DELETE FROM keys").rowcount

    def set_address(self, address: str) -> None:
        """Note where the dashboard of this data folder can be opened."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO dashboard VALUES (1, ?)", (address,))

    def address(self) -> str | None:
        """Where the dashboard that was started last can be opened; ``None`` if there was none."""
        with self._told():
            row = self._reader.execute("SELECT address FROM dashboard").fetchone()
        return None if row is None else str(row[0])

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=_LOCK_TIMEOUT_S, isolation_level=None, check_same_thread=False)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction on a connection of its own: readers, who are on the event loop, never wait for it."""
        with self._told(), closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise KeyStoreError(
                f"the keys in {self.path} cannot be used ({reason}); see to the file and its disk, or set "
                "TICKSTOCK_DATA_DIR to another folder"
            ) from None


def hashed(key: bytes) -> bytes:
    """What is kept of a key; a fast hash is enough, for nobody guesses 256 random bits."""
    return hashlib.sha256(key).digest()


def _key(row: tuple[Any, ...]) -> StoredKey:
    return StoredKey(row[0], Kind(row[1]), Role(row[2]), *row[3:])
