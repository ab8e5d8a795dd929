"""Who may talk to the dashboard, and what every answer says about security; the same gate for HTTP and WebSocket."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})

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
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Gate:
    """Pure ASGI middleware around the whole application.

    A request must name one of our hosts: a foreign site whose name was rebound to 127.0.0.1 names its own. One that
    has an ``Origin`` and opens a WebSocket, or does more than read, must come from the very page that this server
    serves; browsers always send one then, so only scripts on this machine come without.

    Args:
        app: what is inside.
        hosts: names and addresses, without port, by which the dashboard may be called, beside the loopback's.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = LOOPBACK_NAMES | {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer why not."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        if (refusal := self._refusal(scope)) is None:
            await self._app(scope, receive, send_safely)
        else:
            await PlainTextResponse(refusal, status_code=403)(scope, receive, send_safely)

    def _refusal(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _hostname(hosts[0]) not in self._hosts:
            return f"this dashboard does not answer to the name {', '.join(hosts)!r}; open it by the address it printed"
        if scope["type"] == "http" and scope["method"] in _READING:
            return None
        scheme = "https" if scope.get("scheme") in ("https", "wss") else "http"
        for origin in headers.getlist("origin"):
            if origin.lower() != f"{scheme}://{hosts[0].lower()}":
                what = "open this dashboard's stream" if scope["type"] == "websocket" else "change anything here"
                return f"a page of origin {origin!r} may not {what}"
        return None


def _hostname(host: str) -> str | None:
    try:
        parts = urlsplit(f"//{host}")
        return None if "@" in host or parts.path or parts.query or parts.fragment else parts.hostname
    except ValueError:
        return None
