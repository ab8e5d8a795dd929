"""Which proxies are believed, and how far."""

import ipaddress
from collections.abc import Sequence
from typing import Any

import pytest

from tickstockpl.dashboard.access.proxies import TrustedProxies

PROXIES = TrustedProxies([ipaddress.ip_network("10.0.0.0/24"), ipaddress.ip_network("fd00::1")])


def seen(
    peer: str,
    proto: str | Sequence[str] = (),
    hops: str | Sequence[str] = (),
    *,
    proxies: TrustedProxies = PROXIES,
    scheme: str = "http",
) -> tuple[str, str]:
    """The visitor's address and scheme."""
    sent = [
        (name, value.encode())
        for name, values in ((b"x-forwarded-proto", proto), (b"x-forwarded-for", hops))
        for value in ([values] if isinstance(values, str) else values)
    ]
    scope: dict[str, Any] = {"type": "http", "scheme": scheme, "client": (peer, 5), "headers": sent}
    found = proxies.resolved(scope)
    assert scope["client"] == (peer, 5)
    return found["client"][0], found["scheme"]


def test_nobody_else_is_believed() -> None:
    assert seen("10.0.1.1", "https", "127.0.0.1") == ("10.0.1.1", "http")
    assert seen("127.0.0.1", "https", "203.0.113.9") == ("127.0.0.1", "http")
    assert seen("10.0.0.1", "https", "127.0.0.1", proxies=TrustedProxies(())) == ("10.0.0.1", "http")
    assert not TrustedProxies(())


@pytest.mark.parametrize("peer", ["10.0.0.7", "::ffff:10.0.0.7", "fd00::1"])
def test_a_proxy_is_believed(peer: str) -> None:
    assert seen(peer, "https", "203.0.113.9") == ("203.0.113.9", "https")
    assert seen(peer, "http", "203.0.113.9") == ("203.0.113.9", "http")
    assert seen(peer, "https", "203.0.113.9", scheme="ws") == ("203.0.113.9", "wss")


def test_without_a_word_about_tls_it_was_none() -> None:
    assert seen("10.0.0.7", hops="203.0.113.9", scheme="https") == ("203.0.113.9", "http")


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        ("127.0.0.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1, 203.0.113.9, 10.0.0.8", "203.0.113.9"),
        (["127.0.0.1", "203.0.113.9, 10.0.0.8"], "203.0.113.9"),
        ("10.0.0.9, 10.0.0.8", "10.0.0.9"),
        ("127.0.0.1, rubbish, 10.0.0.8", "10.0.0.8"),
        ("rubbish", "10.0.0.7"),
        ("", "10.0.0.7"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_last_hop_that_is_no_proxy_of_ours_is_the_visitor(hops: str | list[str], client: str) -> None:
    assert seen("10.0.0.7", "https", hops) == (client, "https")


def test_of_several_words_about_tls_the_nearest_proxys_counts() -> None:
    assert seen("10.0.0.7", "https, http", "203.0.113.9")[1] == "http"
    assert seen("10.0.0.7", ["http", "https"], "203.0.113.9")[1] == "https"
