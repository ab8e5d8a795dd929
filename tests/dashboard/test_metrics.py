"""``/metrics`` of the dashboard: behind the page's gate, and what the hub did."""

from prometheus_client.parser import text_string_to_metric_families

from tests.dashboard.running import dashboard, get, opened, publish
from tickstockpl.contract.channels import Channel


async def test_what_the_hub_did_is_told(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url, opened(url) as page:
        publish(redis_url, (Channel.HEALTH, b"not of the contract"))
        await page.until(lambda has: has["status"]["invalid"] == 1)
        answer = await get(url, "/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert samples["tickstock_dashboard_clients",] == 1
    assert samples["tickstock_dashboard_invalid_total",] == 1
    assert samples["tickstock_dashboard_missed_total",] == 0
    assert samples["tickstock_dashboard_redis_connected",] == 1
    assert samples["tickstock_dashboard_frame_bytes_count", "snapshot"] == 1
    assert samples["tickstock_dashboard_frame_bytes_count", "delta"] >= 1


async def test_a_foreign_name_is_refused_as_for_the_page(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url:
        assert (await get(url, "/metrics", host="evil.example")).status_code == 403
