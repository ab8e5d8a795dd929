"""Events that remember in which frame they were told first, so that anybody can be told what came after any frame."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class _Entry(NamedTuple, Generic[T]):
    frame: int
    item: T
    late: bool


class EventLog(Generic[T]):
    """The newest events, oldest first, each with the number of the frame that tells it first.

    Args:
        kept: how many are kept.
    """

    def __init__(self, kept: int) -> None:
        self._entries: deque[_Entry[T]] = deque(maxlen=kept)
        self._gone = 0  # the newest frame of which an event is kept no more
        self._inserted = 0  # the newest frame that tells late events

    def __iter__(self) -> Iterator[T]:
        return (entry.item for entry in self._entries)

    def append(self, item: T, frame: int) -> None:
        """Add the newest event."""
        if len(self._entries) == self._entries.maxlen:
            self._gone = max(self._gone, self._entries[0].frame)
        self._entries.append(_Entry(frame, item, late=False))

    def insert(self, items: Iterable[T], frame: int, when: Callable[[T], str]) -> None:
        """Put events where they belong by ``when``; those who have seen what surrounds them are told apart."""
        late = [_Entry(frame, item, late=True) for item in items]
        if not late:
            return
        self._inserted = frame
        self._keep(sorted([*self._entries, *late], key=lambda entry: when(entry.item)))

    def put_under(self, older: Iterable[T], key: Callable[[T], Hashable]) -> None:
        """Let what is older come first, without what is in both; it is told by no frame but in snapshots."""
        keys = {key(entry.item) for entry in self._entries}
        self._keep([*(_Entry(0, item, late=False) for item in older if key(item) not in keys), *self._entries])

    def newest(self, at_most: int) -> list[T]:
        """The newest of them, oldest first."""
        return [entry.item for entry in list(self._entries)[-at_most:]]

    def since(self, frame: int) -> list[T]:
        """What was told after a frame, but for the late ones; costs what it gives."""
        if frame >= self._inserted:
            found: list[T] = []
            for entry in reversed(self._entries):
                if entry.frame <= frame:
                    break
                found.append(entry.item)
            return found[::-1]
        return [entry.item for entry in self._entries if entry.frame > frame and not entry.late]

    def late_since(self, frame: int) -> list[T]:
        """What was inserted after a frame."""
        if frame >= self._inserted:
            return []
        return [entry.item for entry in self._entries if entry.frame > frame and entry.late]

    def has_lost_since(self, frame: int) -> bool:
        """Whether of what was told after a frame something is kept no more."""
        return self._gone > frame

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()
        self._gone = 0

    def _keep(self, entries: list[_Entry[T]]) -> None:
        kept = self._entries.maxlen or len(entries)
        for entry in entries[:-kept]:
            self._gone = max(self._gone, entry.frame)
        self._entries.clear()
        self._entries.extend(entries[-kept:])


class Values:
    """Values by name, each with the number of the frame that tells it."""

    def __init__(self, **values: object) -> None:
        self._values: dict[str, tuple[object, int]] = {name: (value, 0) for name, value in values.items()}

    def put(self, name: str, value: object, frame: int) -> None:
        """Replace a value."""
        self._values[name] = (value, frame)

    def since(self, frame: int) -> dict[str, object]:
        """What was replaced after a frame."""
        return {name: value for name, (value, told) in self._values.items() if told > frame}

    def all(self) -> dict[str, object]:
        """Every value."""
        return {name: value for name, (value, _) in self._values.items()}
