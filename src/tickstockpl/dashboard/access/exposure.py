"""Where the dashboard may be reached from: nothing but this machine, unless it asks who comes and nobody can listen."""

import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from tickstockpl.dashboard.access.proxies import Address, Network, TrustedProxies
from tickstockpl.errors import TickStockError
from tickstockpl.settings import Settings

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""By which every dashboard may be called."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Where the dashboard listens, and by which names and through whom it is reached.

    Attributes:
        address: to bind.
        hosts: every name and address, without port, by which it may be called.
        certificate: PEM file; ``None`` for plain HTTP.
        key: PEM file of the certificate's key.
        proxies: whose word on visitors is believed.
        shown_host: what the printed address calls it.
        is_behind_proxy: whether it can be reached through a proxy only.
    """

    address: str
    hosts: frozenset[str]
    certificate: Path | None
    key: Path | None
    proxies: TrustedProxies
    shown_host: str
    is_behind_proxy: bool

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """What the settings ask for, if that is safe.

        Raises:
            TickStockError: if it is not, or a setting cannot be used; one sentence with the remedy.
        """
        address = _address(settings.host)
        networks = _networks(settings.trusted_proxies)
        names = _names(settings.allowed_hosts)
        certificate, key = _tls(settings)
        _check(settings, address, names, has_tls=certificate is not None, has_proxies=bool(networks))
        named = [] if address.is_unspecified else [settings.host.lower().strip("[]")]
        shown = settings.host if address.is_loopback else (names or named)[0]
        return cls(
            address=str(address),
            hosts=LOOPBACK_NAMES | {*names, *named},
            certificate=certificate,
            key=key,
            proxies=TrustedProxies(networks),
            shown_host=shown.strip("[]"),
            is_behind_proxy=bool(networks) and certificate is None and not address.is_loopback,
        )

    def url(self, port: int) -> str:
        """Where a browser finds the page of a dashboard that listens on ``port``: at the proxy where it must."""
        host = f"[{self.shown_host}]" if ":" in self.shown_host else self.shown_host
        if self.is_behind_proxy:
            return f"https://{host}"
        return f"{'http' if self.certificate is None else 'https'}://{host}:{port}"


def _check(settings: Settings, address: Address, names: list[str], *, has_tls: bool, has_proxies: bool) -> None:
    host = settings.host
    if settings.auth == "off":
        if not address.is_loopback:
            raise TickStockError(
                f"host {host} can be reached from other machines, and with TICKSTOCK_AUTH=off the dashboard does not "
                "ask who comes; use --host 127.0.0.1, or set TICKSTOCK_AUTH=on"
            )
        for name, value in (
            ("TICKSTOCK_TRUSTED_PROXIES", settings.trusted_proxies),
            ("TICKSTOCK_ALLOWED_HOSTS", settings.allowed_hosts),
        ):
            if value is not None:
                raise TickStockError(
                    f"{name} was {value!r}, so others come than this machine's users, and with TICKSTOCK_AUTH=off the "
                    f"dashboard does not ask who; set TICKSTOCK_AUTH=on, or unset {name}"
                )
        return
    if not (has_tls or has_proxies):
        if not address.is_loopback:
            raise TickStockError(
                f"host {host} can be reached from other machines, and without TLS anybody on the way could listen; "
                "set TICKSTOCK_TLS_CERTIFICATE and TICKSTOCK_TLS_KEY, or TICKSTOCK_TRUSTED_PROXIES to the proxy that "
                "has TLS, or use --host 127.0.0.1 and an SSH tunnel"
            )
        if names:
            raise TickStockError(
                f"TICKSTOCK_ALLOWED_HOSTS was {settings.allowed_hosts!r}, and without TLS only this machine's own "
                "names are answered; set TICKSTOCK_TLS_CERTIFICATE and TICKSTOCK_TLS_KEY, or TICKSTOCK_TRUSTED_PROXIES"
            )
    if address.is_unspecified and not names:
        raise TickStockError(
            f"host {host} is every address of this machine, and by which name the page is called is not said; set "
            "TICKSTOCK_ALLOWED_HOSTS to it, such as stocks.example.com"
        )


def _address(host: str) -> Address:
    try:
        return ipaddress.ip_address("127.0.0.1" if host.lower() == "localhost" else host.strip("[]"))
    except ValueError:
        raise TickStockError(
            f"host {host!r} is not an address; use --host 127.0.0.1, ::1 or localhost, or another address of this "
            "machine"
        ) from None


def _networks(setting: str | None) -> list[Network]:
    networks: list[Network] = []
    for part in _parts(setting):
        try:
            network = ipaddress.ip_network(part)
        except ValueError:
            raise TickStockError(
                f"TICKSTOCK_TRUSTED_PROXIES holds {part!r}, which is neither an address nor a network; write such as "
                "10.0.0.5 or 10.0.0.0/24"
            ) from None
        if network.prefixlen == 0:
            raise TickStockError(
                f"TICKSTOCK_TRUSTED_PROXIES holds {part!r}, which is everybody, who could then pretend to come from "
                "anywhere; name the addresses of your proxies"
            )
        networks.append(network)
    return networks


def _names(setting: str | None) -> list[str]:
    names = [part.lower().strip("[]") for part in _parts(setting)]
    for name in names:
        if "/" in name or "*" in name or "@" in name or any(sign.isspace() for sign in name) or _has_port(name):
            raise TickStockError(
                f"TICKSTOCK_ALLOWED_HOSTS holds {name!r}, which is no name of a host; write such as "
                "stocks.example.com, without scheme, port or wildcard"
            )
    return names


def _has_port(name: str) -> bool:
    return name.count(":") == 1


def _parts(setting: str | None) -> list[str]:
    return [part.strip() for part in (setting or "").split(",") if part.strip()]


def _tls(settings: Settings) -> tuple[Path | None, Path | None]:
    certificate, key = settings.tls_certificate, settings.tls_key
    if (certificate is None) != (key is None):
        given, missing = ("CERTIFICATE", "KEY") if key is None else ("KEY", "CERTIFICATE")
        raise TickStockError(
            f"TICKSTOCK_TLS_{given} is set and TICKSTOCK_TLS_{missing} is not; TLS takes both, or unset the one"
        )
    if certificate is None or key is None:
        return None, None
    for name, path in (("CERTIFICATE", certificate), ("KEY", key)):
        try:
            path.read_bytes()
        except OSError as error:
            raise TickStockError(
                f"TICKSTOCK_TLS_{name} names {str(path)!r}, which cannot be read ({error.strerror}); correct it"
            ) from None
    try:
        # An empty password, so that nobody is asked for one on the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError, OSError) as error:
        reason = getattr(error, "reason", None) or error
        raise TickStockError(
            f"the certificate {str(certificate)!r} and the key {str(key)!r} cannot be used ({reason}); give PEM files "
            "that belong together, the key not encrypted"
        ) from None
    return certificate, key
