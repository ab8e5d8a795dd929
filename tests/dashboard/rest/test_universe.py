"""Universes over REST: names and sectors from the files, symbols from the stream."""

from pathlib import Path

import httpx

from tests.dashboard.rest.asking import answers, refusal
from tests.dashboard.rows import insert_session
from tests.dashboard.running import dashboard, opened, publish
from tests.dashboard.samples import bars, message, session_id, started
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Session, SessionStarted


async def test_the_running_universe_is_answered_with_names_sectors_and_what_it_does_not_list(
    redis_url: str, database_url: str
) -> None:
    async with dashboard(redis_url, database_url) as url, opened(url) as page:
        publish(redis_url, started(), bars(0, "NVDA", "ZZZ"))
        await page.until(lambda has: "ZZZ" in has["symbols"])
        found = await answers(url, "universe")
        assert found["universe"] == "demo:top_50"
        nvidia = {"symbol": "NVDA", "name": "Nvidia", "sector": "Information Technology"}
        assert nvidia in found["symbols"]
        assert len(found["symbols"]) == 51
        assert found["symbols"][-1] == {"symbol": "ZZZ", "name": None, "sector": None}


async def test_a_universe_without_a_file_has_the_symbols_that_were_seen(redis_url: str, database_url: str) -> None:
    replay = Session(session_id(1), "replay:day", "2025-10-06T13:30:00.000Z", 2, "active")
    begun = message(Channel.SESSION_STARTED, SessionStarted(replay, replay.started_at))
    async with dashboard(redis_url, database_url) as url, opened(url) as page:
        publish(redis_url, begun, bars(0, "NVDA", "AAPL"))
        await page.until(lambda has: "AAPL" in has["symbols"])
        assert await answers(url, "universe") == {
            "universe": "replay:day",
            "symbols": [{"symbol": symbol, "name": None, "sector": None} for symbol in ("AAPL", "NVDA")],
        }


async def test_without_a_session_there_is_none_and_after_one_it_is_the_last_ones(
    redis_url: str, database_url: str
) -> None:
    async with dashboard(redis_url, database_url) as url:
        assert await answers(url, "universe") == {"universe": None, "symbols": []}
    insert_session(database_url)  # of universe a:b, which has no file, and with one symbol
    async with dashboard(redis_url, database_url) as url:
        found = await answers(url, "universe")
        assert (found["universe"], [symbol["symbol"] for symbol in found["symbols"]]) == ("a:b", ["AAA"])


async def test_the_users_own_are_listed_and_win(redis_url: str, database_url: str, tmp_path: Path) -> None:
    for key, text in (("mine/chips", "symbol,name\nNVDA,<b>&\n"), ("demo/top_50", "symbol\nX\n"), ("mine/bad", "a\n")):
        file = tmp_path / f"{key}.csv"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    async with dashboard(redis_url, database_url, universe_dir=tmp_path) as url:
        assert (await answers(url, "universes"))["universes"] == [
            "demo:top_50",
            "market_leaders:top_500",
            "mine:bad",
            "mine:chips",
        ]
        mine = await answers(url, "universe?name=mine:chips")
        assert mine["symbols"] == [{"symbol": "NVDA", "name": "<b>&", "sector": None}]
        assert len((await answers(url, "universe?name=demo:top_50"))["symbols"]) == 1
        assert "no column 'symbol'" in await refusal(url, "universe?name=mine:bad", 422)
        unknown = await refusal(url, "universe?name=../../etc:passwd", 404)
        assert unknown.startswith(
            "query name was '../../etc:passwd': there is no such universe; there are: demo:top_50"
        )


async def test_who_has_it_already_is_told_so(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url, httpx.AsyncClient(base_url=url) as client:
        path = "/api/streaming/universe?name=demo:top_50"
        first = await client.get(path)
        again = await client.get(path, headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
        assert (first.headers["cache-control"], again.status_code, again.content) == ("private, no-cache", 304, b"")
        other = await client.get(path.replace("50", "500").replace("demo", "market_leaders"))
        assert other.headers["etag"] != first.headers["etag"]
