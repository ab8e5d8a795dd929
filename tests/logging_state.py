"""Logging is the process's: a test that sets it up leaves it as it was."""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def logs_restored() -> Iterator[None]:
    """Everything that ``configure_logs`` changes, put back at the end."""
    handlers, level = logging.root.handlers[:], logging.root.level
    thread_hook, unraisable_hook = threading.excepthook, sys.unraisablehook
    try:
        yield
    finally:
        structlog.reset_defaults()
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)
        threading.excepthook, sys.unraisablehook = thread_hook, unraisable_hook
