"""What processes take of the machine while something is measured."""

import os
from collections.abc import Sequence

import psutil

from tickstockpl.clock import monotonic_s

ELSEWHERE = "elsewhere"
"""Processor time that none of the watched processes used: other work on this machine, and the kernel's own."""


class CpuMeter:
    """Percent of one core that each process uses, from one call of :meth:`percent` to the next.

    Args:
        processes: by the name under which they are told; of several the sum is told.
    """

    def __init__(self, **processes: psutil.Process | Sequence[psutil.Process]) -> None:
        self._processes = {
            name: (given,) if isinstance(given, psutil.Process) else given for name, given in processes.items()
        }
        self._at_s, self._used_s = self._read()

    def percent(self) -> dict[str, int]:
        """By name, since the last call or the beginning."""
        at_s, used_s = self._read()
        share = {name: 100 * (used_s[name] - self._used_s[name]) / (at_s - self._at_s) for name in used_s}
        self._at_s, self._used_s = at_s, used_s
        share[ELSEWHERE] = max(0.0, share[ELSEWHERE])
        return {name: round(percent) for name, percent in share.items()}

    def _read(self) -> tuple[float, dict[str, float]]:
        used_s = {name: sum(map(_used_s, processes)) for name, processes in self._processes.items()}
        system = psutil.cpu_times()
        busy_s = sum(system[:3])  # user, nice, system: what idles and waits comes after them
        if not psutil.LINUX:
            busy_s = system.user + system.system
        return monotonic_s(), used_s | {ELSEWHERE: busy_s - sum(used_s.values())}


def _used_s(process: psutil.Process) -> float:
    try:
        return sum(process.cpu_times()[:2])
    except psutil.NoSuchProcess:  # a browser ends some of its processes when it has no use for them
        return 0.0


def machine() -> dict[str, object]:
    """What a reader has to know of the machine to weigh the figures."""
    return {"cores": os.cpu_count(), "load_before": [round(load, 2) for load in psutil.getloadavg()]}
