"""From what a request shows to who makes it; signing browsers in and out."""

import asyncio
import hmac
from typing import Final, Literal

from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from tickstockpl.dashboard.access.callers import LOCAL, Caller, Role
from tickstockpl.dashboard.access.keys import KeyStore, Kind, StoredKey, hashed
from tickstockpl.dashboard.access.passwords import PasswordCheck
from tickstockpl.errors import TickStockError
from tickstockpl.settings import Settings

DAY_MS: Final = 24 * 3_600_000

RESERVED_NAMES: Final = frozenset({"admin", "link", "local", "password"})
"""What callers are called who have no token of their own: no token may be called so, for the record's sake."""


class WrongKeyError(TickStockError):
    """What was shown is nobody's."""


class Identity:
    """Knows who a caller is, and signs browsers in.

    Args:
        keys: the keys that were given out; ``None`` where nobody is asked (``TICKSTOCK_AUTH=off``).
        settings: ``admin_token``, ``dashboard_password_hash``, ``dashboard_password_role`` and ``sign_in_days``.
    """

    def __init__(self, keys: KeyStore | None, settings: Settings) -> None:
        self._keys = keys
        self._admin_hash = _hash_of(settings.admin_token)
        password_hash = settings.dashboard_password_hash
        self._password = None if password_hash is None else PasswordCheck(password_hash.get_secret_value())
        self._password_role = Role(settings.dashboard_password_role)
        self.sign_in_s = settings.sign_in_days * DAY_MS // 1000

    @property
    def is_asked(self) -> bool:
        """Whether anybody is asked who they are."""
        return self._keys is not None

    @property
    def has_password(self) -> bool:
        """Whether there is a password with which a browser can be signed in."""
        return self._keys is not None and self._password is not None

    def caller(self, headers: Headers, cookie: str) -> Caller | None:
        """Who makes a request: whose token it has in its header, else whose browser it comes from.

        Args:
            headers: the request's.
            cookie: the name of the cookie in which a browser keeps its key.

        Returns:
            ``None`` if it shows nothing, or a cookie that holds no more.

        Raises:
            WrongKeyError: if it has a token in its header that is nobody's.
            KeyStoreError: if the keys cannot be read.
        """
        sent = headers.getlist("authorization")
        if any(_scheme(value) == "bearer" for value in sent):  # others are a proxy's business
            return self._holder(sent)
        if self._keys is None:
            return LOCAL
        value = cookie_parser("; ".join(headers.getlist("cookie"))).get(cookie, "")
        key = self._keys.find(hashed(value.encode("latin-1", "replace")), Kind.BROWSER) if value else None
        return None if key is None else _caller(key)

    def still_holds(self, caller: Caller) -> bool:
        """Whether what a caller has shown would still let them in.

        Raises:
            KeyStoreError: if the keys cannot be read.
        """
        if caller.key_hash is None or self._keys is None:
            return True
        kind = Kind.BROWSER if caller.by == "cookie" else Kind.TOKEN
        return self._keys.find(caller.key_hash, kind) is not None

    async def sign_in_with_link(self, key: str) -> str | None:
        """Exchange a link's key, which is worth nothing afterwards, for a browser's; ``None`` if it is worth nothing.

        Raises:
            KeyStoreError: if the keys cannot be read or written.
        """
        key_hash = hashed(key.encode())
        if self._keys is None or self._keys.find(key_hash, Kind.LINK) is None:
            return None
        link = await asyncio.to_thread(self._keys.take, key_hash, Kind.LINK)
        return None if link is None else await self._browser(link.role, "link")

    async def sign_in_with_password(self, password: str) -> str | None:
        """A browser's key, if that is the password.

        Raises:
            KeyStoreError: if the keys cannot be written.
        """
        if self._password is None or not await self._password.is_right(password):
            return None
        return await self._browser(self._password_role, "password")

    async def sign_out(self, caller: Caller) -> None:
        """Let a browser's key hold no more.

        Raises:
            KeyStoreError: if the keys cannot be written.
        """
        if self._keys is not None and caller.key_hash is not None and caller.by == "cookie":
            await asyncio.to_thread(self._keys.take, caller.key_hash, Kind.BROWSER)

    async def _browser(self, role: Role, name: Literal["link", "password"]) -> str | None:
        if self._keys is None:
            return None
        return await asyncio.to_thread(self._keys.create, Kind.BROWSER, role, name, self.sign_in_s * 1000)

    def _holder(self, sent: list[str]) -> Caller:
        token = sent[0].partition(" ")[2].strip() if len(sent) == 1 else ""
        if not token:
            raise WrongKeyError("that is no token in a header; send Authorization: Bearer … once")
        key_hash = hashed(token.encode("latin-1"))
        if self._admin_hash is not None and hmac.compare_digest(key_hash, self._admin_hash):
            return Caller("admin", Role.ADMIN, "header")
        key = None if self._keys is None else self._keys.find(key_hash, Kind.TOKEN)
        if key is None:
            raise WrongKeyError("that token is nobody's here; make one with tickstockpl dashboard token")
        return _caller(key)


def _scheme(authorization: str) -> str:
    return authorization.partition(" ")[0].lower()


def _caller(key: StoredKey) -> Caller:
    return Caller(key.name, key.role, "header" if key.kind is Kind.TOKEN else "cookie", key.hash)


def _hash_of(token: SecretStr | None) -> bytes | None:
    return None if token is None else hashed(token.get_secret_value().encode())
