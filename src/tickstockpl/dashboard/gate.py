"""The gate around the whole dashboard, the same for HTTP and WebSocket: which requests come in at all."""

from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import msgspec
import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tickstockpl.dashboard.access.callers import Caller
from tickstockpl.dashboard.access.cookies import cookie_name
from tickstockpl.dashboard.access.exposure import LOOPBACK_NAMES
from tickstockpl.dashboard.access.identity import Identity, WrongKeyError
from tickstockpl.dashboard.access.keys import KeyStoreError
from tickstockpl.dashboard.access.limits import RateLimit
from tickstockpl.dashboard.access.proxies import TrustedProxies, is_local
from tickstockpl.dashboard.access.requests import CALLER, CHALLENGE, why_not_admin
from tickstockpl.dashboard.answers import ErrorAnswer

OPEN: Final = frozenset({"/", "/access.css", "/healthz", "/sign-in"})
"""What is answered to whoever asks: the sign-in in the place of the page, and whether the dashboard is well."""

VIEWERS_CHANGES: Final = frozenset({"/sign-out"})
"""All other paths under which something changes are for administrators."""

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

SECURITY_HEADERS: Final = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # without any referrer, browsers call the origin of a form null
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

_log = structlog.get_logger(__name__)


class _Refusal(Exception):  # noqa: N818 - an answer, not a failure
    def __init__(self, status: HTTPStatus, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, headers or {}


class Gate:
    """Pure ASGI middleware around the whole application.

    A request comes in if all of this holds:

    - It names one of our hosts: a foreign site whose name was rebound to 127.0.0.1 names its own.
    - It comes from this machine, or over TLS.
    - If it has an ``Origin`` and opens a WebSocket or changes something, it comes from the very page that this server
      serves. One that shows a cookie, or signs in, must have an ``Origin``: browsers always send one then.
    - It shows whose it is, unless it asks for what is open to all.
    - It changes nothing, or is an administrator's.

    Inside, :data:`~tickstockpl.dashboard.access.requests.CALLER` in its scope says who makes it.

    Args:
        app: what is inside.
        identity: who is who.
        hosts: names and addresses, without port, by which the dashboard may be called.
        proxies: whose word on visitors is believed.
    """

    def __init__(
        self,
        app: ASGIApp,
        identity: Identity,
        hosts: Collection[str] = LOOPBACK_NAMES,
        proxies: TrustedProxies | None = None,
    ) -> None:
        self._app = app
        self._identity = identity
        self._hosts = hosts
        self._proxies = proxies if proxies is not None else TrustedProxies(())
        self._keys_failed = False
        self._wrong_keys = RateLimit(each=20, each_s=3, in_all=200, in_all_s=0.3)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer why not."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        try:
            admitted = self._admitted(self._proxies.resolved(scope))
        except _Refusal as refusal:
            content = msgspec.json.encode(ErrorAnswer(refusal.sentence))
            headers = {"cache-control": "no-store", **refusal.headers}
            answer = Response(content, refusal.status, headers, media_type="application/json")
            await answer(scope, receive, send_safely)
        else:
            await self._app(admitted, receive, send_safely)

    def _admitted(self, scope: Scope) -> Scope:
        headers = Headers(scope=scope)
        host = self._host(headers)
        is_open = scope["path"] in OPEN and scope["type"] == "http"
        if not (scope["path"] == "/healthz" or _is_private(scope, _hostname(host))):
            raise _Refusal(
                HTTPStatus.FORBIDDEN,
                "this dashboard is reached over HTTPS only; open its https:// address (a reverse proxy has to say "
                "X-Forwarded-Proto: https, and be one of TICKSTOCK_TRUSTED_PROXIES)",
            )
        changes = scope["type"] == "websocket" or scope["method"] not in _READING
        if changes:
            _check_origin(scope, headers.getlist("origin"), host)
        caller = self._caller(scope, headers, host)
        if caller is None and not is_open:
            raise _Refusal(
                HTTPStatus.UNAUTHORIZED,
                "this dashboard answers who is signed in; open the link that it printed (or that tickstockpl dashboard "
                "link prints), or send a token: Authorization: Bearer …",
                CHALLENGE,
            )
        if changes:
            _check_change(scope, caller, has_origin="origin" in headers, is_open=is_open)
        return {**scope, CALLER: caller}

    def _host(self, headers: Headers) -> str:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _hostname(hosts[0]) not in self._hosts:
            raise _Refusal(
                HTTPStatus.FORBIDDEN,
                f"this dashboard does not answer to the name {', '.join(hosts)!r}; open it by the address it printed, "
                "or name it in TICKSTOCK_ALLOWED_HOSTS",
            )
        return hosts[0]

    def _caller(self, scope: Scope, headers: Headers, host: str) -> Caller | None:
        try:
            caller = self._identity.caller(headers, cookie_name(scope, host))
        except KeyStoreError as error:
            if not self._keys_failed:
                _log.error("keys cannot be read", reason=str(error))
            self._keys_failed = True
            raise _Refusal(
                HTTPStatus.SERVICE_UNAVAILABLE, "who is signed in cannot be looked up now", {"retry-after": "5"}
            ) from None
        except WrongKeyError as error:
            client = scope["client"][0] if scope.get("client") else "unknown"
            if wait_s := self._wrong_keys.take(client):
                raise _Refusal(
                    HTTPStatus.TOO_MANY_REQUESTS,
                    f"too many wrong tokens have come from there; try again in {wait_s} s",
                    {"retry-after": str(wait_s)},
                ) from None
            _log.warning("a wrong token was sent", client=client)
            raise _Refusal(HTTPStatus.UNAUTHORIZED, str(error), CHALLENGE) from None
        if caller is not None and caller.key_hash is not None:
            self._keys_failed = False
        return caller


def _is_private(scope: Scope, host: str | None) -> bool:
    """Whether nobody can listen: TLS, or this machine's own business, called by this machine's own name."""
    return scope["scheme"] in ("https", "wss") or (is_local(scope) and host in LOOPBACK_NAMES)


def _check_origin(scope: Scope, origins: list[str], host: str) -> None:
    scheme = "https" if scope["scheme"] in ("https", "wss") else "http"
    for origin in origins:
        if origin.lower() != f"{scheme}://{host.lower()}":
            what = "open this dashboard's stream" if scope["type"] == "websocket" else "change anything here"
            raise _Refusal(HTTPStatus.FORBIDDEN, f"a page of origin {origin!r} may not {what}")


def _check_change(scope: Scope, caller: Caller | None, *, has_origin: bool, is_open: bool) -> None:
    if not has_origin and (caller is None or caller.by == "cookie"):
        raise _Refusal(
            HTTPStatus.FORBIDDEN,
            "a browser says of which origin it is, and this request has no Origin; a script sends a token instead: "
            "Authorization: Bearer …",
        )
    if scope["type"] == "websocket" or is_open or scope["path"] in VIEWERS_CHANGES:
        return
    if (refusal := why_not_admin(caller)) is not None:
        status, sentence = refusal
        raise _Refusal(status, sentence, CHALLENGE if status == HTTPStatus.UNAUTHORIZED else None)


def _hostname(host: str) -> str | None:
    try:
        parts = urlsplit(f"//{host}")
        return None if "@" in host or parts.path or parts.query or parts.fragment else parts.hostname
    except ValueError:
        return None
