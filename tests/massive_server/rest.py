"""The REST interface: minute bars of one symbol, page by page.

``RestServer(tape, key, now_ms)`` as an async context manager listens on a free port of loopback; ``url`` is its base.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from tests.massive_server.tape import Tape, bar_values
from tickstockpl.market.bars import MINUTE_MS

SMALLEST_PAGE = 3


class RestServer:
    """Aggregates over HTTP.

    Args:
        tape: whose bars it has.
        key: the one that is accepted.
        now_ms: the market's time: minutes that are not over are not given.

    Attributes:
        faults: answers that the next requests get instead of bars, first come first served: a status, or ``slow``,
            ``garbage``, ``elsewhere`` (a next page on another host).
        fault: the answer that every request gets while it is set.
        page: bars on a page at most.
        requests: by symbol.
    """

    def __init__(self, tape: Tape, key: str, now_ms: Callable[[], int]) -> None:
        self._key = key
        self._now_ms = now_ms
        self._server: asyncio.Server | None = None
        self._bars: dict[str, list[dict[str, Any]]] = {}
        self.faults: list[int | str] = []
        self.fault: int | str | None = None
        self.page = 50_000
        self.requests: Counter[str] = Counter()
        self._serving: set[asyncio.Task[None]] = set()
        self.load(tape)

    def load(self, tape: Tape) -> None:
        """Have the bars of this tape too."""
        for bars in tape.bars:
            for row, position in enumerate(bars.index.tolist()):
                one = {**bar_values(bars, row), "t": bars.minute_ms, "n": 1, "vw": float(bars.close[row])}
                self._bars.setdefault(tape.symbols[position], []).append(one)

    @property
    def url(self) -> str:
        """The base of its addresses."""
        if self._server is None:
            raise RuntimeError("the server does not listen")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            for serving in self._serving:
                serving.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (serving := asyncio.current_task()) is not None:
            self._serving.add(serving)
            serving.add_done_callback(self._serving.discard)
        try:
            while line := await reader.readline():
                headers: dict[str, str] = {}
                while (header := (await reader.readline()).decode("latin-1").strip()) != "":
                    name, _, value = header.partition(":")
                    headers[name.lower()] = value.strip()
                status, body, further = await self._answer(line.decode("latin-1").split(" ")[1], headers)
                lines = [f"HTTP/1.1 {status} -", "Content-Type: application/json", f"Content-Length: {len(body)}"]
                writer.write("\r\n".join([*lines, *further, "", ""]).encode() + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, IndexError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, target: str, headers: dict[str, str]) -> tuple[int, bytes, list[str]]:
        address = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        key = headers.get("authorization", "").removeprefix("Bearer ") or query.get("apiKey", "")
        parts = [unquote(part) for part in address.path.split("/")[1:]]
        if parts[:3] != ["v2", "aggs", "ticker"] or parts[4:7] != ["range", "1", "minute"] or len(parts) != 9:
            return 404, b'{"status":"NOT_FOUND"}', []
        symbol, first_ms, last_ms = parts[3], int(parts[7]), int(parts[8])
        self.requests[symbol] += 1
        if key != self._key:
            return 401, b'{"status":"ERROR","error":"Unknown API Key"}', []
        fault = self.faults.pop(0) if self.faults else self.fault
        match fault:
            case 429:
                return 429, b'{"status":"ERROR","error":"too many requests"}', ["Retry-After: 0"]
            case int():
                return fault, b'{"status":"ERROR"}', []
            case "slow":
                await asyncio.sleep(3600)
            case "garbage":
                return 200, b'{"results":[{"o":1', []
        return 200, self._page(symbol, first_ms, last_ms, query, elsewhere=fault == "elsewhere"), []

    def _page(self, symbol: str, first_ms: int, last_ms: int, query: dict[str, str], *, elsewhere: bool) -> bytes:
        over_ms = min(last_ms, self._now_ms() - MINUTE_MS)
        found = [bar for bar in self._bars.get(symbol, []) if first_ms <= bar["t"] <= over_ms]
        found.sort(key=lambda bar: bar["t"], reverse=query.get("sort") == "desc")
        limit = max(SMALLEST_PAGE, min(int(query.get("limit", "5000")), self.page))
        page, rest = found[:limit], found[limit:]
        answer: dict[str, Any] = {
            "ticker": symbol,
            "adjusted": query.get("adjusted", "true") == "true",
            "queryCount": len(page),
            "resultsCount": len(page),
            "status": "OK",
            "request_id": "f1",
            "count": len(page),
        }
        if page:
            answer["results"] = page
        if rest or elsewhere:
            host = "http://127.0.0.1:1" if elsewhere else self.url
            next_ms = rest[0]["t"] if rest else last_ms
            path = f"/v2/aggs/ticker/{symbol}/range/1/minute/{next_ms}/{last_ms}"
            answer["next_url"] = f"{host}{path}?limit={limit}&sort=asc&adjusted={query.get('adjusted', 'true')}"
        return msgspec.json.encode(answer)
