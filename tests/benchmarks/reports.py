"""Reading large reports beside peers and beside the least that any reader costs: each in a process of its own.

Rounds rotate over the readers, since machines are noisy: read ratios.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import report_peers
from tests.benchmarks.processes import REPOSITORY
from tests.benchmarks.receiver import bar
from tests.benchmarks.report_files import SEEDS
from tests.conftest import CORPUS

MB = 1_000_000
MIB = 1024 * 1024
SIZE_MB, GROWTH_MB = 50, (10, 50, 200)
ROUNDS = 3
OURS = "Hephaestus"
EXPAT = ("expat alone", "expat, counting elements")
PYCOBERTURA = tuple(f"pycobertura, {asked}" for asked in ("its summary", "lines of each file", "one total"))
READERS = {
    "Cobertura": (OURS, *EXPAT, *PYCOBERTURA),
    "JUnit": (OURS, *EXPAT, "junitparser"),
    "coverage.py JSON": (OURS, "msgspec, typed", "json", "orjson"),
    "SARIF": (OURS, "msgspec, typed", "json", "sarif-tools"),
    "LCOV": (OURS, "lines alone", "lcov_cobertura"),
}
PEERS = frozenset({*PYCOBERTURA, "junitparser", "orjson", "sarif-tools", "lcov_cobertura"})
STREAMED = ("Cobertura", "JUnit", "LCOV")
LIMITS = {
    "Cobertura": (3.0, 120),
    "JUnit": (1.0, 40),
    "coverage.py JSON": (0.3, 120),
    "SARIF": (1.0, 200),
    "LCOV": (3.0, 150),
}
"""Seconds and MiB that 50 MB may take."""


@dataclass(frozen=True)
class Took:
    """What reading a file took; `found` are its cases, lines or results."""

    wall_s: float
    cpu_s: float
    imports_bytes: int
    peak_bytes: int
    found: int

    @property
    def above_bytes(self) -> int:
        """Memory beyond what importing the reader takes."""
        return self.peak_bytes - self.imports_bytes


Results = Mapping[tuple[str, str], Took]
"""By format and reader."""


def measure(*, with_peers: bool) -> tuple[Results, Mapping[tuple[str, int], Took]]:
    """Every reader over 50 MB, and ours over three sizes."""
    results: dict[tuple[str, str], Took] = {}
    growth: dict[tuple[str, int], Took] = {}
    with tempfile.TemporaryDirectory(prefix="hephaestus-bench-") as folder:
        path = Path(folder) / "report"
        for kind, names in READERS.items():
            for size_mb in GROWTH_MB if kind in STREAMED else (SIZE_MB,):
                SEEDS[kind](CORPUS / "reports").write(path, size_mb * MB)
                if size_mb == SIZE_MB:
                    wanted = [name for name in names if with_peers or name not in PEERS]
                    results |= {(kind, name): took for name, took in rounds(path, wanted).items()}
                    growth[kind, size_mb] = results[kind, OURS]
                else:
                    growth[kind, size_mb] = one(path, OURS)
    return results, growth


def rounds(path: Path, names: Sequence[str]) -> Mapping[str, Took]:
    """The median of each reader's rounds."""
    seen: dict[str, list[Took]] = {name: [] for name in names}
    for number in range(ROUNDS):
        for name in (*names[number % len(names) :], *names[: number % len(names)]):
            seen[name].append(one(path, name))
    return {name: median(rows) for name, rows in seen.items()}


def one(path: Path, name: str) -> Took:
    """One reader, once."""
    python = str(report_peers.PYTHON) if name in PEERS else sys.executable
    command = (python, "-m", "tests.benchmarks.report_readers", name, str(path))
    done = subprocess.run(command, capture_output=True, check=True, cwd=REPOSITORY, text=True, timeout=600)
    return Took(**json.loads(done.stdout))


def median(rows: Sequence[Took]) -> Took:
    """Each figure's median."""
    return Took(
        statistics.median(row.wall_s for row in rows),
        statistics.median(row.cpu_s for row in rows),
        int(statistics.median(row.imports_bytes for row in rows)),
        int(statistics.median(row.peak_bytes for row in rows)),
        rows[0].found,
    )


def table(results: Results) -> list[str]:
    """Markdown: each reader of each format, and how it relates to ours."""
    lines = [
        f"| {SIZE_MB} MB | reader | s | CPU s | MB/s | peak MiB | above imports | found | time beside ours | memory |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (kind, name), row in results.items():
        ours = results[kind, OURS]
        lines.append(
            f"| {kind} | {report_peers.titled(name)} | {row.wall_s:.2f} | {row.cpu_s:.2f} | {SIZE_MB / row.cpu_s:.0f} | "
            f"{row.peak_bytes / MIB:.0f} | {row.above_bytes / MIB:.0f} | {row.found or '-'} | "
            f"{row.cpu_s / ours.cpu_s:.2f} | {row.peak_bytes / ours.peak_bytes:.2f} |"
        )
    return lines


def growth_table(growth: Mapping[tuple[str, int], Took]) -> list[str]:
    """Markdown: what ours takes as the file grows; what is kept of each file or test grows with it, the reading does not."""
    sizes = " | ".join(f"{size} MB: s | peak MiB | above imports" for size in GROWTH_MB)
    lines = [f"| streamed | {sizes} |", "|---|" + "---|" * 3 * len(GROWTH_MB)]
    for kind in STREAMED:
        rows = [growth[kind, size] for size in GROWTH_MB]
        cells = (
            f"{row.wall_s:.2f} | {row.peak_bytes / MIB:.0f} | {row.above_bytes / MIB:.0f}" for row in rows
        )
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return lines


def bars(results: Results) -> list[str]:
    """The bars, as met or not met in this run; those beside a peer only where it was measured.

    On a machine that others use as well a reader waits for its turn: processor time tells what it takes itself.
    """
    lines = []
    for kind, (seconds, mib) in LIMITS.items():
        ours = results[kind, OURS]
        lines.append(bar(f"{kind}, s", ours.wall_s, "<=", seconds))
        lines.append(bar(f"{kind}, CPU s", ours.cpu_s, "<=", seconds))
        lines.append(bar(f"{kind}, peak MiB", ours.peak_bytes / MIB, "<=", mib))
        lines.append(bar(f"{kind}, peak MiB above imports", ours.above_bytes / MIB, "<=", mib))
    peer = results.get(("Cobertura", PYCOBERTURA[0]))
    if peer is not None:
        ours = results["Cobertura", OURS]
        lines.append(bar("Cobertura, speed beside pycobertura", peer.cpu_s / ours.cpu_s, ">=", 2))
        lines.append(
            bar("Cobertura, memory beside pycobertura", ours.peak_bytes / peer.peak_bytes, "<=", 1 / 8)
        )
    return lines
