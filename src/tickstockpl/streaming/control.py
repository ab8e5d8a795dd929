"""What operators want of a service, and what the service is at."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tickstockpl.clock import MAX_SPEED, Clock, wall_ms
from tickstockpl.contract.commands import Command, Outcome, Phase, Reply, ServiceState
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.errors import TickStockError
from tickstockpl.market.calendar import MarketDay, in_words
from tickstockpl.store.rows import CommandRow
from tickstockpl.streaming.session import LiveSession
from tickstockpl.streaming.status import ServiceStatus
from tickstockpl.streaming.wording import one_line

START_COMMAND = "tickstockpl session start"
STOP_COMMAND = "tickstockpl session stop"


@dataclass(frozen=True, slots=True)
class StartOrder:
    """A session is to start, by the calendar or by an operator.

    Attributes:
        universe: its universe; ``None`` is the service's own.
        by_operator: whether somebody asked for it: then it is a session of its own, and nothing is resumed.
    """

    universe: str | None = None
    by_operator: bool = False


class SessionControl:
    """Decides at once what becomes of a command, and tells its outcome once there is one.

    The service says what it is at (``wait``, ``begin``, ``end`` ...) and looks at ``halt`` and ``take_order``; commands
    come in by ``handle``. All of it on one event loop.

    Args:
        service_id: by which the service is addressed.
        source: where its bars come from.
        universe: the key of its own universe.
        clock: the market's time.
        status: what the operator sees.
        check_universe: raises a ``TickStockError`` where another universe cannot be streamed.
        answer: takes an answer on its way; never waits.
        record: stores who asked for what.
    """

    def __init__(
        self,
        *,
        service_id: str,
        source: str,
        universe: str,
        clock: Clock,
        status: ServiceStatus,
        check_universe: Callable[[str], object],
        answer: Callable[[Reply], None],
        record: Callable[[CommandRow], Awaitable[None]],
    ) -> None:
        self._service_id = service_id
        self._source = source
        self._universe = self._own_universe = universe
        self._clock = clock
        self._status = status
        self._check_universe = check_universe
        self._answer = answer
        self._record = record
        self._phase: Phase = "starting"
        self._detail = "the service is starting"
        self._day: MarketDay | None = None
        self._session: LiveSession | None = None
        self._next_open_ms: int | None = None
        self._order: StartOrder | None = None
        self._pending: Command | None = None
        self._stopped_by = ""
        self.halt = asyncio.Event()
        self.ordered = asyncio.Event()

    # What the service says.

    def prepare(self, day: MarketDay, universe: str | None) -> None:
        """A session of this day is being prepared."""
        self._phase, self._day, self._universe = "starting", day, universe or self._own_universe
        self._detail, self._next_open_ms = f"preparing the session of {day.date}", None

    def wait(self, day: MarketDay) -> None:
        """The market is closed until this day's open."""
        self._phase, self._day, self._next_open_ms = "waiting", day, day.open_ms
        self._detail = f"waiting for the open, {in_words(day.open_ms)}"
        self._show(self._detail)

    def begin(self, session: LiveSession) -> None:
        """A session has been announced."""
        self._phase, self._session, self._next_open_ms = "running", session, None
        self._universe = session.universe
        self._detail = f"streaming until the close, {in_words(session.day.close_ms)}"
        self._status.stage = self._detail
        self._finish("done")

    def ends(self) -> None:
        """The session is being ended: its last rows are stored and its end is announced."""
        self._phase, self._detail = "ending", "the session is being ended"

    def end(self) -> None:
        """The session has ended."""
        self._phase, self._detail = "starting", "looking for the next session"
        self._finish("done")

    def hold(self, day: MarketDay, upcoming: MarketDay | None) -> None:
        """An operator has stopped the streaming of this day; it goes on when one starts it, or on the next day.

        Args:
            day: the day.
            upcoming: the trading day on which sessions start by themselves again; ``None`` is none.
        """
        self._phase, self._day, self._universe = "stopped", day, self._own_universe
        by = f" by {self._stopped_by}" if self._stopped_by else ""
        self._detail = f"streaming was stopped{by}; {START_COMMAND} goes on"
        self._next_open_ms = None if upcoming is None else upcoming.open_ms
        if upcoming is not None:
            self._detail += f", or the next session starts at the open, {in_words(upcoming.open_ms)}"
        self._show(self._detail)

    def stopped_earlier(self, requested_by: str) -> None:
        """Before this service was started, an operator stopped the streaming of its day."""
        self._stopped_by = one_line(requested_by)

    def take_order(self) -> StartOrder | None:
        """The session that an operator wants, once."""
        order, self._order = self._order, None
        self.ordered.clear()
        return order

    def fail(self, reason: str) -> None:
        """What was being done has failed."""
        self._finish("failed", reason)

    # What operators say.

    async def handle(self, command: Command) -> None:
        """Refuse a command, or acknowledge it and let the service do it; whichever, it is on record."""
        if command.action == "status":
            self._reply(command, "done")
            return
        refusal = self._refusal(command)
        session_id = None if self._session is None else str(self._session.id)
        if refusal is None:
            self._accept(command)
            self._reply(command, "acknowledged")
        else:
            self._reply(command, "refused", refusal)
        await self._record(
            CommandRow(
                request_id=command.request_id,
                source=self._source,
                trading_date=None if self._day is None else self._day.date,
                action=command.action,
                universe=None if command.universe is None else one_line(command.universe)[:100],
                requested_by=one_line(command.requested_by)[:200],
                requested_at=command.requested_at,
                accepted=refusal is None,
                reason=refusal,
                session_id=session_id,
                handled_at=to_iso(wall_ms()),
            )
        )

    def refuse(self, command: Command, reason: str) -> None:
        """A command that must not be done any more."""
        self._reply(command, "refused", reason)

    def _refusal(self, command: Command) -> str | None:
        if command.action == "stop":
            return None if self._phase == "running" else f"no session runs that could be stopped: {self._detail}"
        match self._phase:
            case "stopped":
                return self._refused_universe(command.universe)
            case "running":
                session = self._session
                which = "" if session is None else f": {session.id} of {session.universe}, since {session.begun}"
                return f"a session runs already{which}; stop it first with {STOP_COMMAND}"
            case "waiting":
                return f"the market is closed, and the session starts by itself: {self._detail}"
            case _:
                return f"the service is busy ({self._detail}); ask again in a moment"

    def _refused_universe(self, universe: str | None) -> str | None:
        if universe is None or universe == self._own_universe:
            return None
        try:
            self._check_universe(universe)
        except TickStockError as error:
            return str(error)
        return None

    def _accept(self, command: Command) -> None:
        self._pending = command
        if command.action == "stop":
            self._stopped_by = one_line(command.requested_by)
            self.ends()
            self.halt.set()
        else:
            self._phase, self._detail = "starting", f"starting a session for {one_line(command.requested_by)}"
            self._order = StartOrder(command.universe, by_operator=True)
            self.ordered.set()
        self._status.note(f"{one_line(command.requested_by)} asks to {command.action} the session")

    def _finish(self, outcome: Outcome, reason: str | None = None) -> None:
        command, self._pending = self._pending, None
        if command is not None:
            self._reply(command, outcome, reason)

    def _reply(self, command: Command, outcome: Outcome, reason: str | None = None) -> None:
        self._answer(Reply(command.request_id, outcome, reason, self.state(), to_iso(wall_ms())))

    def state(self) -> ServiceState:
        """What the service is at, as operators are told."""
        speed, session, health = self._clock.speed, self._session, self._status.health
        return ServiceState(
            service_id=self._service_id,
            source=self._source,
            universe=self._universe,
            phase=self._phase,
            detail=self._detail,
            market_time=to_iso(self._clock.now_ms()),
            speed=None if speed == MAX_SPEED else speed,
            session=session.contract if session is not None and self._phase in ("running", "ending") else None,
            total_patterns=0 if session is None else session.patterns,
            total_indicators=0 if session is None else session.indicators,
            next_open=None if self._next_open_ms is None else to_iso(self._next_open_ms),
            health=None if health is None else health.status,
            issues=[] if health is None else health.issues,
        )

    def _show(self, detail: str) -> None:
        self._status.day = None
        self._status.stage = detail
        self._status.note(detail)
