"""Usage errors without secrets: a word that was typed in the wrong place is quoted, and it may be an address."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import typer
from typer.core import TyperGroup

from tickstockpl.redaction import Redactor

_UsageError: Final[Any] = typer.BadParameter.__mro__[1]  # the kind of every such error; Typer exports only this one


def redacting(redactor: Redactor) -> type[TyperGroup]:
    """The class of a group of commands whose usage errors the redactor has seen before they are shown."""

    @contextmanager
    def redacted() -> Iterator[None]:
        try:
            yield
        except _UsageError as error:
            error.message = redactor.text(error.message)
            raise

    class RedactingGroup(TyperGroup):
        def make_context(self, *args: Any, **named: Any) -> Any:
            """Read the arguments before the command's name."""
            with redacted():
                return super().make_context(*args, **named)

        def invoke(self, ctx: Any) -> Any:
            """Read the command's own arguments and run it."""
            with redacted():
                return super().invoke(ctx)

    return RedactingGroup
