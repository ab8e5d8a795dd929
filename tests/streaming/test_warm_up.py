"""A stream starts on the bars from before its first day, and says which symbols have none."""

import asyncio
import csv
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.streaming.hand_made import MONDAY, TUESDAY, HandMadeFeed, bar, events, health, listen, service_of, wandering
from tests.streaming.market_files import play, quiet_settings, replay_service
from tests.support import Subscriber, eventually_async
from tickstockpl.analysis.engine import Engine
from tickstockpl.clock import MAX_SPEED, VirtualClock
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.feeds.replay import ReplayFeed
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.streaming.warm_up import cold_start

Heard = list[tuple[str, bytes]]

DAYS = ("2018-02-26", "2018-02-27", "2018-02-28")
FIRST_CLOSE = f"{DAYS[2]}T14:31:00.000Z"
SAID = (Channel.BARS, Channel.INDICATORS, Channel.PATTERNS, Channel.HIGH_CONFIDENCE_PATTERNS, Channel.INDICATOR_ALERTS)
UNTIL = "T16:30"  # two hours a day: in two days more than the 200 bars that SMA_200 needs
FEW = {"AAPL", "NVDA"}


@dataclass(frozen=True)
class Files:
    """The same market in files of one name, which makes them one source: all days, the first two, the third."""

    whole: Path
    earlier: Path
    third: Path


def write(rows: Iterable[list[str]], folder: Path, dates: tuple[str, ...], symbols: set[str]) -> Path:
    """Write the rows of some days and symbols as ``market.csv``."""
    folder.mkdir(parents=True)
    with (folder / "market.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        for row in rows:
            if row[0] == "timestamp" or (row[0][:10] in dates and row[1] in symbols):
                writer.writerow(row)
    return folder / "market.csv"


@pytest.fixture(scope="module")
def rows(five_days: Path) -> list[list[str]]:
    """The header, and the first two hours of each day."""
    with five_days.open(newline="") as file:
        return [row for row in csv.reader(file) if row[0] == "timestamp" or row[0][10:16] < UNTIL]


@pytest.fixture(scope="module")
def files(rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("market")
    return Files(
        write(rows, folder / "whole", DAYS, FEW),
        write(rows, folder / "earlier", DAYS[:2], FEW),
        write(rows, folder / "third", DAYS[2:], FEW),
    )


async def replay(
    path: Path,
    redis_url: str,
    database_url: str,
    *,
    again: bool = False,
    duration_s: int | None = None,
    sessions: int = 3,
) -> tuple[Heard, list[str]]:
    """Replay a file: everything that was published, and the notes."""
    settings = quiet_settings(patterns="all", min_confidence=0, warm_up_sessions=sessions, health_interval_s=3600)
    service = replay_service(path, redis_url, database_url, settings=settings, again=again, duration_s=duration_s)
    with Subscriber(redis_url) as subscriber:
        status = await play(service)
    return subscriber.messages, list(status.notes)


def of_third_day(heard: Heard) -> dict[Channel, list[bytes]]:
    """What was said of the third day, by channel, in order."""
    return {
        channel: [payload for name, payload in heard if name == channel and DAYS[2].encode() in payload]
        for channel in SAID
    }


def first_minute(heard: Heard) -> dict[tuple[str, str], float]:
    """The indicator values of the third day's first minute, by symbol and instance."""
    calculations = [event["calculation"] for event in events(heard, Channel.INDICATORS)]
    return {
        (one["symbol"], one["metadata"]["instance"]): one["value"]
        for one in calculations
        if one["timestamp"] == FIRST_CLOSE
    }


async def engine_says(path: Path, days: int = 3) -> dict[tuple[str, str], float]:
    """The same values from an engine that has seen the newest days of a file, the third one's first minute the last."""
    feed = ReplayFeed([path], VirtualClock(MAX_SPEED), MarketCalendar())
    await feed.open()
    engine = Engine(len(feed.universe))
    for day in list(feed.days())[-days:]:
        async for batch in feed.batches(day, 0):
            if isinstance(batch.data, MinuteBars):
                analysis = engine.update(batch.data)
                if to_iso(batch.data.close_ms) == FIRST_CLOSE:
                    return {
                        (feed.universe.symbols[batch.data.index[row]], columns.definition.instance): value
                        for columns in analysis.indicators
                        for row, value in zip(columns.rows, columns.outputs["value"].tolist(), strict=True)
                    }
    raise AssertionError("the third day has no first minute")


class TestStoredBars:
    async def test_the_first_minute_is_as_if_all_days_had_been_one_stream(
        self, files: Files, redis_url: str, database_url: str
    ) -> None:
        await replay(files.earlier, redis_url, database_url)
        heard, notes = await replay(files.third, redis_url, database_url)

        values = first_minute(heard)
        assert {("AAPL", "SMA_200"), ("NVDA", "RSI_14")} <= values.keys()
        assert len(values) == 2 * 6
        assert values == await engine_says(files.whole), "to the last bit"
        assert not [note for note in notes if "cold" in note]

        told = {channel: [payload for name, payload in heard if name == channel] for channel in SAID}
        assert all(told.values())
        assert told == of_third_day(heard), "nothing of the warm-up goes out"

    async def test_all_that_follows_is_as_if_all_days_had_been_one_stream(
        self, files: Files, redis_url: str, database_url: str
    ) -> None:
        whole, _ = await replay(files.whole, redis_url, database_url)
        again, _ = await replay(files.third, redis_url, database_url, again=True)
        assert of_third_day(again) == of_third_day(whole)
        interrupted, _ = await replay(files.third, redis_url, database_url, again=True, duration_s=1800)
        resumed, notes = await replay(files.third, redis_url, database_url)
        assert of_third_day([*interrupted, *resumed]) == of_third_day(whole)
        assert not [note for note in notes if "cold" in note]

    async def test_days_of_the_file_itself_are_not_taken_in_twice(
        self, files: Files, redis_url: str, database_url: str
    ) -> None:
        first, _ = await replay(files.whole, redis_url, database_url)
        again, _ = await replay(files.whole, redis_url, database_url, again=True)
        for channel in SAID:
            assert [one for name, one in again if name == channel] == [one for name, one in first if name == channel]

    async def test_how_many_days_is_a_setting(self, files: Files, redis_url: str, database_url: str) -> None:
        await replay(files.earlier, redis_url, database_url)
        one_day, _ = await replay(files.third, redis_url, database_url, sessions=1)
        assert first_minute(one_day) == await engine_says(files.whole, days=2)
        assert first_minute(one_day) != await engine_says(files.whole, days=3)

        cold, notes = await replay(files.third, redis_url, database_url, sessions=0, again=True)
        assert first_minute(cold) == {}
        assert notes[-1] == "no history: all 2 symbols start cold"

    async def test_symbols_that_are_new_start_cold_and_gone_ones_are_passed_over(
        self, rows: list[list[str]], files: Files, tmp_path: Path, redis_url: str, database_url: str
    ) -> None:
        await replay(files.earlier, redis_url, database_url)
        other = write(rows, tmp_path / "other", DAYS[2:], {"AMZN", "GOOG", "NVDA"})
        heard, notes = await replay(other, redis_url, database_url)
        assert notes == ["2 of 3 symbols have no history and start cold: AMZN, GOOG"]
        of_both = {key: value for key, value in (await engine_says(files.whole)).items() if key[0] != "AAPL"}
        assert first_minute(heard) == of_both


class TestHistoryOfTheFeed:
    async def test_it_is_what_the_engine_starts_on_and_stored_bars_are_not_read(
        self, redis_url: str, database_url: str
    ) -> None:
        await listen(HandMadeFeed({MONDAY: wandering(40)}), redis_url, database_url)
        history = [batch.data for batch in wandering(20) if isinstance(batch.data, MinuteBars)]
        heard = await listen(
            HandMadeFeed({TUESDAY: [bar(0, 100.5, TUESDAY)]}, history=history), redis_url, database_url
        )
        engine = Engine(2)
        engine.warm_up(history)
        first = bar(0, 100.5, TUESDAY).data
        assert isinstance(first, MinuteBars)
        expected = {
            columns.definition.instance: columns.outputs["value"].tolist()
            for columns in engine.update(first).indicators
            if len(columns.rows)
        }
        published = {
            event["calculation"]["metadata"]["instance"]: [event["calculation"]["value"]]
            for event in events(heard, Channel.INDICATORS)
        }
        assert published == expected
        assert set(published) == {"RSI_14", "SMA_20", "BB_20_2"}

    async def test_its_bars_have_to_be_sound_too(self, redis_url: str, database_url: str) -> None:
        history = [batch.data for batch in wandering(20) if isinstance(batch.data, MinuteBars)]
        price = np.array([float("nan")])
        unsound = MinuteBars(MONDAY.open_ms + 25 * MINUTE_MS, np.array([0]), price, price, price, price, np.array([1]))
        day = {TUESDAY: wandering(1, TUESDAY)}
        sound = await listen(HandMadeFeed(day, history=history), redis_url, database_url)
        mixed = await listen(HandMadeFeed(day, history=[*history, unsound]), redis_url, database_url, again=True)
        assert events(mixed, Channel.INDICATORS) == events(sound, Channel.INDICATORS) != []
        assert health(mixed)[0]["issues"] == ["Rejected bars: 1 (AAA 14:55Z: a price is not a finite number)"]

    async def test_a_stop_does_not_wait_for_its_end(self, redis_url: str, database_url: str) -> None:
        class Endless(HandMadeFeed):
            taken = 0
            left = False

            def history(self, day: MarketDay) -> Generator[MinuteBars, None, None]:
                (batch,) = wandering(1)
                assert isinstance(batch.data, MinuteBars)
                try:
                    while True:
                        self.taken += 1
                        yield batch.data
                finally:
                    self.left = True

        feed = Endless({MONDAY: wandering(1)})
        stop = asyncio.Event()
        with Subscriber(redis_url) as subscriber:
            running = asyncio.create_task(play(service_of(feed, redis_url, database_url), stop))
            await eventually_async(lambda: feed.taken > 10)
            stop.set()
            async with asyncio.timeout(10):
                await running
        assert feed.left
        assert {channel for channel, _ in subscriber.messages} <= {Channel.CHECKPOINT}


async def test_bars_of_other_hours_are_no_history(redis_url: str, database_url: str) -> None:
    extended = MarketCalendar(extended=True).day(MONDAY.date)
    assert extended is not None
    regular = extended.pre_market_minutes
    evening = regular + extended.regular_minutes
    monday = [bar(regular + minute, 100.0, extended) for minute in range(30)]
    monday += [bar(evening + minute, 200.0, extended) for minute in range(30)]
    await listen(HandMadeFeed({extended: monday}), redis_url, database_url)
    heard = await listen(HandMadeFeed({TUESDAY: [bar(0, 100.0, TUESDAY)]}), redis_url, database_url)
    averages = [
        event["calculation"]["value"]
        for event in events(heard, Channel.INDICATORS)
        if event["calculation"]["metadata"]["instance"] == "SMA_20"
    ]
    assert averages == [100.0]


class TestColdStart:
    SYMBOLS = tuple(f"S{number}" for number in range(9))

    def sentence(self, *cold: int) -> str | None:
        return cold_start(self.SYMBOLS, ~np.isin(np.arange(9), cold))

    def test_few_are_named(self) -> None:
        assert self.sentence() is None
        assert self.sentence(4) == "1 of 9 symbols has no history and starts cold: S4"
        assert self.sentence(0, 8) == "2 of 9 symbols have no history and start cold: S0, S8"

    def test_of_many_only_the_first(self) -> None:
        assert self.sentence(*range(1, 8)) == (
            "7 of 9 symbols have no history and start cold: S1, S2, S3, S4, S5 and 2 more"
        )

    def test_all(self) -> None:
        assert self.sentence(*range(9)) == "no history: all 9 symbols start cold"
        assert cold_start(("AAPL",), np.array([False])) == "1 of 1 symbols has no history and starts cold: AAPL"

    async def test_it_is_said_once(self, redis_url: str, database_url: str) -> None:
        both = {MONDAY: wandering(2), TUESDAY: wandering(2, TUESDAY)}
        status = await play(service_of(HandMadeFeed(both), redis_url, database_url))
        assert list(status.notes) == ["no history: all 2 symbols start cold"]

    async def test_a_day_that_is_passed_over_is_history(self, redis_url: str, database_url: str) -> None:
        await listen(HandMadeFeed({MONDAY: wandering(2)}), redis_url, database_url)
        both = {MONDAY: wandering(2), TUESDAY: wandering(2, TUESDAY)}
        status = await play(service_of(HandMadeFeed(both), redis_url, database_url))
        assert status.notes[-1] == "1 of 2 symbols has no history and starts cold: BBB"
