"""``tickstockpl session``: start, stop and look at the sessions of services that run elsewhere."""

import asyncio
import getpass
import socket
from collections.abc import Iterator
from typing import Literal

import msgspec
from rich.console import Console
from rich.text import Text

from tickstockpl.contract.commands import Reply, ServiceState
from tickstockpl.embedded import running_redis
from tickstockpl.errors import TickStockError
from tickstockpl.session_commands import Operator
from tickstockpl.settings import Settings


def order(
    action: Literal["start", "stop"],
    source: str | None,
    universe: str | None,
    settings: Settings,
    console: Console,
    *,
    as_json: bool,
) -> None:
    """Have a service start or stop its session, and tell what came of it.

    Raises:
        TickStockError: if no service, or more than one, could be meant; if it refuses, fails or does not answer.
    """
    operator = _operator(settings)

    def begun(reply: Reply) -> None:
        if not as_json:
            _say(console, f"{reply.service.source} has been told to {action} its session.")

    reply = asyncio.run(operator.order(action, source=source, universe=universe, on_acknowledged=begun))
    state = reply.service
    if as_json:
        _print_json(state)
    elif action == "stop":
        _say(console, f"Stopped, with {_totals(state)}.")
    else:
        session_id = "" if state.session is None else f", session {state.session.session_id}"
        _say(console, f"Started: {state.universe}{session_id}, {state.detail}.")


def status(source: str | None, settings: Settings, console: Console, *, as_json: bool) -> None:
    """Show what the running services are at.

    Raises:
        TickStockError: if there is none, or one of them does not answer; what the others say is shown before.
    """
    states, failures = asyncio.run(_operator(settings).status(source))
    if as_json:
        _print_json(states)
    else:
        for number, state in enumerate(states):
            if number:
                console.print()
            for name, value in _rows(state):
                _say(console, f"{name:<14}{value}")
    if failures:
        raise failures[0]


def _operator(settings: Settings) -> Operator:
    redis_url = settings.redis_url or running_redis(settings.data_dir)
    if redis_url is None:
        raise TickStockError(
            f"no embedded Redis runs on the data folder {settings.data_dir}, and no other is named; name the services' "
            "Redis with --redis-url or TICKSTOCK_REDIS_URL, or their folder with TICKSTOCK_DATA_DIR"
        )
    return Operator(redis_url, f"cli:{_user()}@{socket.gethostname()}")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "unknown"


def _rows(state: ServiceState) -> Iterator[tuple[str, str]]:
    speed = "as fast as possible" if state.speed is None else f"{state.speed:g}×"
    session = state.session
    yield "source", state.source
    yield "service", state.service_id
    yield "universe", state.universe
    yield "state", f"{state.phase}, {state.detail}" if state.detail else state.phase
    yield "market time", f"{_moment(state.market_time)}, {speed}"
    yield "session", "none" if session is None else f"{session.session_id}, since {_moment(session.started_at)}"
    yield "totals", _totals(state)
    if state.next_open is not None:
        yield "next session", _moment(state.next_open)
    yield "health", state.health or "not measured yet"
    for issue in state.issues:
        yield "", issue


def _totals(state: ServiceState) -> str:
    patterns, values = state.total_patterns, state.total_indicators
    return (
        f"{patterns:,} {'pattern' if patterns == 1 else 'patterns'} and "
        f"{values:,} indicator {'value' if values == 1 else 'values'}"
    )


def _moment(timestamp: str) -> str:
    return f"{timestamp[:10]} {timestamp[11:19]}Z"


def _say(console: Console, sentence: str) -> None:
    """Print what a service has said, without anything that a terminal would obey."""
    console.print(Text("".join(sign if sign.isprintable() else " " for sign in sentence)), soft_wrap=True)


def _print_json(content: object) -> None:
    print(msgspec.json.format(msgspec.json.encode(content), indent=2).decode())  # noqa: T201 - for scripts, as it is
