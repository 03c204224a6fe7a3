"""Reads report files, each in a process that may open nothing else: `python -m tests.unit.….confined < cases > results`.

A case is a line of JSON, `{"path": …, "formats": [...], "gate": …}`; its result is one, too. Nothing here is a test.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from app.domain.coverage import LineMap
from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId
from app.domain.repo import Repository, Subject, SubjectKind
from handlers.quality_gate.evidence import GateEvidence, PolicyFacts
from handlers.quality_gate.evidence.runs import ProducerReading, RunReading, Trusted
from handlers.quality_gate.gates import judge
from handlers.quality_gate.reports.gathered import read_archives, read_files
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.values import TrustLevel

CPU_S, WALL_S = 2, 20
MEMORY_BYTES = 300 * 1024 * 1024
IMPORTER = "<frozen importlib._bootstrap_external>"
REACHING_OUT = frozenset(
    {
        "ctypes",
        "fcntl",
        "ftplib",
        "glob",
        "http",
        "mmap",
        "os",
        "pathlib",
        "pty",
        "shutil",
        "smtplib",
        "socket",
        "sqlite3",
        "subprocess",
        "tempfile",
        "urllib",
        "webbrowser",
    }
)
"""The families of Python's audit events that touch files, processes or the network; besides `open`, which has none."""
HERE = Repository(RepositoryId(1), "forge", "anvil", InstallationId(1))
SHA = CommitSha("c" * 40)


def main() -> None:
    """One process a case, one after the other."""
    for line in sys.stdin:
        case = json.loads(line)
        reading, writing = os.pipe()
        begun = time.perf_counter()
        pid = os.fork()
        if pid == 0:
            answer(case, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read()
        _, status, used = os.wait4(pid, 0)
        result = {
            "path": case["path"],
            "ended": os.waitstatus_to_exitcode(status),
            "cpu_s": used.ru_utime + used.ru_stime,
            "wall_s": time.perf_counter() - begun,
            "peak_bytes": used.ru_maxrss * 1024,
            "found": json.loads(said) if said else None,
        }
        sys.stdout.write(json.dumps(result) + "\n")


def answer(case: dict[str, Any], to: int) -> NoReturn:
    """Reads the file under the limits, writes what was found, and ends the process."""
    path = Path(case["path"])
    refused = confine(path)
    reports = read(path, tuple(case["formats"]))
    found = {**facts(reports), "state": state(reports, case["gate"]), "refused": refused}
    os.write(to, json.dumps(found).encode())
    os._exit(0)


def confine(only: Path) -> list[str]:
    """From here on this process opens `only` and what it imports; the list gets what else it tried."""
    refused: list[str] = []
    signal.alarm(WALL_S)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            if arguments[0] == str(only) and arguments[1] in {"r", "rb"}:
                return
        elif event.partition(".")[0] not in REACHING_OUT:
            return
        if not imports():
            refused.append(f"{event} {arguments!r}")
            raise PermissionError(refused[-1])

    sys.addaudithook(hook)
    return refused


def imports() -> bool:
    """Whether Python's own import system asks."""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        if frame.f_code.co_filename == IMPORTER:
            return True
        frame = frame.f_back
    return False


def read(path: Path, formats: tuple[str, ...]) -> Reports:
    """The file as an artifact's, by the code that the service reads artifacts with."""
    if path.suffix == ".zip":
        return read_archives((("artifact", path),), formats, None)
    return read_files((("artifact", path.name, path),), formats, None)


def facts(reports: Reports) -> dict[str, Any]:
    """What a test can compare."""
    levels = [asdict(each.totals) for each in reports.findings]
    tests, audit = reports.tests, reports.audit
    return {
        "formats": [each.format for each in reports.files],
        "problems": [each.text for each in reports.problems],
        "vacuous": [each.text for each in reports.vacuous],
        "notes": list(reports.notes),
        "texts": [each.message for each in tests.failures] if tests else [],
        "tests": asdict(tests.totals) if tests else None,
        "coverage": [asdict(LineMap.unpack(packed).totals()) for _, packed in reports.coverage],
        "findings": levels,
        "audited": audit.totals.audited if audit else None,
    }


def state(reports: Reports, gate: str | None) -> str | None:
    """What the gate says if this file is all that a run which went well left; None without a gate for it."""
    if gate is None:
        return None
    section = QualityGate.model_validate({"gates": {gate: {"trust": "T0"}}})
    run = RunReading(
        run_id=1,
        attempt=1,
        path=".github/workflows/ci.yml",
        trigger="push",
        status="completed",
        conclusion="success",
        trust=Trusted(TrustLevel.T0),
        reports=reports,
    )
    evidence = GateEvidence(
        repository=HERE,
        subject=Subject(AppKey("github.com/1"), HERE.id, SubjectKind.SHA, SHA),
        head_sha=SHA,
        now=datetime(2026, 11, 2, tzinfo=UTC),
        last_activity_at=datetime(2026, 11, 1, tzinfo=UTC),
        policy=PolicyFacts(configured=True, section=section),
        producers=(ProducerReading(None, (run,)),),
    )
    (verdict,) = judge(evidence)
    return verdict.state.value


if __name__ == "__main__":
    main()
