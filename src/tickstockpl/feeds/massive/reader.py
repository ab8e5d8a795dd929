"""From frames to the inbox."""

from collections.abc import Iterable

from tickstockpl.feeds.base import FeedReport
from tickstockpl.feeds.live.inbox import Inbox, TradeInbox
from tickstockpl.feeds.massive.columns import Positions, TradeColumns
from tickstockpl.feeds.massive.messages import (
    FrameCounts,
    Message,
    MinuteMessage,
    SecondMessage,
    StatusMessage,
    TradeMessage,
    decode_frame,
)
from tickstockpl.feeds.massive.minutes import MinuteInbox
from tickstockpl.feeds.massive.options import Mode
from tickstockpl.feeds.massive.seconds import SecondColumns

PORTION = 4096
"""Trades that are made columns of at once: a frame holds a few, and columns of a few cost as much as of many."""


class FrameReader:
    """Reads frames and puts what the mode wants of them into the inbox.

    Args:
        mode: what is wanted.
        symbols: the universe, in its order.
        report: counts what is left out, merged, or had come before.

    Attributes:
        counts: frames, and what of them could not be read.
        data_messages: trades and bars of any symbol that have come.
        inbox: where they wait.
    """

    def __init__(self, mode: Mode, symbols: tuple[str, ...], report: FeedReport) -> None:
        positions = Positions(symbols)
        self._mode = mode
        self._report = report
        self._trade_columns = TradeColumns(positions, report)
        self._second_columns = SecondColumns(positions, report)
        self._trades = TradeInbox(len(symbols), report)
        self._minutes = MinuteInbox(positions, report)
        self._held: list[TradeMessage] = []
        self._seconds: list[SecondMessage] = []
        self.counts = FrameCounts()
        self.data_messages = 0

    @property
    def inbox(self) -> Inbox:
        """Where what came waits."""
        return self._minutes if self._mode is Mode.MINUTES else self._trades

    def read(self, frame: bytes | str) -> list[StatusMessage] | None:
        """Take a frame; the status messages in it, ``None`` if it cannot be read at all."""
        messages = decode_frame(frame, self.counts)
        self._report.garbled = self.counts.garbled_frames + self.counts.garbled_messages
        if messages is None:
            return None
        trades = [message for message in messages if type(message) is TradeMessage]
        statuses = [] if len(trades) == len(messages) else self._sort_out(messages)
        self.data_messages += len(messages) - len(statuses)
        if self._mode is Mode.TRADES:
            self._held += trades
            if len(self._held) >= PORTION:
                self.flush()
        return statuses

    def flush(self) -> None:
        """Put what was read into the inbox."""
        if self._held:
            held, self._held = self._held, []
            self._trades.put(self._trade_columns.trades(held))
        if self._seconds:
            seconds, self._seconds = self._seconds, []
            self._trades.put(self._second_columns.trades(seconds))

    def _sort_out(self, messages: Iterable[Message]) -> list[StatusMessage]:
        statuses, minutes = [], []
        for message in messages:
            if isinstance(message, StatusMessage):
                statuses.append(message)
            elif isinstance(message, MinuteMessage):
                minutes.append(message)
            elif isinstance(message, SecondMessage) and self._mode is Mode.SECONDS:
                self._seconds.append(message)
        if minutes and self._mode is Mode.MINUTES:
            self._minutes.put(minutes)
        return statuses
