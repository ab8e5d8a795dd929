"""What the program says about itself while it runs: lines on standard error, for people or as JSON, without secrets."""

import logging
import sys
import threading
from types import TracebackType
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from tickstockpl.redaction import Redactor

LogFormat = Literal["human", "json"]

UNEXPECTED = "unexpected error"
"""The event of an exception that nobody caught."""


def configure_logs(level: str, log_format: LogFormat, redactor: Redactor) -> None:
    """Send log lines of at least ``level`` to standard error, ours and those of the libraries.

    Every line has the time (UTC), a level, the event and the logger's name; secrets are struck out of all of it,
    tracebacks included. Standard output stays for what a command was asked for: a table, an address that a parent
    process waits for. What a thread or a destructor raises becomes a line too.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``; of the libraries nothing below ``warning`` is told.
        log_format: ``human`` or ``json``, an object a line.
        redactor: what strikes the secrets out.
    """

    def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return redactor.fields(event)

    prepare: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    finish: list[Processor] = [structlog.processors.format_exc_info, redact, _renderer(log_format)]
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*prepare, *finish],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=_NamedLogger,
        cache_logger_on_first_use=False,
    )
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=prepare,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish],
        )
    )
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(max(number, logging.WARNING))
    threading.excepthook = _tell_of_a_thread
    sys.unraisablehook = _tell_of_a_destructor


def _renderer(log_format: LogFormat) -> Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), timestamp_key="time", exception_formatter=structlog.dev.plain_traceback
    )


class _NamedLogger(structlog.PrintLogger):
    """Prints to standard error as it is at each line: a status line on a terminal puts a stream of its own there."""

    def __init__(self, name: str = "tickstockpl", *_args: Any) -> None:
        super().__init__(sys.stderr)
        self.name = name


class _StandardError(logging.Handler):
    """The same for the standard library's loggers."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), file=sys.stderr)  # noqa: T201 - this is where lines are written


def _tell_of_a_thread(raised: threading.ExceptHookArgs) -> None:
    if raised.exc_value is not None and raised.exc_type is not SystemExit:
        thread = raised.thread.name if raised.thread is not None else None
        _tell(raised.exc_value, raised.exc_traceback, thread=thread)


def _tell_of_a_destructor(raised: "sys.UnraisableHookArgs") -> None:
    if raised.exc_value is not None:
        _tell(raised.exc_value, raised.exc_traceback, where=raised.err_msg or repr(raised.object))


def _tell(error: BaseException, traceback: TracebackType | None, **where: object) -> None:
    structlog.get_logger(__name__).error(UNEXPECTED, exc_info=(type(error), error, traceback), **where)
