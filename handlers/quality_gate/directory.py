"""The gate over reports on disk, `DIR/<artifact name>/<files>`: the same judgement, for the command line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from fnmatch import fnmatchcase
from pathlib import Path

from app.domain.effects import PublishCheckRun
from app.domain.gates import GateFolders, GateOutcome, JudgedGate
from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId
from app.domain.repo import Repository, Subject, SubjectKind
from app.errors import InvalidInput
from handlers.quality_gate import policy
from handlers.quality_gate.evidence import GateEvidence, PolicyFacts
from handlers.quality_gate.evidence.changes import Baseline, Change, ChangedLines
from handlers.quality_gate.evidence.runs import ArtifactFacts, ProducerReading, RunReading, Trusted
from handlers.quality_gate.formats import diff
from handlers.quality_gate.gates import judge
from handlers.quality_gate.gathering.changes import ranges
from handlers.quality_gate.gathering.local_files import (
    artifacts_below,
    declared_below,
    files_below,
    files_of_artifact,
)
from handlers.quality_gate.history.baselines import held_against
from handlers.quality_gate.history.measuring import measure
from handlers.quality_gate.rdjson import rdjson
from handlers.quality_gate.reports.gathered import read_files
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.producers import Producer
from handlers.quality_gate.section.values import TrustLevel
from handlers.quality_gate.unjudged import unjudged
from handlers.quality_gate.wanted import producers_of

NOWHERE = Repository(RepositoryId(0), "local", "local", InstallationId(0))
NO_COMMIT = CommitSha("0" * 40)
NOBODY = Subject(AppKey("local/0"), NOWHERE.id, SubjectKind.SHA, NO_COMMIT)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""Nothing more will come: every deadline is over."""
NOW, BASE = "local", "push"
"""Triggers: a base is what a commit left that was pushed."""


def evaluate_directory(section: QualityGate, folders: GateFolders) -> GateOutcome:
    """What the gate says if the folder holds everything that one successful run of each producer left.

    Raises `InvalidInput` for a diff or a folder that cannot be read, and for a file that is of no artifact.
    """
    tree = None if folders.repository is None else files_below(folders.repository)
    evidence = _evidence(section, folders.reports, NOW, tree, folders.on)
    change = _change(section, folders, evidence, tree)
    evidence = replace(
        evidence,
        changes=() if change is None else (change,),
        declared=declared_below(folders.repository, section.gates.drift, tree),
    )
    decision, gates = policy.decide(evidence), judge(evidence)
    shown = tuple(
        JudgedGate(
            each.gate, each.state.value, each.value, each.threshold, each.reason, each.required, each.remedy
        )
        for each in gates
    )
    (check,) = (effect for effect in decision.effects if isinstance(effect, PublishCheckRun))
    return GateOutcome(decision.verdict, shown, check, rdjson(gates), unjudged(section, folders))


def _evidence(
    section: QualityGate, directory: Path, trigger: str, tree: tuple[str, ...] | None, on: date
) -> GateEvidence:
    return GateEvidence(
        repository=NOWHERE,
        subject=NOBODY,
        head_sha=NO_COMMIT,
        now=datetime.combine(on, time(), UTC),
        last_activity_at=LONG_AGO,
        policy=PolicyFacts(configured=True, section=section),
        offline=True,
        producers=tuple(
            ProducerReading(name, (_run(producer, directory, trigger, tree),))
            for name, producer in producers_of(section)
        ),
    )


def _change(
    section: QualityGate, folders: GateFolders, evidence: GateEvidence, tree: tuple[str, ...] | None
) -> Change | None:
    """What the reports are held against; None where there is nothing."""
    if folders.base is None and folders.diff is None:
        return None
    files = () if folders.diff is None else changed_lines(folders.diff.read_bytes())
    change = Change(None, "", NO_COMMIT, NO_COMMIT, files, complete=folders.diff is not None)
    if folders.base is None:
        return change
    # The base had files that are not there any more: its reports keep the names that they give.
    paths = None if tree is None else _both(tree, files)
    measured = measure(_evidence(section, folders.base, BASE, paths, folders.on), section)
    if measured is None:
        return change
    base = Baseline(NO_COMMIT, 0, measured, LONG_AGO)
    return held_against(change, base, evidence.producers, tree, section)


def _both(tree: tuple[str, ...], files: tuple[ChangedLines, ...]) -> tuple[str, ...]:
    """The files of the base, as far as the diff tells them."""
    gone = {file.previous_path or file.path for file in files if file.is_deleted or file.previous_path}
    return tuple(sorted(({*tree} - {file.path for file in files if file.is_new}) | gone))


def changed_lines(raw: bytes) -> tuple[ChangedLines, ...]:
    """The files of a unified diff, by path. Raises `InvalidInput` where it cannot be read, or contradicts itself."""
    report = diff.parse(raw)
    if report.contradictions:
        raise InvalidInput("report.not_diff", f"the diff: {report.contradictions[0]}")
    return tuple(
        ChangedLines(
            path=file.path,
            previous_path=file.previous_path,
            added=ranges(file.added),
            removed=file.removed.bit_count(),
            is_new=file.is_new,
            is_deleted=file.is_deleted,
            known=file.known,
            kept=ranges(file.kept),
        )
        for file in sorted(report.diff.files if report.diff else (), key=lambda each: each.path)
    )


def _run(
    producer: Producer | None, directory: Path, trigger: str, tree: tuple[str, ...] | None
) -> RunReading:
    artifacts = [
        directory / name
        for name in artifacts_below(directory)
        if producer is None or fnmatchcase(name, producer.artifact)
    ]
    files = tuple(
        (folder.name, path.relative_to(folder).as_posix(), path)
        for folder in artifacts
        for path in files_of_artifact(folder)
    )
    return RunReading(
        run_id=0,
        attempt=1,
        path=producer.workflow if producer else NOW,
        trigger=trigger,
        status="completed",
        conclusion="success",
        artifacts=tuple(ArtifactFacts(folder.name, None, 0) for folder in artifacts),
        trust=Trusted(TrustLevel.T3),  # whoever runs the command chose the files
        reports=read_files(files, producer.formats if producer else (), tree),
    )
