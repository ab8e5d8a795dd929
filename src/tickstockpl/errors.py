"""Errors that are the user's to fix."""


class TickStockError(Exception):
    """A mistake or an outage that one clear sentence can explain.

    The message names the value, the place and the remedy. The command line prints it without a traceback and
    exits with a non-zero code.
    """
