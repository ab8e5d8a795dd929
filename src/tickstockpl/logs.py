"""What the service says about itself while it runs: lines on standard error."""

import logging
import sys
from typing import Any

import structlog


def configure_logs(level: str) -> None:
    """Send log lines of at least ``level`` to standard error, for people to read.

    Standard output stays for what a command was asked for: a table, an address that a parent process waits for.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=_to_standard_error,
        cache_logger_on_first_use=False,
    )


def _to_standard_error(*_args: Any) -> structlog.PrintLogger:
    """Looked up anew for each line: a status line on the terminal puts a stream of its own in its place."""
    return structlog.PrintLogger(sys.stderr)
