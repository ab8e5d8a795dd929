"""What the queries give back: the contract's objects where there is one, else these."""

from msgspec import Struct

from tickstockpl.contract.events import ConnectionStatus, DataFlow


class SessionRecord(Struct, frozen=True):
    """A streaming session, running or over. ``source`` is null where its rows do not say where the bars came from."""

    session_id: str
    universe: str
    source: str | None
    started_at: str
    stopped_at: str | None
    symbol_count: int
    total_patterns: int
    total_indicators: int
    final_status: str | None


class RecordedResources(Struct, frozen=True):
    """What the service took of its machine. The tables do not keep the number of threads."""

    cpu_percent: float
    memory_mb: int
    threads_active: int | None = None


class HealthRecord(Struct, frozen=True):
    """A health measurement in the shape of the contract's; what the tables do not keep is null."""

    status: str
    timestamp: str
    active_symbols: int
    connection_status: ConnectionStatus | None
    data_flow: DataFlow
    resource_usage: RecordedResources
    issues: list[str]


class BarRecord(Struct, frozen=True):
    """A symbol's newest bar of a session, and the session's first open."""

    symbol: str
    minute: str
    open: float
    high: float
    low: float
    close: float
    volume: int
    first_open: float


class StoredBar(Struct, frozen=True):
    """A symbol's sealed 1-minute bar; ``minute`` is its start."""

    minute: str
    open: float
    high: float
    low: float
    close: float
    volume: int


class BarPage(Struct, frozen=True):
    """Neighbouring bars of a symbol, oldest first, and what lies around them.

    Attributes:
        bars: the bars.
        session_ids: the sessions that stored them, the newest first.
        earlier: whether there are bars before the first of them.
    """

    bars: list[StoredBar]
    session_ids: list[str]
    earlier: bool


class RowCounts(Struct, frozen=True):
    """How many rows a session has."""

    patterns: int
    indicators: int
    alerts: int
    bars: int


class PatternFigures(Struct, frozen=True):
    """How often a session found a pattern, and how confident it was."""

    count: int
    high_confidence: int
    mean_confidence: float


class SessionFigures(Struct, frozen=True):
    """What a session found, counted. Hours are their starts; a full hour's rows belong to the hour that it ends.

    Attributes:
        patterns: by type.
        alerts: how many by type.
        symbol_patterns: how many patterns by symbol.
        symbol_alerts: how many alerts by symbol.
        hour_patterns: how many patterns by hour and type.
        hour_alerts: how many alerts by hour.
    """

    patterns: dict[str, PatternFigures]
    alerts: dict[str, int]
    symbol_patterns: dict[str, int]
    symbol_alerts: dict[str, int]
    hour_patterns: dict[str, dict[str, int]]
    hour_alerts: dict[str, int]
