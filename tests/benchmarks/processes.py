"""Servers as processes of their own, and what Linux says that they used."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running server on loopback."""

    pid: int
    port: int

    @property
    def cpu_s(self) -> float:
        """User and system time of all its threads so far; Linux counts hundredths of a second."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def rss_bytes(self) -> int:
        """Resident memory now."""
        return rss_bytes(self.pid)


def rss_bytes(pid: int) -> int:
    """Resident memory of a process now."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024


def children_rss_bytes(pid: int) -> int:
    """Resident memory of the processes that a process started, of all its threads; pages that they share count in each."""
    found = (
        path.read_text(encoding="utf-8").split() for path in Path(f"/proc/{pid}/task").glob("*/children")
    )
    return sum(rss_bytes(int(child)) for children in found for child in children)


@contextmanager
def started(
    command: Sequence[str], environment: Mapping[str, str], folder: Path = REPOSITORY
) -> Iterator[Server]:
    """A server that writes its port as its first line; it is ended on leaving."""
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, cwd=folder, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port.isdecimal():
            raise RuntimeError(f"{' '.join(command)} did not start: it wrote {port!r}")
        yield Server(process.pid, int(port))
    finally:
        process.terminate()
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()


def python(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs one of our modules."""
    return (sys.executable, "-m", module, *arguments)
