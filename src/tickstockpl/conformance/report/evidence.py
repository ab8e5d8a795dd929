"""All that a status report rests on."""

import platform
from typing import Final

import psutil
from msgspec import Struct

from tickstockpl import __version__
from tickstockpl.conformance.findings import Finding
from tickstockpl.conformance.report.page import PageSeen
from tickstockpl.conformance.report.sessions import SessionHeard
from tickstockpl.conformance.report.tables import TableCount
from tickstockpl.conformance.verifier import Verification

LIVE_SOURCES: Final = ("massive", "redis")
"""Sources that are a market of today; others are replayed or made."""


class Environment(Struct, frozen=True):
    """Where the report was made."""

    version: str
    system: str
    python: str
    processors: int
    memory_gb: int

    @classmethod
    def here(cls) -> "Environment":
        """This machine."""
        return cls(
            __version__,
            f"{platform.system()} {platform.machine()}",
            platform.python_version(),
            psutil.cpu_count() or 1,
            round(psutil.virtual_memory().total / (1 << 30)),
        )


class Played(Struct, frozen=True):
    """A test scenario that was played meanwhile."""

    name: str
    passed: bool


class Evidence(Struct, frozen=True):
    """What was heard, found and seen.

    Attributes:
        environment: where.
        verification: what ``verify`` makes of the channels and the tables.
        sessions: the sessions that were heard.
        tables: rows of those sessions; ``None`` where no database was named.
        page: what a page was sent; ``None`` where none was watched.
        played: the scenarios that were played; empty where none was.
    """

    environment: Environment
    verification: Verification
    sessions: list[SessionHeard]
    tables: list[TableCount] | None
    page: PageSeen | None
    played: list[Played]

    def finding(self, rule: str) -> Finding:
        """What a rule found; unknown if it was not asked."""
        return next(
            (finding for finding in self.verification.findings if finding.rule == rule),
            Finding(rule, "unknown", "it was not looked for", []),
        )
