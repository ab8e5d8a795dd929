"""Where the dashboard may be reached from, what is refused at the start, and TLS and proxies for real."""

import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from websockets.asyncio.client import connect

from tests.dashboard.access.conftest import AskingDashboard
from tests.dashboard.access.visiting import ADMIN_TOKEN, bearer, plain, sentence, stream_status
from tickstockpl.dashboard.access.exposure import LOOPBACK_NAMES, Exposure
from tickstockpl.errors import TickStockError
from tickstockpl.settings import load_settings

NAME = "stocks.example.com"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA, tmp_path: Path) -> dict[str, Path]:
    """Settings of a certificate for the name and for 127.0.0.1."""
    certificate = authority.issue_cert(NAME, "127.0.0.1")
    found = {"tls_certificate": tmp_path / "certificate.pem", "tls_key": tmp_path / "key.pem"}
    certificate.private_key_pem.write_to_path(found["tls_key"])
    found["tls_certificate"].write_bytes(b"".join(part.bytes() for part in certificate.cert_chain_pems))
    return found


def exposure(**settings: Any) -> Exposure:
    return Exposure.of(load_settings(**settings))


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ({"host": "0.0.0.0"}, "host 0.0.0.0 can be reached from other machines, and without TLS"),
        ({"host": "::"}, "host :: can be reached from other machines, and without TLS"),
        ({"host": "192.168.1.5", "allowed_hosts": NAME}, "host 192.168.1.5 can be reached from other machines"),
        ({"host": "192.168.1.5", "auth": "off"}, "with TICKSTOCK_AUTH=off the dashboard does not ask who comes"),
        ({"auth": "off", "trusted_proxies": "127.0.0.1"}, "TICKSTOCK_TRUSTED_PROXIES was '127.0.0.1', so others come"),
        ({"auth": "off", "allowed_hosts": NAME}, "TICKSTOCK_ALLOWED_HOSTS was 'stocks.example.com', so others come"),
        ({"allowed_hosts": NAME}, "without TLS only this machine's own names are answered"),
        ({"host": "0.0.0.0", "trusted_proxies": "10.0.0.5"}, "by which name the page is called is not said"),
        ({"trusted_proxies": "10.0.0.5/24"}, "holds '10.0.0.5/24', which is neither an address nor a network"),
        ({"trusted_proxies": "10.0.0.5, proxy"}, "holds 'proxy', which is neither an address nor a network"),
        ({"trusted_proxies": "0.0.0.0/0"}, "holds '0.0.0.0/0', which is everybody"),
        ({"trusted_proxies": "127.0.0.1", "allowed_hosts": "https://x"}, "which is no name of a host"),
        ({"trusted_proxies": "127.0.0.1", "allowed_hosts": "x:8450"}, "which is no name of a host"),
        ({"trusted_proxies": "127.0.0.1", "allowed_hosts": "*.example.com"}, "which is no name of a host"),
        ({"host": "stocks.example.com"}, "host 'stocks.example.com' is not an address"),
        ({"tls_certificate": "/no/such/file"}, "TICKSTOCK_TLS_CERTIFICATE is set and TICKSTOCK_TLS_KEY is not"),
        ({"tls_key": "/no/such/file"}, "TICKSTOCK_TLS_KEY is set and TICKSTOCK_TLS_CERTIFICATE is not"),
        (
            {"tls_certificate": "/no/such/file", "tls_key": "/no/such/key"},
            "TICKSTOCK_TLS_CERTIFICATE names '/no/such/file', which cannot be read (No such file or directory)",
        ),
    ],
)
def test_what_would_not_be_safe_is_refused_in_one_sentence(settings: dict[str, Any], refused: str) -> None:
    with pytest.raises(TickStockError) as refusal:
        exposure(**settings)
    said = str(refusal.value)
    assert refused in said
    assert "\n" not in said
    assert not said.endswith(".")


def test_a_key_that_is_anothers_or_encrypted_is_refused(
    tls: dict[str, Path], authority: trustme.CA, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    authority.issue_cert("other.example.com").private_key_pem.write_to_path(other)
    with pytest.raises(TickStockError, match=r"cannot be used .*belong together, the key not encrypted"):
        exposure(tls_certificate=tls["tls_certificate"], tls_key=other)
    with pytest.raises(TickStockError, match=r"cannot be used .*belong together, the key not encrypted"):
        exposure(tls_certificate=tls["tls_key"], tls_key=tls["tls_key"])


def test_by_which_address_it_is_called(tls: dict[str, Path]) -> None:
    assert exposure().url(8450) == "http://127.0.0.1:8450"
    assert exposure(host="localhost").url(8450) == "http://localhost:8450"
    assert exposure(host="::1").url(8450) == exposure(host="[::1]").url(8450) == "http://[::1]:8450"
    assert exposure(**tls).url(8450) == "https://127.0.0.1:8450"
    assert exposure(host="0.0.0.0", allowed_hosts=f"{NAME}, 10.0.0.9", **tls).url(443) == f"https://{NAME}:443"
    assert exposure(host="10.0.0.9", **tls).url(8450) == "https://10.0.0.9:8450"
    proxied = {"trusted_proxies": "10.0.0.5", "allowed_hosts": NAME}
    assert exposure(host="0.0.0.0", **proxied).url(8450) == f"https://{NAME}", "at the proxy"
    assert exposure(**proxied).url(8450) == "http://127.0.0.1:8450", "on this machine, past the proxy"
    assert exposure().hosts == LOOPBACK_NAMES
    assert exposure(host="10.0.0.9", allowed_hosts="Stocks.Example.com", **tls).hosts == LOOPBACK_NAMES | {
        "10.0.0.9",
        NAME,
    }


async def test_over_tls_the_cookie_is_for_tls_and_this_host_only(
    asking: AskingDashboard, tls: dict[str, Path], authority: trustme.CA
) -> None:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    async with asking(host="0.0.0.0", allowed_hosts=f"127.0.0.1,{NAME}", **tls) as link:
        assert link.startswith("https://127.0.0.1:")
        origin = plain(link)
        async with httpx.AsyncClient(base_url=origin, verify=trust, headers={"origin": origin}) as client:
            answer = await client.get(link)
            assert answer.status_code == 303
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith(f"__Host-tickstock_{client.base_url.port}=")
            assert {"HttpOnly", "SameSite=Strict", "Path=/", "Secure"} <= set(cookie.split("; "))
            assert (await client.get("/api/access")).json()["role"] == "admin"
            headers = {"Origin": origin, "Cookie": cookie.partition(";")[0]}
        stream = origin.replace("https", "wss", 1) + "/ws/live"
        async with connect(stream, ssl=trust, additional_headers=headers, max_size=None) as connection:
            assert "snapshot" in str(await connection.recv())
        with pytest.raises(httpx.HTTPError):
            async with httpx.AsyncClient() as client:
                await client.get(origin.replace("https", "http"))


class TestBehindAProxy:
    """A proxy on this machine that has TLS, played by the test."""

    @staticmethod
    def through(link: str, **headers: str) -> httpx.AsyncClient:
        given = {"host": NAME, "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https", **headers}
        return httpx.AsyncClient(base_url=plain(link), headers={name: value for name, value in given.items() if value})

    async def test_visitors_come_in_over_https(
        self, asking: AskingDashboard, capsys: pytest.CaptureFixture[str]
    ) -> None:
        async with (
            asking(trusted_proxies="127.0.0.1", allowed_hosts=NAME) as link,
            self.through(link, origin=f"https://{NAME}") as client,
        ):
            answer = await client.get("/", params={"token": link.partition("token=")[2]})
            assert answer.status_code == 303
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-tickstock_page=")
            assert "Secure" in cookie
            headers = {"cookie": cookie.partition(";")[0]}
            assert (await client.get("/api/access", headers=headers)).json()["name"] == "link"
            said = sentence(await client.post("/api/streaming/session", headers=headers, json={}), 422)
            assert "no order" in said
        assert "203.0.113.9" in capsys.readouterr().out, "who was signed in is logged by the visitor's address"

    async def test_who_comes_to_the_proxy_without_tls_is_refused(self, asking: AskingDashboard) -> None:
        async with asking(trusted_proxies="127.0.0.1", allowed_hosts=NAME) as link:
            for headers in (
                {"x-forwarded-proto": "http"},
                {"x-forwarded-proto": ""},
                {"x-forwarded-for": "", "x-forwarded-proto": ""},
            ):
                async with self.through(link, **headers, **bearer(ADMIN_TOKEN)) as client:
                    assert "HTTPS only" in sentence(await client.get("/api/access"), 403)
                    assert (await client.get("/healthz")).status_code == 200
            async with httpx.AsyncClient(base_url=plain(link), headers=bearer(ADMIN_TOKEN)) as client:
                assert (await client.get("/api/access")).status_code == 200, "on this machine, past the proxy"

    async def test_a_machine_that_is_no_proxy_of_ours_cannot_pretend_to_be_one(self, asking: AskingDashboard) -> None:
        async with asking(trusted_proxies="10.0.0.5", allowed_hosts=NAME) as link:
            async with self.through(link, **bearer(ADMIN_TOKEN)) as client:
                assert "HTTPS only" in sentence(await client.get("/api/access"), 403)
            forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
            assert await stream_status(link, Origin=f"https://{NAME}", **forwarded, **bearer(ADMIN_TOKEN)) == 403
