import bz2
import gzip
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.feeds.playing import AskedClock, check_watermarks, joined, play
from tickstockpl.clock import MAX_SPEED
from tickstockpl.errors import TickStockError
from tickstockpl.feeds.base import Feed, FeedReport
from tickstockpl.feeds.files.tape import Cancelled, TapeReader
from tickstockpl.feeds.replay import ReplayFeed
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.market.calendar import MarketCalendar
from tickstockpl.market.universes import Universe, plain_universe

CALENDAR = MarketCalendar()
BARS = "timestamp,symbol,open,high,low,close,volume\n"
TRADES = "timestamp,symbol,price,size\n"
A_BAR = "2018-02-26T14:30:00Z,IBM,10,12,9,11,100\n"

Bar = tuple[str, str, float, float, float, float, int]


async def replay(
    *paths: Path, universe: Universe | None = None, timezone: str | None = None, speed: float = MAX_SPEED
) -> ReplayFeed:
    feed = ReplayFeed(paths, AskedClock(speed), CALENDAR, universe, timezone)
    await feed.open()
    return feed


async def refusal(*paths: Path, universe: Universe | None = None, timezone: str | None = None) -> str:
    with pytest.raises(TickStockError) as caught:
        await replay(*paths, universe=universe, timezone=timezone)
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def bars_of(feed: ReplayFeed) -> list[Bar]:
    return [
        (
            datetime.fromtimestamp(bars.minute_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            feed.universe.symbols[bars.index[row]],
            float(bars.open[row]),
            float(bars.high[row]),
            float(bars.low[row]),
            float(bars.close[row]),
            int(bars.volume[row]),
        )
        for day in feed.days()
        for batch in await play(feed, day)
        if isinstance(bars := batch.data, MinuteBars)
        for row in range(len(bars))
    ]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def to_file(text: str | bytes, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return to_file


Write = Callable[..., Path]


async def test_it_is_a_feed(write: Write) -> None:
    feed: Feed = await replay(write(BARS + A_BAR))
    [day] = feed.days()
    assert list(feed.history(day)) == []
    await feed.close()


class TestPlaying:
    async def test_a_minute_of_bars_is_a_batch_and_a_minute_without_rows_still_is_one(self, write: Write) -> None:
        path = write(BARS + A_BAR + "2018-02-26T14:32:00Z,IBM,11,11,11,11,7\n2018-02-26T14:32:00Z,AIG,5,5,5,5,8\n")
        feed = await replay(path, speed=60)
        [day] = feed.days()
        batches = await play(feed, day)
        check_watermarks(batches, day)
        assert len(batches) == 390
        assert [batch.data is not None for batch in batches[:4]] == [True, False, True, False]
        assert isinstance(bars := batches[2].data, MinuteBars)
        assert [feed.universe.symbols[at] for at in bars.index] == ["AIG", "IBM"]
        assert bars.volume.tolist() == [8, 7]

    async def test_every_batch_waits_for_its_end_but_for_what_lies_before_the_start(self, write: Write) -> None:
        clock = AskedClock(60)
        feed = ReplayFeed([write(BARS + A_BAR)], clock, CALENDAR)
        await feed.open()
        [day] = feed.days()
        await play(feed, day, day.close_ms - 2 * MINUTE_MS)
        assert clock.asked == [day.close_ms - MINUTE_MS, day.close_ms]

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(st.tuples(st.integers(0, 23_399_999), st.sampled_from(["IBM", "AIG"])), min_size=1, max_size=40),
        st.floats(20, 3_000),
        st.integers(-1_000, 23_400_000),
    )
    async def test_trades_come_sliced_in_order_and_whole(
        self, tmp_path: Path, rows: list[tuple[int, str]], speed: float, from_ms: int
    ) -> None:
        opens = 1_519_655_400_000
        path = tmp_path / "trades.csv"
        path.write_text(TRADES + "".join(f"{opens + at},{symbol},10.5,{n}\n" for n, (at, symbol) in enumerate(rows)))
        feed = await replay(path, speed=speed)
        [day] = feed.days()
        assert day.open_ms == opens
        batches = await play(feed, day, opens + from_ms)
        check_watermarks(batches, day)
        in_time = sorted(((at, symbol, n) for n, (at, symbol) in enumerate(rows)), key=lambda row: row[0])
        trades = joined(batches)
        assert (trades.time_ms - opens).tolist() == [at for at, _, _ in in_time]
        assert [feed.universe.symbols[at] for at in trades.index] == [symbol for _, symbol, _ in in_time]
        assert trades.size.tolist() == [n for _, _, n in in_time]

    async def test_progress_counts_market_minutes_and_skipped_days_as_done(self, write: Write) -> None:
        rows = "".join(f"2015-12-{day}T15:00:00Z,GOOG,1,1,1,1,1\n" for day in (23, 24, 28))
        feed = await replay(write(BARS + rows))
        assert (feed.row_count, feed.day_count, feed.minute_count) == (3, 3, 390 + 210 + 390)
        _, half_day, _ = feed.days()
        assert feed.minutes_done == 0
        async for batch in feed.batches(half_day, 0):
            assert feed.minutes_done == 390 + (batch.until_ms - half_day.open_ms) // MINUTE_MS
        assert feed.minutes_done == 600

    async def test_days_are_those_with_a_row_in_their_hours(self, test_data: Path) -> None:
        feed = await replay(test_data / "bars_2015-12-23_goog_early_close.csv.gz")
        assert [(day.date, (day.close_ms - day.open_ms) // MINUTE_MS) for day in feed.days()] == [
            (date(2015, 12, 23), 390),
            (date(2015, 12, 24), 210),
            (date(2015, 12, 28), 390),
        ]
        assert feed.row_count + feed.report.outside_hours == 1091
        for day in feed.days():
            check_watermarks(await play(feed, day), day)

    async def test_hours_follow_new_york_through_the_change_of_clocks(self, write: Write) -> None:
        opens = ["2025-03-07T14:30:00Z", "2025-03-10T13:30:00Z", "2025-10-31T13:30:00Z", "2025-11-03T14:30:00Z"]
        early = ["2025-03-07T14:29:00Z", "2025-03-10T13:29:00Z", "2025-10-31T13:29:00Z", "2025-11-03T14:29:00Z"]
        feed = await replay(write(BARS + "".join(f"{time},IBM,1,1,1,1,1\n" for time in sorted(opens + early))))
        assert [bar[0] for bar in await bars_of(feed)] == opens
        assert feed.report.outside_hours == 4

    async def test_rows_of_a_holiday_and_the_close_itself_are_outside_hours(self, write: Write) -> None:
        rows = "2018-02-19T15:00:00Z,IBM,1,1,1,1,1\n2018-02-26T21:00:00Z,IBM,1,1,1,1,1\n"
        feed = await replay(write(BARS + A_BAR + rows))
        assert (feed.row_count, feed.report.outside_hours, feed.report.rejected) == (1, 2, 0)

    async def test_five_real_days(self, test_data: Path) -> None:
        feed = await replay(test_data / "bars_2018-02-26_5d_142sym.csv.gz")
        assert (feed.row_count, feed.day_count, len(feed.universe)) == (274_401, 5, 142)
        assert (feed.report.outside_hours, feed.report.rejected, feed.report.messages) == (710, 0, [])
        assert sum([len(bars) for day in feed.days() for batch in await play(feed, day) if (bars := batch.data)]) == (
            feed.row_count
        )


async def test_reading_can_be_given_up(write: Write) -> None:
    reader = TapeReader(CALENDAR, None, "replay:file", None, FeedReport(), cancelled=lambda: True)
    with pytest.raises(Cancelled):
        reader.read([write(BARS + A_BAR)])


class TestNames:
    @pytest.mark.parametrize(
        ("name", "source"),
        [
            ("may.csv", "replay:may"),
            ("May 2025 (all).csv.bz2", "replay:May-2025-all"),
            ("a.b.CSV", "replay:a.b"),
            ("..csv", "replay:file"),
            ("x" * 80 + ".csv", "replay:" + "x" * 60),
        ],
    )
    async def test_the_source_is_the_files_name(self, name: str, source: str, write: Write) -> None:
        assert ReplayFeed([write(BARS, name)], AskedClock(), CALENDAR).source == source

    async def test_a_name_can_be_given(self, write: Write) -> None:
        assert ReplayFeed([write(BARS)], AskedClock(), CALENDAR, name="my run").source == "replay:my-run"

    async def test_several_files_have_a_name_of_their_own_always_the_same(self, write: Write) -> None:
        one, two, three = (write(BARS + A_BAR, f"{'n' * 58}{number}.csv") for number in range(3))
        names = [ReplayFeed(files, AskedClock(), CALENDAR).source for files in ([one, two], [one, two], [one, three])]
        assert names[0] == names[1] != names[2]
        assert all(len(name) <= len("replay:") + 60 for name in names)

    async def test_without_a_universe_the_symbols_are_the_files_sorted(self, write: Write) -> None:
        feed = await replay(write(BARS + A_BAR + A_BAR.replace("IBM", "BRK.B") + A_BAR.replace("IBM", "AIG")))
        assert feed.universe == plain_universe("replay:file", ("AIG", "BRK.B", "IBM"))

    async def test_a_universe_chooses_and_orders_the_symbols(self, write: Write) -> None:
        universe = plain_universe("my:own", ("MSFT", "IBM"))
        feed = await replay(write(BARS + A_BAR + A_BAR.replace("IBM", "AIG")), universe=universe)
        assert feed.universe is universe
        assert [bar[1] for bar in await bars_of(feed)] == ["IBM"]
        assert (feed.report.outside_universe, feed.report.outside_hours) == (1, 0)


minutes = st.integers(0, 389)
cents = st.integers(1, 10_000_000).map(lambda number: number / 100)
bar_values = st.lists(cents, min_size=4, max_size=4).map(sorted)
symbol_names = st.sampled_from(["A", "BRK.B", "BF-B", "0700", "GOOGL"])
bar_rows = st.lists(
    st.tuples(minutes, symbol_names, bar_values, st.booleans(), st.integers(0, 10**12)),
    min_size=1,
    max_size=30,
    unique_by=lambda row: row[:2],
)
OPENS = datetime(2018, 2, 26, 14, 30, tzinfo=UTC)


def iso_z(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


TIME_FORMS: dict[str, Callable[[datetime], str]] = {
    "Z": iso_z,
    "offset": lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S+00:00"),
    "minutes only": lambda moment: moment.strftime("%Y-%m-%dT%H:%MZ"),
    "nanoseconds": lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%S.000000000Z"),
    "s": lambda moment: str(int(moment.timestamp())),
    "ms": lambda moment: str(int(moment.timestamp()) * 10**3),
    "us": lambda moment: str(int(moment.timestamp()) * 10**6),
    "ns": lambda moment: str(int(moment.timestamp()) * 10**9),
}


class TestFormats:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(bar_rows, st.permutations(range(8)), st.sampled_from(sorted(TIME_FORMS)), st.data())
    async def test_what_was_written_is_read_back(
        self, tmp_path: Path, rows: list[tuple[int, str, list[float], bool, int]], order: list[int], form: str,
        data: st.DataObject,
    ) -> None:  # fmt: skip
        bars: list[Bar] = []
        lines: list[str] = []
        quote, end, bom = data.draw(st.tuples(st.booleans(), st.sampled_from(["\n", "\r\n"]), st.booleans()))
        for minute, symbol, (low, first, second, high), up, volume in rows:
            moment = OPENS.fromtimestamp(OPENS.timestamp() + 60 * minute, UTC)
            opening, close = (first, second) if up else (second, first)
            bars.append((iso_z(moment), symbol, opening, high, low, close, volume))
            fields = [TIME_FORMS[form](moment), symbol, *map(repr, (opening, high, low, close)), str(volume), "extra"]
            fields = [f'"{text}"' for text in fields] if quote else fields
            lines.append(",".join(fields[at] for at in order))
        names = [*BARS.upper().strip().split(","), "VWAP"]
        text = end.join([",".join(names[at] for at in order), *lines]) + data.draw(st.sampled_from(["", end, end * 3]))
        path = tmp_path / "file.csv"
        path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + text.encode())
        feed = await replay(path)
        assert await bars_of(feed) == sorted(bars)
        assert feed.report.rejected == 0

    @pytest.mark.parametrize(
        ("pack", "suffix"),
        [
            (bytes, ".csv"),
            (gzip.compress, ".csv.gz"),
            (bz2.compress, ".csv.bz2"),
            (lambda text: pa.compress(text, codec="zstd", asbytes=True), ".csv.zst"),
            (gzip.compress, ".data"),  # told by its first bytes, not by its name
        ],
    )
    async def test_compressed_csv_is_read(self, pack: Callable[[bytes], bytes], suffix: str, write: Write) -> None:
        feed = await replay(write(pack((BARS + A_BAR).encode()), f"file{suffix}"))
        assert await bars_of(feed) == [("2018-02-26T14:30:00Z", "IBM", 10.0, 12.0, 9.0, 11.0, 100)]

    @pytest.mark.parametrize(
        "time",
        [
            pa.array([datetime(2018, 2, 26, 14, 30, tzinfo=UTC)], pa.timestamp("us", "UTC")),
            pa.array([datetime(2018, 2, 26, 14, 30, tzinfo=UTC)], pa.timestamp("ns", "America/New_York")),
            pa.array([datetime(2018, 2, 26, 14, 30, tzinfo=UTC)], pa.timestamp("s", "+05:30")),
            pa.array([1_519_655_400_000], pa.int64()),
            pa.array([1_519_655_400], pa.uint32()),
            pa.array(["2018-02-26T09:30:00-05:00"], pa.large_string()),
        ],
        ids=lambda array: str(array.type),
    )
    async def test_parquet_is_read(self, time: pa.Array, tmp_path: Path) -> None:
        table = pa.table({
            "volume": pa.array([100.0], pa.float32()), "Timestamp": time, "open": pa.array([10], pa.int8()),
            "symbol": pa.array(["IBM"]).dictionary_encode(), "high": pa.array(["12"]), "low": [9.0],
            "close": pa.array([11], pa.decimal128(12, 2)), "vwap": [None],
        })  # fmt: skip
        pq.write_table(table, tmp_path / "file.parquet")
        feed = await replay(tmp_path / "file.parquet")
        assert await bars_of(feed) == [("2018-02-26T14:30:00Z", "IBM", 10.0, 12.0, 9.0, 11.0, 100)]

    async def test_bad_rows_of_parquet_are_told_by_their_number(self, tmp_path: Path) -> None:
        start = datetime(2018, 2, 26, 14, 30, tzinfo=UTC)
        table = pa.table({
            "timestamp": pa.array([start, None, start], pa.timestamp("ms", "UTC")), "symbol": ["IBM", "IBM", None],
            "price": [1.0, 2.0, None], "size": [1, 2, 3],
        })  # fmt: skip
        pq.write_table(table, tmp_path / "t.parquet")
        report = (await replay(tmp_path / "t.parquet")).report
        assert report.rejected == 2
        assert report.messages[0].startswith("t.parquet, line 2: timestamp (nothing) is not a time")
        assert report.messages[1].startswith("t.parquet, line 3: symbol (nothing) is not a symbol")

    async def test_naive_parquet_timestamps_need_a_time_zone(self, tmp_path: Path) -> None:
        times = pa.array([datetime(2018, 2, 26, 9, 30)], pa.timestamp("ns"))  # noqa: DTZ001
        path = tmp_path / "t.parquet"
        pq.write_table(pa.table({"timestamp": times, "symbol": ["IBM"], "price": [1.0], "size": [1]}), path)
        assert "names no time zone" in await refusal(path)
        assert (await replay(path, timezone="America/New_York")).row_count == 1

    @pytest.mark.parametrize(
        "header",
        [
            "ticker,volume,open,close,high,low,window_start,transactions",
            "SYM,v,o,c,h,l,t,x",
            "symbol,vol,o,c,h,l,Time,n",
        ],
    )
    async def test_other_names_in_use_are_understood(self, header: str, write: Write) -> None:
        feed = await replay(write(f"{header}\nIBM,100,10,11,12,9,1519655400000000000,5\n"))
        assert await bars_of(feed) == [("2018-02-26T14:30:00Z", "IBM", 10.0, 12.0, 9.0, 11.0, 100)]

    async def test_a_columns_own_name_wins_over_other_names(self, write: Write) -> None:
        feed = await replay(write(f"date,time,ticker,{BARS.strip()}\n0,0,0,{A_BAR}"))
        assert len(await bars_of(feed)) == 1

    async def test_a_day_longer_than_a_block_is_read_whole_with_the_right_lines(self, write: Write) -> None:
        rows = [f"{1_519_655_400_000 + n // 20},IBM,{n % 977 + 1}.25,{n % 13}\n" for n in range(450_000)]
        rows[439_998] = "nonsense\n"
        rows[440_001] = "1519655400000,IBM,0,1\n"
        feed = await replay(write(TRADES + "".join(rows)))
        assert feed.row_count == 449_998
        assert feed.report.messages == [
            "file.csv, line 440000: 1 field where the header has 4",
            "file.csv, line 440003: price '0' is zero or negative",
        ]
        [day] = feed.days()
        trades = joined(await play(feed, day))
        assert np.array_equal(trades.size[:439_998], np.arange(439_998) % 13)

    async def test_unsorted_files_are_sorted_trades_of_one_time_keeping_their_order(self, write: Write) -> None:
        one = write(TRADES + "2018-02-26T15:00:00.5Z,IBM,3,3\n2018-02-26T15:00:00.1Z,IBM,1,1\n", "1.csv")
        two = write(TRADES + "2018-02-26T15:00:00.1Z,AIG,2,2\n", "2.csv")
        feed = await replay(one, two)
        [day] = feed.days()
        assert joined(await play(feed, day)).size.tolist() == [1, 2, 3]

    async def test_a_folder_is_its_csv_and_parquet_files(self, write: Write, tmp_path: Path) -> None:
        write(BARS + A_BAR, "days/b.csv")
        write(gzip.compress((BARS + A_BAR.replace("-26T", "-27T")).encode()), "days/a.csv.gz")
        write("not this", "days/notes.txt")
        write("nor this", "days/.hidden.csv")
        feed = await replay(tmp_path / "days")
        assert [day.date.day for day in feed.days()] == [26, 27]


class TestTimeZones:
    async def test_naive_times_are_refused_unless_their_zone_is_given(self, write: Write) -> None:
        path = write(BARS + A_BAR.replace("T14:30:00Z", " 09:30:00"))
        assert "names no time zone; write it with Z or an offset, or say with --timezone" in await refusal(path)
        feed = await replay(path, timezone="America/New_York")
        assert [bar[0] for bar in await bars_of(feed)] == ["2018-02-26T14:30:00Z"]

    async def test_an_offset_wins_over_the_given_zone(self, write: Write) -> None:
        feed = await replay(write(BARS + A_BAR), timezone="Asia/Tokyo")
        assert [bar[0] for bar in await bars_of(feed)] == ["2018-02-26T14:30:00Z"]

    async def test_times_that_a_clock_change_skips_or_repeats_are_bad_rows(self, write: Write) -> None:
        rows = "".join(
            f"{time},IBM,1,1\n"
            for time in ("2025-03-09 02:30:00", "2025-11-02 01:30:00", "2025-11-02 00:59:59", "2025-11-03 09:30:00")
        )
        feed = await replay(write(TRADES + rows), timezone="America/New_York")
        assert (feed.row_count, feed.report.rejected, feed.report.outside_hours) == (1, 2, 1)
        skipped, repeated = feed.report.messages
        assert "line 2: timestamp '2025-03-09 02:30:00' never was" in skipped
        assert "line 3: timestamp '2025-11-02 01:30:00' was twice" in repeated

    async def test_an_unknown_zone_is_refused_with_the_nearest(self, write: Write) -> None:
        told = await refusal(write(BARS + A_BAR), timezone="America/NewYork")
        assert told == "there is no time zone 'America/NewYork'; did you mean America/New_York?"


class TestBadRows:
    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ("2018-02-26T14:30:00Z,IBM,10,12,9,11", "6 fields where the header has 7"),
            ("2018-02-26T14:30:00Z,IBM,10,12,9,11,5,6", "8 fields where the header has 7"),
            (",IBM,10,12,9,11,5", "timestamp '' is not a time"),
            ("yesterday,IBM,10,12,9,11,5", "timestamp 'yesterday' is not a time"),
            ("2018-02-30T14:30:00Z,IBM,10,12,9,11,5", "timestamp '2018-02-30T14:30:00Z' is not a time"),
            ("2018-02-26T25:30:00Z,IBM,10,12,9,11,5", "is not a time"),
            ("2018-02-26,IBM,10,12,9,11,5", "is not a time"),
            ("1519655400.5,IBM,10,12,9,11,5", "is not a time"),
            ("15196554,IBM,10,12,9,11,5", "is not a time"),
            ("2018-02-26T14:30:00,IBM,10,12,9,11,5", "names no time zone"),
            ("2018-02-26T14:30:01Z,IBM,10,12,9,11,5", "does not lie on a whole minute"),
            ("2018-02-26T14:30:00.000000001Z,IBM,10,12,9,11,5", "does not lie on a whole minute"),
            ("2018-02-26T14:30:00Z,ibm,10,12,9,11,5", "symbol 'ibm' is not a symbol"),
            ("2018-02-26T14:30:00Z,,10,12,9,11,5", "symbol '' is not a symbol"),
            ("2018-02-26T14:30:00Z,ABCDEFGHIJK,10,12,9,11,5", "symbol 'ABCDEFGHIJK' is not a symbol"),
            ("2018-02-26T14:30:00Z,IBM,ten,12,9,11,5", "open 'ten' is not a number"),
            ("2018-02-26T14:30:00Z,IBM,10,12,,11,5", "low '' is not a number"),
            ("2018-02-26T14:30:00Z,IBM,10,nan,9,11,5", "a price is not a finite number"),
            ("2018-02-26T14:30:00Z,IBM,10,inf,9,11,5", "a price is not a finite number"),
            ("2018-02-26T14:30:00Z,IBM,10,1e999,9,11,5", "a price is not a finite number"),
            ("2018-02-26T14:30:00Z,IBM,10,12,0,11,5", "a price is zero or negative"),
            ("2018-02-26T14:30:00Z,IBM,10,12,-9,11,5", "a price is zero or negative"),
            ("2018-02-26T14:30:00Z,IBM,1e10,1e10,1e10,1e10,5", "a price is 10,000,000,000 or more"),
            ("2018-02-26T14:30:00Z,IBM,10,9,12,11,5", "high is below low"),
            ("2018-02-26T14:30:00Z,IBM,13,12,9,11,5", "open or close lies outside low to high"),
            ("2018-02-26T14:30:00Z,IBM,10,12,9,8,5", "open or close lies outside low to high"),
            ("2018-02-26T14:30:00Z,IBM,10,12,9,11,-1", "volume is negative"),
            ("2018-02-26T14:30:00Z,IBM,10,12,9,11,many", "volume 'many' is not a number"),
            ("2018-02-26T14:30:00Z,IBM,10,12,9,11,1e15", "volume is 1,000,000,000,000,000 or more"),
            ("2018-02-26T14:31:00Z,IBM,10,12,9,11,5", "a second bar for the same symbol and minute"),
            ('2018-02-26T14:30:00Z,"IBM,10,12,9,11,5', "a quote is not closed on its line"),
            ("2018-02-26T14:30:00Z,I\0M,10,12,9,11,5", "is not a symbol"),
        ],
    )
    async def test_a_bad_bar_is_told_by_file_and_line_and_skipped(self, row: str, reason: str, write: Write) -> None:
        good = A_BAR.replace("14:30", "14:31")
        feed = await replay(write(f"{BARS}{good}\n{row}\n{good.replace('14:31', '14:32')}"))
        assert [bar[0][11:16] for bar in await bars_of(feed)] == ["14:31", "14:32"]
        assert feed.report.rejected == 1
        [told] = feed.report.messages
        assert told.startswith("file.csv, line 4: ")
        assert reason in told

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ("2018-02-26T14:30:00.5Z,IBM,0,1", "price '0' is zero or negative"),
            ("2018-02-26T14:30:00.5Z,IBM,inf,1", "price 'inf' is not a finite number"),
            ("2018-02-26T14:30:00.5Z,IBM,,1", "price '' is not a number"),
            ("2018-02-26T14:30:00.5Z,IBM,10,-1", "size '-1' is negative"),
            ("2018-02-26T14:30:00.5Z,IBM,10,nan", "size 'nan' is not a finite number of shares"),
        ],
    )
    async def test_a_bad_trade_is_told_by_file_and_line_and_skipped(self, row: str, reason: str, write: Write) -> None:
        good = "2018-02-26T14:30:00.123Z,IBM,10.5,0.25\n"
        feed = await replay(write(f"{TRADES}{good}{row}\n{good}"))
        assert (feed.row_count, feed.report.rejected) == (2, 1)
        [told] = feed.report.messages
        assert told.startswith("file.csv, line 3: ")
        assert reason in told

    async def test_symbols_that_are_not_utf_8_are_bad_rows(self, write: Write) -> None:
        feed = await replay(write((BARS + A_BAR).encode() + b"2018-02-26T14:31:00Z,\xff\xfe,1,1,1,1,1\n"))
        assert feed.report.rejected == 1
        assert "is not a symbol" in feed.report.messages[0]

    async def test_so_are_other_values_that_are_not_utf_8(self, write: Write) -> None:
        rows = [b"2018-02-26T14:31:00\xff,IBM,1,1,1,1,1\n", b"2018-02-26T14:32:00Z,IBM,1,1,1,1,\xff\n"]
        feed = await replay(write(BARS.encode() + b"".join(rows) + A_BAR.encode()))
        assert (feed.row_count, feed.report.rejected) == (1, 2)
        assert "line 2: timestamp '2018-02-26T14:31:00\ufffd' is not a time" in feed.report.messages[0]
        assert "line 3: volume '\ufffd' is not a number" in feed.report.messages[1]

    async def test_a_column_that_is_not_read_may_hold_anything(self, write: Write) -> None:
        feed = await replay(write(b"name," + BARS.encode() + b"Nestl\xe9," + A_BAR.encode()))
        assert (feed.row_count, feed.report.rejected) == (1, 0)

    async def test_spaces_around_numbers_are_forgiven(self, write: Write) -> None:
        feed = await replay(write(BARS + "2018-02-26T14:30:00Z,IBM, 10 ,12,9,11, 100\n"))
        assert [bar[2:] for bar in await bars_of(feed)] == [(10.0, 12.0, 9.0, 11.0, 100)]

    async def test_a_fraction_of_a_volume_is_rounded(self, write: Write) -> None:
        feed = await replay(write(BARS + A_BAR.replace("100", "99.7")))
        assert [bar[6] for bar in await bars_of(feed)] == [100]

    async def test_the_first_twenty_are_told_and_all_are_counted(self, write: Write) -> None:
        bad = A_BAR.replace("IBM", "ibm") * 15 + "x\n" * 15
        feed = await replay(write(BARS + bad + A_BAR, "1.csv"), write(BARS + bad + A_BAR * 12, "2.csv"))
        assert feed.report.rejected == 30 + 30 + 12
        assert [told.split(":")[0] for told in feed.report.messages] == [f"1.csv, line {n}" for n in range(2, 22)]

    async def test_of_bars_for_one_symbol_and_minute_the_first_in_the_files_counts(self, write: Write) -> None:
        one = write(BARS + A_BAR.replace("14:30", "14:31") + A_BAR, "1.csv")
        two = write(BARS + A_BAR.replace(",11,", ",10,"), "2.csv")
        feed = await replay(one, two)
        assert [bar[5] for bar in await bars_of(feed)] == [11.0, 11.0]
        assert feed.report.messages == ["2.csv, line 2: a second bar for the same symbol and minute"]

    async def test_a_quote_over_two_lines_spoils_only_those(self, write: Write) -> None:
        name = "timestamp,symbol,open,high,low,close,volume,name\n"
        rows = [A_BAR.replace("14:30", f"14:{n}").strip() for n in range(31, 34)]
        feed = await replay(write(f'{name}{rows[0]},a\n{rows[1]},"b\nb"\n{rows[2]},"c,c"\n'))
        assert [bar[0][14:16] for bar in await bars_of(feed)] == ["31", "33"]
        assert [told.split(":")[0] for told in feed.report.messages] == ["file.csv, line 3", "file.csv, line 4"]


class TestRefusals:
    async def test_a_file_with_none_right_is_an_error_that_says_why(self, write: Write) -> None:
        told = await refusal(write(BARS + A_BAR.replace("IBM", "i") * 3))
        assert "has no usable row among 3" in told
        assert "line 2: symbol 'i' is not a symbol" in told

    async def test_one_such_file_among_good_ones_too(self, write: Write) -> None:
        told = await refusal(write(BARS + A_BAR, "1.csv"), write(BARS + "x\n", "2.csv"))
        assert "2.csv has no usable row among 1; 2.csv, line 2: 1 field" in told

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (b"", "is empty"),
            (gzip.compress(b""), "is empty"),
            (BARS.encode(), "has a header but no rows"),
            (BARS.encode() + b"\n\r\n", "has a header but no rows"),
            (b"timestamp,symbol,open,high,close\n", "columns low, volume are missing; bars need timestamp,symbol,open"),
            (b"symbol,price,size\n", "column timestamp is missing; trades need timestamp,symbol,price,size"),
            (b"timestamp;symbol;price;size\n", "'timestamp;symbol;price;size' is neither that of bars"),
            (b"date,time,symbol,price,size\n", "columns 'date' and 'time' could all be 'timestamp'"),
            (b"timestamp,symbol,price,price,size\n", "columns 'price' and 'price' could all be 'price'"),
            (A_BAR.encode(), "line 1: the header"),
            (BARS.encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
            (b"PK\x03\x04rest", "is a ZIP archive or an Excel workbook"),
            (b"\0\1\2\3", "is neither CSV text nor Parquet"),
            (b"PAR1 but not really", "cannot be read"),
            (gzip.compress((BARS + A_BAR * 5).encode())[:-12], "is cut off or damaged"),
            (gzip.compress((BARS + A_BAR * 5).encode())[:-8] + b"12345678", "is cut off or damaged"),
            (b"x" * 20_000_000, "has a line of more than"),
            (b"x" * 200_000 + b"\n", "line 1 is not a CSV header"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    async def test_a_file_that_is_not_right(self, text: bytes, reason: str, write: Write) -> None:
        told = await refusal(write(text))
        assert reason in told
        assert "file.csv" in told
        assert len(told) < 500

    async def test_no_such_file(self, tmp_path: Path) -> None:
        assert await refusal(tmp_path / "no.csv") == f"there is no file {tmp_path / 'no.csv'}; check the path"

    async def test_what_is_neither_file_nor_folder(self) -> None:
        assert await refusal(Path("/dev/null")) == "/dev/null is not a file; copy it into one"

    async def test_a_folder_without_data(self, tmp_path: Path) -> None:
        assert "holds no file to replay" in await refusal(tmp_path)

    async def test_no_file_at_all(self) -> None:
        assert "no file was given" in await refusal()

    async def test_a_file_given_twice(self, write: Write) -> None:
        path = write(BARS + A_BAR)
        assert "is given twice" in await refusal(path, path.parent / "." / path.name)

    async def test_bars_mixed_with_trades(self, write: Write) -> None:
        told = await refusal(write(BARS + A_BAR, "b.csv"), write(TRADES + "2018-02-26T14:30:00Z,IBM,1,1\n", "t.csv"))
        assert "t.csv holds trades" in told
        assert "b.csv bars" in told

    async def test_nothing_within_hours(self, write: Write) -> None:
        told = await refusal(write(BARS + A_BAR.replace("14:30", "04:30")))
        assert "none of the 1 usable rows lies within regular hours" in told

    async def test_nothing_of_the_universe(self, write: Write) -> None:
        told = await refusal(write(BARS + A_BAR), universe=plain_universe("my:own", ("AIG",)))
        assert "no row is of universe my:own and within regular hours, 09:30 to 16:00 in New York (1 are of " in told

    async def test_parquet_columns_of_a_wrong_type(self, tmp_path: Path) -> None:
        table = pa.table({"timestamp": [True], "symbol": ["IBM"], "price": [1.0], "size": [1]})
        pq.write_table(table, tmp_path / "t.parquet")
        assert "column 'timestamp' is of type bool" in await refusal(tmp_path / "t.parquet")
        table = pa.table({"timestamp": [1_519_655_400], "symbol": [5], "price": [1.0], "size": [1]})
        pq.write_table(table, tmp_path / "t.parquet")
        assert "column 'symbol' is of type int64" in await refusal(tmp_path / "t.parquet")
