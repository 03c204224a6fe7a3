"""A commit with coverage or tests, the change that proposes it, and its base: evidence without a GitHub."""

from __future__ import annotations

from dataclasses import replace

from app.domain.coverage import FileLines, LineMap
from app.domain.hashes import joined, name_hash
from app.domain.ids import CommitSha
from app.domain.reports import CaseTotals, TestReport
from handlers.quality_gate.evidence import GateEvidence, PolicyFacts
from handlers.quality_gate.evidence.changes import Baseline, Change, ChangedLines, Ranges
from handlers.quality_gate.evidence.runs import ProducerReading, RunReading
from handlers.quality_gate.gates import every_answer
from handlers.quality_gate.gates.judged import GateVerdict
from handlers.quality_gate.history.measures import Measured, MeasuredCoverage, MeasuredTests, sums_of
from handlers.quality_gate.reports.readings import ReportFile, Reports
from handlers.quality_gate.section import QualityGate
from tests.unit.handlers.quality_gate.commit import CI, NOW, REPOSITORY, SHA, SUBJECT

BASE, MOVED = CommitSha("b" * 40), CommitSha("d" * 40)


def lines(**files: tuple[int, int]) -> LineMap:
    """A report by file, `a` for `a.py`, as (covered, valid): the first lines of each are covered."""
    found = LineMap()
    for name, (covered, valid) in files.items():
        bits = ((1 << valid) - 1) << 1
        found.files[f"{name.replace('__', '/')}.py"] = FileLines(bits, ((1 << covered) - 1) << 1)
    return found


def covered(
    *maps: LineMap,
    trigger: str = "pull_request",
    path: str = CI,
    artifact: str = "cov",
    outside: LineMap | None = None,
) -> RunReading:
    """A run whose artifact has these reports, the first as Cobertura, the second as LCOV; `outside` is the first's, too."""
    formats = ("cobertura", "lcov")[: len(maps)]
    files = tuple(ReportFile(artifact, name, name, "coverage") for name in formats)
    packed = tuple((name, each.pack()) for name, each in zip(formats, maps, strict=True))
    left_out = () if outside is None else (("cobertura", outside.pack()),)
    return of_run(Reports(files=files, coverage=packed, outside=left_out), trigger=trigger, path=path)


def ran(*names: str, skipped: int = 0, path: str = CI) -> RunReading:
    """A run in which these tests passed."""
    totals = CaseTotals(len(names) + skipped, len(names), skipped=skipped)
    tests = TestReport(totals, names=joined(name_hash(name) for name in names))
    return of_run(Reports(files=(ReportFile("junit", "r.xml", "junit", "tests"),), tests=tests), path=path)


def of_run(reports: Reports, *, trigger: str = "pull_request", path: str = CI) -> RunReading:
    return RunReading(1, 1, path, trigger, "completed", "success", reports=reports)


def file(
    path: str,
    *added: tuple[int, int],
    removed: int = 0,
    previous: str | None = None,
    gone: bool = False,
    known: bool = True,
) -> ChangedLines:
    ordered: Ranges = tuple(added)
    return ChangedLines(path, previous, ordered, removed, is_deleted=gone, known=known)


def change(
    *files: ChangedLines,
    baseline: Baseline | None = None,
    number: int | None = 3,
    base_sha: CommitSha = BASE,
    base_moved: tuple[str, ...] = (),
    complete: bool = True,
) -> Change:
    return Change(number, "main", base_sha, BASE, files, complete, baseline=baseline, base_moved=base_moved)


def base_of(
    lines: LineMap,
    *,
    distance: int = 0,
    path: str = CI,
    vanished: tuple[str, ...] = (),
    outside: LineMap | None = None,
) -> Baseline:
    """A base that recorded this coverage as Cobertura; of files `outside` the repository only the sums."""
    left_out = sums_of(outside or LineMap())
    kept = MeasuredCoverage(path, "cobertura", sums_of(lines), outside=left_out)
    measured = Measured((("coverage", path),), (kept,))
    return Baseline(BASE, distance, measured, NOW, vanished)


def base_with(*names: str, path: str = CI, in_full: bool = True) -> Baseline:
    """A base that ran these tests."""
    hashes = joined(name_hash(name) for name in names) if in_full else None
    return Baseline(
        BASE, 0, Measured((("tests", path),), tests=(MeasuredTests(path, len(names), hashes),)), NOW
    )


def answers(
    section: dict[str, object], *runs: RunReading, changes: tuple[Change, ...] = ()
) -> tuple[GateVerdict, ...]:
    """All answers of the one gate of a section."""
    apart = tuple(replace(run, run_id=number) for number, run in enumerate(runs, 1))
    return answers_of(section, ProducerReading(None, apart), changes=changes)


def answers_of(
    section: dict[str, object], *producers: ProducerReading, changes: tuple[Change, ...] = ()
) -> tuple[GateVerdict, ...]:
    """All answers of the one gate of a section to what these producers reported."""
    policy = QualityGate.model_validate(section)
    evidence = GateEvidence(
        repository=REPOSITORY,
        subject=SUBJECT,
        head_sha=SHA,
        now=NOW,
        last_activity_at=NOW,
        policy=PolicyFacts(configured=True, section=policy),
        producers=producers,
        changes=changes,
    )
    ((_, found),) = every_answer(evidence, policy)
    return found


def asking(gates: dict[str, object], **more: object) -> dict[str, object]:
    """A section that believes everybody, with this gate."""
    return {"defaults": {"trust": "T0"}, "gates": gates, **more}
