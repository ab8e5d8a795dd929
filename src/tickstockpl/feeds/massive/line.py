"""The one connection that a key has: whoever plays holds it."""

from typing import Protocol


class Holder(Protocol):
    """A feed that can let go of the connection."""

    async def let_go(self) -> None:
        """Close the connection; it is taken again when the feed plays again."""
        ...


class Line:
    """Passes the one connection of a key from feed to feed: of a service that streams one universe, then another."""

    def __init__(self) -> None:
        self._holder: Holder | None = None

    async def take(self, taker: Holder) -> None:
        """Let ``taker`` hold the connection; whoever held it lets go first."""
        holder, self._holder = self._holder, taker
        if holder is not None and holder is not taker:
            await holder.let_go()

    def give_back(self, holder: Holder) -> None:
        """It is held by nobody, unless another has taken it."""
        if self._holder is holder:
            self._holder = None
