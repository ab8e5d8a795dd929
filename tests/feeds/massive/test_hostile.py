"""Frames of any content: no crash, all counted, and nothing of them in a bar that does not belong there."""

import json
import math
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tickstockpl.feeds.base import FeedReport
from tickstockpl.feeds.massive.options import Mode
from tickstockpl.feeds.massive.reader import FrameReader
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.market.builder import BarBuilder
from tickstockpl.market.inspection import BarInspector
from tickstockpl.market.trades import Trades

SYMBOLS = ("AAPL", "MSFT")
NOW_MS = 1_519_660_800_000

FRAMES = 1_000_000
"""Hostile frames in all."""

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["T", "A", "AM", "status", "Q", "AAPL", "MSFT", 0, -1, 1e308, 2**63, 2**64, NOW_MS]),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=4)),
    max_leaves=8,
)
NAMES = ("ev", "sym", "p", "s", "ds", "t", "q", "c", "o", "h", "l", "v", "e", "status", "message")
plausible = st.fixed_dictionaries(
    {},
    optional={
        "ev": st.one_of(st.sampled_from(["T", "A", "AM", "status", "LULD"]), values),
        "sym": st.one_of(st.sampled_from([*SYMBOLS, "ZZZ"]), values),
        **{name: st.one_of(st.integers(-5, 200), st.just(NOW_MS), values) for name in NAMES[2:]},
    },
)
frames = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(str.encode),
    st.lists(st.one_of(plausible, values), max_size=6).map(lambda found: json.dumps(found).encode()),
    values.map(lambda found: json.dumps(found).encode()),
    st.lists(plausible, max_size=3).map(lambda found: json.dumps(found).encode()[:-2]),
)


def take(reader: FrameReader, frame: bytes) -> None:
    """Read a frame as the connection does, and hand on what it gave as the player does."""
    before = reader.counts.frames
    reader.read(frame)
    assert reader.counts.frames == before + 1


def check_bars(reader: FrameReader) -> None:
    """Whatever came of it are bars as they should be."""
    reader.flush()
    builder, inspector = BarBuilder(len(SYMBOLS)), BarInspector(SYMBOLS)
    minutes: list[MinuteBars] = []
    for batch in reader.inbox.batches(1 << 60):
        if isinstance(batch.data, Trades):
            builder.add(batch.data)
        for ready in (batch.data, *batch.revised):
            if isinstance(ready, MinuteBars) and (sound := inspector.inspect(ready)) is not None:
                minutes.append(sound)
    for bars in (*builder.seal(1 << 60), *minutes):
        assert (bars.low <= bars.open).all()
        assert (bars.close <= bars.high).all()
        assert (bars.low > 0).all()
        assert np.isfinite(bars.high).all()
        assert (bars.volume >= 0).all()
        assert bars.minute_ms % MINUTE_MS == 0


@pytest.mark.parametrize("mode", list(Mode))
@given(portion=st.lists(frames, max_size=20))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_frame_is_too_strange(mode: Mode, portion: list[bytes]) -> None:
    reader = FrameReader(mode, SYMBOLS, FeedReport())
    for frame in portion:
        take(reader, frame)
    check_bars(reader)


def mutations(seeds: Sequence[bytes], count: int, seed: int) -> "list[bytes]":
    """Frames that were good, with bytes changed, cut out, doubled and put in; the same for the same seed."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(seeds), count)
    kinds, places, lengths = rng.integers(0, 5, count), rng.random(count), rng.integers(1, 12, count)
    noise = rng.integers(0, 256, 4096, np.uint8).tobytes()
    tokens = [b"null", b"-1", b"1e309", b'"', b"[", b"}", b"{}", b"true", b"99999999999999999999", b"\xff", b"NaN"]
    made = []
    for number in range(count):
        frame = seeds[picks[number]]
        at, length = int(places[number] * len(frame)), int(lengths[number])
        match kinds[number]:
            case 0:
                made.append(frame[:at] + noise[at : at + length] + frame[at + length :])
            case 1:
                made.append(frame[:at] + frame[at + length :])
            case 2:
                made.append(frame[:at] + frame[at : at + length] * 3 + frame[at + length :])
            case 3:
                made.append(frame[:at] + tokens[number % len(tokens)] + frame[at:])
            case _:
                made.append(frame[:at])
    return made


def seeds() -> list[bytes]:
    trade = {
        "ev": "T",
        "sym": "AAPL",
        "x": 4,
        "i": "1",
        "z": 3,
        "p": 100.5,
        "s": 100,
        "t": NOW_MS,
        "q": 7,
        "c": [12, 37],
    }
    bar = {"sym": "MSFT", "v": 4110, "o": 0.46, "c": 0.47, "h": 0.48, "l": 0.45, "s": NOW_MS, "e": NOW_MS + MINUTE_MS}
    found: list[list[dict[str, Any]]] = [
        [trade],
        [trade, {**trade, "sym": "MSFT", "ds": "0.25", "q": 8}],
        [{"ev": "AM", **bar}, trade, {"ev": "A", **bar}],
        [{"ev": "status", "status": "success", "message": "subscribed to: T.AAPL"}],
    ]
    return [msgspec.json.encode(messages) for messages in found]


def test_a_million_hostile_frames_are_counted_one_by_one() -> None:
    portions, modes = 25, list(Mode)
    size = FRAMES // portions
    total = 0
    for portion in range(portions):
        reader = FrameReader(modes[portion % len(modes)], SYMBOLS, FeedReport())
        read = 0
        for frame in mutations(seeds(), size, portion):
            reader.read(frame)
            read += 1
        check_bars(reader)
        assert reader.counts.frames == read
        assert reader.counts.garbled_frames > size // 10
        assert reader.counts.garbled_messages > 0
        total += read
    assert total == FRAMES


def test_what_is_wrong_is_told_apart() -> None:
    reader = FrameReader(Mode.TRADES, SYMBOLS, FeedReport())
    assert reader.read(b'[{"ev":"T","sym":"AAPL"') is None
    assert reader.read(b'{"ev":"T"}') is None
    assert reader.read(b"\xff\xfe") is None
    assert reader.read(b'[{"ev":"T","p":"dear"},{"ev":"LULD","sym":"AAPL"},7,{"ev":"T","sym":"AAPL"}]') == []
    assert reader.read(b'[{"ev":"status","status":"success"}]') != []
    counts = reader.counts
    assert (counts.frames, counts.garbled_frames, counts.garbled_messages, counts.unknown_messages) == (5, 3, 2, 1)
    assert reader.data_messages == 1


def test_no_depth_of_nesting_ends_the_reader() -> None:
    reader = FrameReader(Mode.TRADES, SYMBOLS, FeedReport())
    for depth in (100, 10_000, 1_000_000):
        reader.read(b"[" * depth + b"]" * depth)
        reader.read(b'[{"ev":"T","c":' + b"[" * depth + b"]" * depth + b"}]")
    assert reader.counts.frames == 6
    assert reader.counts.garbled_frames + reader.counts.garbled_messages == 6


def test_a_trade_without_a_price_or_a_time_is_rejected_and_counted() -> None:
    report = FeedReport()
    reader = FrameReader(Mode.TRADES, SYMBOLS, report)
    whole = {"ev": "T", "sym": "AAPL", "p": 100.0, "s": 1, "t": NOW_MS, "q": 1}
    lacking = [{name: value for name, value in whole.items() if name != without} for without in ("p", "s", "t", "sym")]
    reader.read(msgspec.json.encode([whole, *lacking, {**whole, "q": 2, "t": 1e300}, {**whole, "q": 3, "ds": "many"}]))
    reader.flush()
    (batch,) = reader.inbox.batches(0)
    assert isinstance(batch.data, Trades)
    assert len(batch.data) == 2
    assert not math.isnan(batch.data.price.sum())
    assert (report.rejected, report.outside_universe) == (2, 1)
    check_bars(reader)
