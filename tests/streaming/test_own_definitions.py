"""Indicators and patterns of the user's own go out and are stored like any other."""

import asyncio
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import psycopg
import pytest

from tests.streaming.market_files import play, replay_service, series
from tests.support import Subscriber
from tickstockpl.contract.catalog import decode_catalog
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.codec import decode
from tickstockpl.contract.events import StreamingPattern
from tickstockpl.settings import load_settings

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "definitions.py"


def test_the_examples_indicator_is_published_and_stored(
    one_day: Path, redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKSTOCK_DEFINITIONS", str(EXAMPLE))
    monkeypatch.setenv("TICKSTOCK_INDICATORS", "PRICE_CHANNEL:30 RSI")
    with Subscriber(redis_url) as heard:
        asyncio.run(play(replay_service(one_day, redis_url, database_url, settings=load_settings())))

    said = defaultdict(list)
    for channel, payload in heard.messages:
        decode(channel, payload)
        if channel == Channel.INDICATORS:
            calculation = json.loads(payload)["calculation"]
            said[calculation["symbol"], calculation["metadata"]["instance"]].append(calculation)
    assert {instance for _, instance in said} == {"PRICE_CHANNEL_30", "RSI_14"}

    bars = series(one_day, "AAPL")
    channel_said = said["AAPL", "PRICE_CHANNEL_30"]
    assert len(channel_said) == len(bars.close) - 29
    upper = np.lib.stride_tricks.sliding_window_view(bars.high, 30).max(axis=1)
    lower = np.lib.stride_tricks.sliding_window_view(bars.low, 30).min(axis=1)
    assert [one["indicator"] for one in channel_said] == ["PRICE_CHANNEL"] * len(upper)
    assert [one["value"] for one in channel_said] == ((upper + lower) / 2).tolist()
    assert [one["metadata"]["upper"] for one in channel_said] == upper.tolist()
    assert {one["metadata"]["period"] for one in channel_said} == {30}
    with psycopg.connect(database_url) as connection:
        stored = connection.execute(
            "SELECT count(*) FROM intraday_indicators WHERE symbol = 'AAPL' AND indicator = 'PRICE_CHANNEL'"
        ).fetchone()
    assert stored == (len(channel_said),)


def test_the_examples_patterns_are_published_stored_and_in_the_catalog(
    one_day: Path, redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKSTOCK_DEFINITIONS", str(EXAMPLE))
    settings = load_settings(patterns="NarrowRangeBreakUp:0.3,NarrowRangeBreakDown", min_confidence=0.0)
    with Subscriber(redis_url) as heard:
        asyncio.run(play(replay_service(one_day, redis_url, database_url, settings=settings)))

    events = [decode(channel, payload) for channel, payload in heard.messages if channel == Channel.PATTERNS]
    patterns = [event.detection for event in events if isinstance(event, StreamingPattern)]
    assert {one.pattern_type for one in patterns} == {"NarrowRangeBreakUp", "NarrowRangeBreakDown"}
    assert min(one.confidence for one in patterns if one.pattern_type == "NarrowRangeBreakUp") >= 0.3
    assert all("ranges narrower than the six before it" in str(one.metadata.explanation) for one in patterns)
    with psycopg.connect(database_url) as connection:
        (stored,) = connection.execute("SELECT count(*) FROM intraday_patterns").fetchone() or ()
        (catalog,) = connection.execute("SELECT catalog::text FROM streaming_catalogs").fetchone() or ()
    assert stored == len(patterns)
    enabled = {one.name: one.threshold for one in decode_catalog(catalog).patterns if one.enabled}
    assert enabled == {"NarrowRangeBreakUp": 0.3, "NarrowRangeBreakDown": 0.0}
