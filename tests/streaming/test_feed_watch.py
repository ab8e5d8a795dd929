"""The feed's connection, silence and gaps: when they are told, in which words, and when no more."""

from dataclasses import replace

import numpy as np
import pytest

from tests.streaming.hand_made import LiveFeed, at, bar
from tickstockpl.contract.events import Critical
from tickstockpl.feeds.base import Batch
from tickstockpl.market.trades import Trades
from tickstockpl.redaction import Redactor
from tickstockpl.streaming import feed_watch
from tickstockpl.streaming.feed_watch import GAP_SHOWN_MS, FeedWatch
from tickstockpl.streaming.health import Trouble

HOLD_S = 10


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The wall's seconds, as the test has them pass."""
    wall = [50.0]
    monkeypatch.setattr(feed_watch, "monotonic_s", lambda: wall[0])
    return wall


@pytest.fixture
def feed() -> LiveFeed:
    return LiveFeed()


@pytest.fixture
def watch(feed: LiveFeed, wall: list[float]) -> FeedWatch:
    return watching(feed)


def watching(feed: LiveFeed, stale_s: int = 30) -> FeedWatch:
    redactor = Redactor(["postgresql://sam:canary1234@db.example/market"])
    watch = FeedWatch(feed, stale_s, HOLD_S, redactor)
    watch.start(at(0))
    assert watch.look(at(0), expects_data=True) == []
    return watch


def trade(seconds: float) -> Batch:
    rows = np.array([at(seconds)]), np.array([0]), np.array([10.0]), np.array([100.0])
    return Batch(at(seconds), Trades(*rows))


def told(watch: FeedWatch, seconds: float, *, expects_data: bool = True) -> list[Critical]:
    return watch.look(at(seconds), expects_data=expects_data)


class TestConnection:
    def test_a_loss_and_its_end_are_told_in_the_specification_s_words(
        self, feed: LiveFeed, watch: FeedWatch, wall: list[float]
    ) -> None:
        feed.lose("reconnecting", action="Manual intervention needed - check API credentials")
        assert told(watch, 60) == [
            Critical(
                severity="critical",
                message="WebSocket connection lost to Massive",
                timestamp="2018-02-26T14:31:00.000Z",
                component="polygon_websocket",
                action_required="Manual intervention needed - check API credentials",
                recovery=None,
            )
        ]
        wall[0] += 299
        assert told(watch, 359) == []
        lost = "WebSocket connection lost to Massive for 5 minutes, reconnecting"
        assert list(watch.troubles()) == [Trouble("critical", lost)]
        wall[0] += 1
        feed.connection = feed.connected
        assert told(watch, 360) == [
            Critical(
                severity="info",
                message="WebSocket connection restored",
                timestamp="2018-02-26T14:36:00.000Z",
                component="polygon_websocket",
                action_required=None,
                recovery="Connection re-established successfully after 5 minutes",
            )
        ]
        assert list(watch.troubles()) == []
        assert told(watch, 361) == []

    def test_a_feed_that_gives_up_is_told_once_more_with_what_is_to_be_done(
        self, feed: LiveFeed, watch: FeedWatch
    ) -> None:
        feed.lose("reconnecting", "the server closed the connection")
        (lost,) = told(watch, 60)
        assert lost.message == "WebSocket connection lost to Massive: the server closed the connection"
        assert lost.action_required == "check the network, Massive and the credentials for it"
        feed.lose("disconnected", "the key was refused", "correct the key")
        (given_up,) = told(watch, 70)
        assert (given_up.message, given_up.action_required) == (
            "WebSocket connection lost to Massive: the key was refused",
            "correct the key",
        )
        feed.lose("reconnecting")
        assert told(watch, 80) == []
        feed.lose("disconnected")
        assert told(watch, 90) == []
        feed.connection = feed.connected
        assert [alert.severity for alert in told(watch, 100)] == ["info"]

    def test_no_secret_gets_out(self, feed: LiveFeed, watch: FeedWatch) -> None:
        leak = "postgresql://sam:canary1234@db.example canary1234 token=canary5678 \x00\n"
        feed.lose("disconnected", leak, leak)
        (alert,) = told(watch, 60)
        (trouble,) = watch.troubles()
        for text in (alert.message, alert.action_required or "", trouble.issue):
            assert "canary" not in text
            assert "***" in text
            assert text.isprintable()

    def test_it_is_told_between_sessions_too(self, feed: LiveFeed, watch: FeedWatch) -> None:
        feed.lose("disconnected")
        assert [alert.severity for alert in told(watch, 60, expects_data=False)] == ["critical"]


class TestSilence:
    def test_it_is_told_after_thirty_seconds_and_until_there_has_been_data_for_a_while(
        self, watch: FeedWatch, wall: list[float]
    ) -> None:
        watch.hear(trade(5), at(5))
        assert told(watch, 35) == []
        assert list(watch.troubles()) == []
        assert told(watch, 47) == [], "it is no alert"
        assert list(watch.troubles()) == [Trouble("warning", "Stale feed: nothing for 42 s")]
        watch.hear(trade(48), at(48))
        assert told(watch, 48) == []
        was = [Trouble("warning", "Feed was stale: nothing for 42 s, now there is data")]
        assert list(watch.troubles()) == was
        wall[0] += HOLD_S
        told(watch, 58)
        assert list(watch.troubles()) == []

    def test_time_that_passes_is_no_data(self, watch: FeedWatch) -> None:
        watch.hear(trade(0), at(0))
        for second in range(1, 40):
            watch.hear(Batch(at(second)), at(second))
        told(watch, 40)
        assert list(watch.troubles()) == [Trouble("warning", "Stale feed: nothing for 40 s")]

    def test_none_is_expected_out_of_hours_nor_of_a_feed_that_is_not_connected(
        self, feed: LiveFeed, watch: FeedWatch
    ) -> None:
        watch.hear(trade(1), at(1))
        told(watch, 100, expects_data=False)
        told(watch, 129)
        assert list(watch.troubles()) == []
        feed.lose("reconnecting")
        told(watch, 300)
        assert [trouble.status for trouble in watch.troubles()] == ["critical"], "told once, as what it is"
        feed.connection = feed.connected
        told(watch, 329)
        assert list(watch.troubles()) == []
        told(watch, 331)
        assert [trouble.issue for trouble in watch.troubles()] == ["Stale feed: nothing for 31 s"]

    def test_bars_are_due_a_minute_after_the_last_ones(self, watch: FeedWatch, wall: list[float]) -> None:
        told(watch, 89)
        assert list(watch.troubles()) == [], "it may be bars that the feed will have"
        told(watch, 91)
        assert list(watch.troubles()) == [Trouble("warning", "Stale feed: nothing for 91 s")]
        watch.hear(bar(1, 100.0), at(121))
        told(watch, 121)
        assert list(watch.troubles()) == [Trouble("warning", "Feed was stale: nothing for 91 s, now there is data")]
        wall[0] += HOLD_S
        told(watch, 131)
        assert list(watch.troubles()) == []
        told(watch, 211)
        assert list(watch.troubles()) == []
        told(watch, 212)
        assert list(watch.troubles()) == [Trouble("warning", "Stale feed: nothing for 91 s")]

    def test_only_a_live_feed_is_watched_and_only_if_wished(self, feed: LiveFeed, wall: list[float]) -> None:
        off = watching(feed, stale_s=0)
        told(off, 5000)
        assert list(off.troubles()) == []
        feed.is_live = False
        replay = watching(feed)
        told(replay, 5000)
        assert list(replay.troubles()) == []


class TestGaps:
    def test_a_gap_is_told_with_its_ends_and_health_warns_for_a_while(self, feed: LiveFeed) -> None:
        watch = watching(feed, stale_s=0)
        watch.hear(Batch(at(20 * 60), lost_since_ms=at(12 * 60)), at(20 * 60))
        (gap,) = told(watch, 20 * 60)
        assert (gap.severity, gap.component, gap.recovery) == ("warning", "polygon_websocket", None)
        assert gap.message == "No data from 14:42Z to 14:50Z: bars of this time are missing or incomplete"
        assert told(watch, 20 * 60 + 1) == []
        assert list(watch.troubles()) == [Trouble("warning", "No data from 14:42Z to 14:50Z")]
        told(watch, 20 * 60 + GAP_SHOWN_MS / 1000)
        assert list(watch.troubles()) == []

    def test_a_short_one_is_told_to_the_second(self, watch: FeedWatch) -> None:
        watch.hear(Batch(at(70), lost_since_ms=at(62.5)), at(70))
        (gap,) = told(watch, 70)
        assert gap.message.startswith("No data from 14:31:02Z to 14:31:10Z:")

    def test_none_of_no_length(self, watch: FeedWatch) -> None:
        watch.hear(Batch(at(70), lost_since_ms=at(70)), at(70))
        assert told(watch, 70) == []


def fetched(minute: int) -> Batch:
    return replace(bar(minute, 10.0), backfilled=True)


class TestBackfill:
    def test_minutes_that_were_fetched_are_told_once_the_last_of_them_is_out(self, watch: FeedWatch) -> None:
        for minute in range(3, 6):
            watch.hear(fetched(minute), at(400))
            assert told(watch, 400) == []
        watch.hear(trade(401), at(401))
        (alert,) = told(watch, 401)
        assert (alert.severity, alert.component, alert.recovery) == ("warning", "polygon_websocket", None)
        assert alert.message == "3 minutes were fetched afterwards, 14:33Z to 14:36Z"
        watch.hear(trade(402), at(402))
        assert told(watch, 402) == []

    def test_one_minute(self, watch: FeedWatch) -> None:
        watch.hear(fetched(3), at(300))
        watch.hear(trade(301), at(301))
        assert [alert.message for alert in told(watch, 301)] == ["1 minute was fetched afterwards, 14:33Z to 14:34Z"]


class TestPart:
    def test_what_a_connection_that_stands_does_not_deliver_is_told_once_and_stands_in_health(
        self, feed: LiveFeed, watch: FeedWatch
    ) -> None:
        feed.lose("connected", "Massive has not acknowledged 2 of 5 topics: T.AMD, T.SPY (canary1234)")
        (alert,) = told(watch, 5)
        assert (alert.severity, alert.recovery) == ("warning", None)
        assert alert.message == "Massive has not acknowledged 2 of 5 topics: T.AMD, T.SPY (***)"
        assert told(watch, 6) == []
        assert list(watch.troubles()) == [Trouble("warning", alert.message)]
        feed.lose("connected")
        assert told(watch, 7) == []
        assert list(watch.troubles()) == []
