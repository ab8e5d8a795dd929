"""Minute bars over Massive's REST interface: ``/v2/aggs/ticker/{symbol}/range/1/minute/{from}/{to}``."""

import asyncio
import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import nan
from typing import Final, Self
from urllib.parse import quote, urlsplit

import httpx
import msgspec
import numpy as np
from msgspec import Struct

from tickstockpl.clock import monotonic_s
from tickstockpl.feeds.live.backoff import Backoff
from tickstockpl.feeds.massive.pace import Pace
from tickstockpl.feeds.massive.refusals import NOT_ENTITLED, WRONG_KEY
from tickstockpl.market.bars import MINUTE_MS, VOLUME_LIMIT, Floats, Index, MinuteBars

AT_ONCE: Final = 16
"""Requests that are under way at most."""

ROWS: Final = 50_000
"""Bars on a page at most: what the interface allows."""

REQUEST_S: Final = 15.0
"""How long one answer may take, seconds."""

LONGEST_PAUSE_S: Final = 30.0
"""How long a server that is asked too often is left alone at most, seconds."""


class AggregateRow(Struct, gc=False):
    """A bar; ``t`` is its start, milliseconds since the epoch."""

    t: float = nan
    o: float = nan
    h: float = nan
    l: float = nan  # noqa: E741 - the vendor's name
    c: float = nan
    v: float = nan


class AggregatesPage(Struct):
    """A page of bars, and where the next one is."""

    results: list[AggregateRow] | None = None
    next_url: str | None = None


logging.getLogger("httpx").setLevel(logging.WARNING)  # below that it writes a line for each request

_decode: Final = msgspec.json.Decoder(AggregatesPage).decode


@dataclass(frozen=True, slots=True)
class FetchedMinutes:
    """What could be fetched.

    Attributes:
        bars: minutes in which something traded, oldest first; ``index`` is the position among the symbols asked for.
        missing: the symbols that could not be had, or not whole.
        reason: why not, in words; empty where nothing is missing.
    """

    bars: tuple[MinuteBars, ...] = ()
    missing: tuple[str, ...] = ()
    reason: str = ""


class RefusedError(Exception):
    """The interface will not give us this, however often it is asked."""


class UnusableError(Exception):
    """An answer is of no use, another may be."""

    def __init__(self, reason: str, pause_s: float = 0.0) -> None:
        super().__init__(reason)
        self.pause_s = pause_s


_COLUMNS: Final = ("t", "o", "h", "l", "c", "v")


class _Gathered:
    """The bars of all symbols so far, as columns: a session of the whole market is four million bars."""

    def __init__(self) -> None:
        self._positions: list[Index] = []
        self._values: list[Floats] = []

    def add(self, position: int, rows: Sequence[AggregateRow]) -> None:
        if rows:
            self._positions.append(np.full(len(rows), position, np.intp))
            columns = [[getattr(row, name) for row in rows] for name in _COLUMNS]
            self._values.append(np.array(columns, np.float64))

    def bars(self) -> Iterator[MinuteBars]:
        """Minute by minute, oldest first; of a bar that came twice the last."""
        if not self._positions:
            return
        index, values = np.concatenate(self._positions), np.concatenate(self._values, axis=1)
        order = np.lexsort((index, values[0]))
        index, values = index[order], values[:, order]
        is_last = np.concatenate(((values[0][1:] != values[0][:-1]) | (index[1:] != index[:-1]), [True]))
        index, values = index[is_last], values[:, is_last]
        starts = np.concatenate(([0], np.flatnonzero(values[0][1:] != values[0][:-1]) + 1, [len(index)]))
        for first, end in pairwise(starts.tolist()):
            minute_ms, (open_, high, low, close, volume) = int(values[0][first]), values[1:, first:end].copy()
            volumes = np.rint(volume).astype(np.int64)
            yield MinuteBars(minute_ms, index[first:end], open_, high, low, close, volumes)


class Aggregates:
    """Fetches minute bars, as fast as the pace allows and not for ever. Used from one event loop.

    The key goes into a header, never into an address; a next page is fetched from the same host only.

    Args:
        base_url: of the REST interface.
        api_key: of the account.
        requests_per_second: on average at most.

    Attributes:
        requests: made so far.
        rejected: rows that were not usable.
    """

    def __init__(self, base_url: str, api_key: str, requests_per_second: float) -> None:
        self._base_url = base_url.rstrip("/")
        self._pace = Pace(requests_per_second)
        self._client = httpx.AsyncClient(headers={"Authorization": f"Bearer {api_key}"}, timeout=REQUEST_S)
        self._not_before_s = 0.0
        self.requests = 0
        self.rejected = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def minutes(self, symbols: Sequence[str], from_ms: int, until_ms: int, deadline_s: float) -> FetchedMinutes:
        """The bars of some symbols that start in ``[from_ms, until_ms)``.

        Does not raise where they cannot be had; says which are missing.

        Args:
            symbols: whose.
            from_ms: market time, milliseconds since the epoch.
            until_ms: market time after the last bar's start.
            deadline_s: seconds that it may take in all.
        """
        if from_ms >= until_ms:
            return FetchedMinutes()
        gathered, wanted = _Gathered(), iter(enumerate(symbols))
        done: set[str] = set()
        reasons: list[str] = []

        async def work() -> None:
            for position, symbol in wanted:
                gathered.add(position, await self._of_symbol(symbol, from_ms, until_ms, reasons))
                done.add(symbol)

        workers = [asyncio.ensure_future(work()) for _ in range(min(AT_ONCE, len(symbols)))]
        try:
            async with asyncio.timeout(deadline_s):
                await asyncio.gather(*workers)
        except TimeoutError:
            reasons.append(f"they were not all had within {deadline_s:g} seconds" + _after(reasons))
        except RefusedError as error:
            reasons.append(str(error))
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        missing = tuple(symbol for symbol in symbols if symbol not in done)
        return FetchedMinutes(tuple(gathered.bars()), missing, reasons[-1] if missing and reasons else "")

    async def _of_symbol(self, symbol: str, from_ms: int, until_ms: int, reasons: list[str]) -> list[AggregateRow]:
        """All pages of a symbol; tries until it is cancelled, or refused."""
        path = f"/v2/aggs/ticker/{quote(symbol, safe='')}/range/1/minute/{from_ms}/{until_ms - 1}"
        url: str | None = f"{self._base_url}{path}?adjusted=true&sort=asc&limit={ROWS}"
        rows: list[AggregateRow] = []
        seen: set[str] = set()
        backoff = Backoff(0.25, 5.0, random.Random())  # noqa: S311 - jitter is no secret
        while url is not None and url not in seen:
            try:
                page = await self._page(url)
            except UnusableError as error:
                reasons[:] = [str(error)]
                await asyncio.sleep(max(backoff.next_s(), error.pause_s))
                continue
            seen.add(url)
            usable = [row for row in page.results or () if _is_usable(row, from_ms, until_ms)]
            self.rejected += len(page.results or ()) - len(usable)
            rows += usable
            url = self._next(page.next_url)
        return rows

    async def _page(self, url: str) -> AggregatesPage:
        await self._pace.turn()
        if (left_s := self._not_before_s - monotonic_s()) > 0:
            await asyncio.sleep(left_s)
        self.requests += 1
        try:
            answer = await self._client.get(url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnusableError(f"{self._base_url} cannot be reached ({type(error).__name__})") from None
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise RefusedError(f"{WRONG_KEY.reason}; {WRONG_KEY.action}")
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise RefusedError(f"{NOT_ENTITLED.reason}; {NOT_ENTITLED.action}")
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            pause_s = _pause_s(answer.headers.get("Retry-After", ""))
            self._not_before_s = max(self._not_before_s, monotonic_s() + pause_s)
            raise UnusableError("Massive is asked too often (set TICKSTOCK_MASSIVE_REQUESTS_PER_SECOND lower)", pause_s)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return AggregatesPage()  # a symbol that it does not know has no bars
        if answer.status_code != httpx.codes.OK:
            raise UnusableError(f"{self._base_url} answered HTTP {answer.status_code}")
        try:
            return _decode(answer.content)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            raise UnusableError(f"{self._base_url} answered what cannot be read") from None

    def _next(self, url: str | None) -> str | None:
        """Where the next page is; nowhere if it is to be on another host, which shall not get the key."""
        if not url:
            return None
        own, other = urlsplit(self._base_url), urlsplit(url)
        if (own.scheme, own.netloc) != (other.scheme, other.netloc):
            raise RefusedError(f"{self._base_url} names another host for the next page, which does not get the API key")
        return url


def _is_usable(row: AggregateRow, from_ms: int, until_ms: int) -> bool:
    return from_ms <= row.t < until_ms and row.t % MINUTE_MS == 0 and 0 <= row.v < VOLUME_LIMIT


def _pause_s(retry_after: str) -> float:
    """How long the server wants to be left alone, seconds; 1 where it does not say in seconds."""
    try:
        wanted_s = float(retry_after)
    except ValueError:
        return 1.0
    return min(max(wanted_s, 0.0), LONGEST_PAUSE_S) if wanted_s == wanted_s else 1.0


def _after(reasons: Sequence[str]) -> str:
    return f" ({reasons[-1]})" if reasons else ""
