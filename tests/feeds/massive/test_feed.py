from pathlib import Path

from tests.feeds.massive.listening import by_key, hear, opened
from tests.massive_server import MassiveServer, Tape
from tests.streaming.live import RunningClock
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketCalendar

TRADES = "trades_2013-10-07_spy_ibm_aig.csv.gz"


async def test_an_hour_of_trades(test_data: Path) -> None:
    tape = await Tape.of_files(test_data / TRADES)
    calendar = MarketCalendar()
    day = next(calendar.days_to_come(tape.bars[0].minute_ms))
    clock = RunningClock(day.open_ms - 60_000, 240)
    async with (
        MassiveServer(tape.between(day.open_ms, day.close_ms), clock) as server,
        opened(server, clock, tape.symbols) as feed,
    ):
        heard = await hear(feed, day, day.open_ms, day.open_ms + 60 * MINUTE_MS)
    oracle = by_key(tape.symbols, tape.between(day.open_ms, day.open_ms + 60 * MINUTE_MS).bars)
    print(len(heard.bars), len(oracle), heard.backfilled, heard.lost, heard.statuses, heard.reasons)
    diff = {k for k in oracle if heard.bars.get(k) != oracle[k]}
    print(len(diff), sorted(diff)[:5])
    assert heard.bars == oracle
