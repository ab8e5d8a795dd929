"""Keys on disk: who can read them, what is kept of them, and several processes at once."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tickstockpl import clock
from tickstockpl.dashboard.access import keys as keys_module
from tickstockpl.dashboard.access.callers import Role
from tickstockpl.dashboard.access.keys import FILE, KeyStore, KeyStoreError, Kind, hashed
from tickstockpl.errors import TickStockError
from tickstockpl.redaction import KEY_PREFIX, Redactor

HOUR_MS = 3_600_000


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    with closing(KeyStore(tmp_path)) as store:
        yield store


def test_only_the_owner_can_read_the_files(tmp_path: Path) -> None:
    folder = tmp_path / FILE.parent
    folder.mkdir(mode=0o755)
    (tmp_path / FILE).touch(mode=0o644)
    keys = KeyStore(tmp_path)
    keys.create(Kind.TOKEN, Role.ADMIN, "ci", None)
    assert len(keys.all()) == 1
    assert folder.stat().st_mode & 0o777 == 0o700
    files = list(folder.iterdir())
    assert len(files) > 1, "SQLite's own beside it"
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    keys.close()


def test_no_key_is_in_the_files(keys: KeyStore, tmp_path: Path) -> None:
    made = [keys.create(kind, Role.ADMIN, kind.value, HOUR_MS) for kind in Kind]
    keys.close()
    written = b"".join(file.read_bytes() for file in (tmp_path / FILE.parent).iterdir())
    for key in made:
        assert hashed(key.encode()) in written
        assert key.encode() not in written
        assert key.removeprefix(KEY_PREFIX).encode() not in written


def test_keys_are_long_random_and_struck_out_of_what_is_said(keys: KeyStore) -> None:
    made = {keys.create(Kind.LINK, Role.VIEWER, "link", HOUR_MS) for _ in range(50)}
    assert len(made) == 50
    assert {len(key) for key in made} == {len(KEY_PREFIX) + 43}, "256 bits"
    for key in made:
        assert Redactor().text(f"opened {key}, and so on") == "opened ***, and so on"


def test_a_key_is_good_for_its_own_kind_until_its_time_is_up(keys: KeyStore) -> None:
    key_hash = hashed(keys.create(Kind.TOKEN, Role.VIEWER, "ci", HOUR_MS).encode())
    found = keys.find(key_hash, Kind.TOKEN)
    assert found is not None
    assert (found.name, found.role, found.kind) == ("ci", Role.VIEWER, Kind.TOKEN)
    assert keys.find(key_hash, Kind.BROWSER) is None
    assert keys.take(key_hash, Kind.LINK) is None
    expired = hashed(keys.create(Kind.TOKEN, Role.VIEWER, "old", 0).encode())
    assert keys.find(expired, Kind.TOKEN) is None
    assert keys.take(expired, Kind.TOKEN) is None
    assert [key.name for key in keys.all()] == ["ci"]


def test_a_link_is_taken_once_however_many_take_it(tmp_path: Path) -> None:
    stores = [KeyStore(tmp_path) for _ in range(4)]
    key_hash = hashed(stores[0].create(Kind.LINK, Role.ADMIN, "link", HOUR_MS).encode())
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda number: stores[number % 4].take(key_hash, Kind.LINK), range(16)))
    assert sum(key is not None for key in taken) == 1
    for store in stores:
        store.close()


def test_names_of_tokens_are_taken_once_and_free_again_when_revoked(keys: KeyStore) -> None:
    first = hashed(keys.create(Kind.TOKEN, Role.ADMIN, "ci", None).encode())
    with pytest.raises(TickStockError, match="there is a token of the name 'ci' already"):
        keys.create(Kind.TOKEN, Role.ADMIN, "ci", None)
    assert keys.revoke_token("ci")
    assert not keys.revoke_token("ci")
    assert keys.find(first, Kind.TOKEN) is None
    keys.create(Kind.TOKEN, Role.ADMIN, "ci", None)


def test_what_has_expired_goes_and_of_the_rest_the_oldest(keys: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "MOST_KEYS", 3)
    now_ms = clock.wall_ms()
    monkeypatch.setattr(clock, "wall_ms", lambda: now_ms)
    keys.create(Kind.TOKEN, Role.ADMIN, "stays", None)
    for number in range(5):
        now_ms += 1
        keys.create(Kind.BROWSER, Role.ADMIN, f"{number}", HOUR_MS)
    assert [key.name for key in keys.all()] == ["stays", "2", "3", "4"]
    now_ms += HOUR_MS + 1
    keys.create(Kind.LINK, Role.ADMIN, "link", HOUR_MS)
    assert [key.name for key in keys.all()] == ["stays", "link"]


def test_another_process_sees_what_was_made_and_revoked(keys: KeyStore, tmp_path: Path) -> None:
    key_hash = hashed(keys.create(Kind.TOKEN, Role.ADMIN, "ci", None).encode())
    revoke = f"import pathlib, tickstockpl.dashboard.access.keys as k; k.KeyStore(pathlib.Path({str(tmp_path)!r}))"
    subprocess.run([sys.executable, "-c", f"{revoke}.revoke_token('ci')"], check=True, timeout=60)
    assert keys.find(key_hash, Kind.TOKEN) is None


def test_files_that_cannot_be_used_are_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / FILE.parent).mkdir()
    (tmp_path / FILE).write_bytes(b"no database" * 1000)
    with pytest.raises(
        KeyStoreError, match=r"the keys in .*keys\.sqlite cannot be used \(file is not a database\); see"
    ):
        KeyStore(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(KeyStoreError, match="set TICKSTOCK_DATA_DIR to another folder"):
        KeyStore(tmp_path / "file")
