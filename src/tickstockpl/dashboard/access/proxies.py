"""Reverse proxies that are believed: who a request that came through one is from, and how it came to the proxy."""

import ipaddress
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SECURE: Final = {"http": "https", "ws": "wss"}
_PLAIN: Final = {"https": "http", "wss": "ws"}


def parse_address(text: str) -> Address | None:
    """An address; an IPv4 address in IPv6's clothes is undressed. ``None`` if it is none."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address if mapped is None else mapped


class TrustedProxies:
    """Reads ``X-Forwarded-For`` and ``X-Forwarded-Proto``, from these proxies and from nobody else.

    Args:
        networks: where the proxies are.
    """

    def __init__(self, networks: Sequence[Network]) -> None:
        self._networks = tuple(networks)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def resolved(self, scope: Scope) -> Scope:
        """The request as it came to the outermost proxy: its ``client`` and ``scheme`` are the visitor's."""
        if not self._networks or not self._is_proxy(_peer(scope)):
            return scope
        headers = Headers(scope=scope)
        found = dict(scope)
        protocols = ",".join(headers.getlist("x-forwarded-proto")).split(",")
        is_secure = protocols[-1].strip().lower() == "https"
        table = _SECURE if is_secure else _PLAIN
        found["scheme"] = table.get(scope["scheme"], scope["scheme"])
        client = self._client(",".join(headers.getlist("x-forwarded-for")).split(","))
        if client is not None:
            found["client"] = (str(client), 0)
        return found

    def _client(self, hops: Sequence[str]) -> Address | None:
        """The last hop that is no proxy of ours: what is before it, anybody may have written."""
        client: Address | None = None
        for hop in reversed(hops):
            if (address := parse_address(hop)) is None:
                break
            client = address
            if not self._is_proxy(address):
                break
        return client

    def _is_proxy(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)


def _peer(scope: Scope) -> Address | None:
    client = scope.get("client")
    return None if client is None else parse_address(client[0])


def is_local(scope: Scope) -> bool:
    """Whether a request comes from this machine."""
    address = _peer(scope)
    return address is not None and address.is_loopback
