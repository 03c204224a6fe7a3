"""The gate over reports on disk, `DIR/<artifact name>/<files>`: the same judgement, for the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from app.domain.effects import PublishCheckRun
from app.domain.gates import GateOutcome, JudgedGate
from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId
from app.domain.repo import Repository, Subject, SubjectKind
from handlers.quality_gate import policy
from handlers.quality_gate.evidence import (
    ArtifactFacts,
    GateEvidence,
    PolicyFacts,
    ProducerReading,
    RunReading,
    Trusted,
)
from handlers.quality_gate.gates import judge
from handlers.quality_gate.gathered import read_files
from handlers.quality_gate.gathering import producers_of
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.producers import Producer
from handlers.quality_gate.section.values import TrustLevel

NOWHERE = Repository(RepositoryId(0), "local", "local", InstallationId(0))
NOBODY = Subject(AppKey("local/0"), NOWHERE.id, SubjectKind.SHA, "0" * 40)
THEN = datetime(2000, 1, 2, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing more will come: every deadline is over."""


def evaluate_directory(section: QualityGate, directory: Path) -> GateOutcome:
    """What the gate says if the folder holds everything that one successful run of each producer left."""
    readings = tuple(_reading(name, producer, directory) for name, producer in producers_of(section))
    evidence = GateEvidence(
        repository=NOWHERE,
        subject=NOBODY,
        head_sha=CommitSha(NOBODY.ident),
        now=THEN,
        last_activity_at=LONG_AGO,
        policy=PolicyFacts(configured=True, section=section),
        producers=readings,
    )
    decision = policy.decide(evidence)
    gates = tuple(
        JudgedGate(each.gate, each.state.value, each.value, each.threshold, each.reason)
        for each in judge(evidence)
    )
    (check,) = (effect for effect in decision.effects if isinstance(effect, PublishCheckRun))
    markdown = "\n\n".join(part for part in (f"# {check.title}", check.summary, check.text) if part)
    return GateOutcome(decision.verdict, gates, check.annotations, markdown)


def _reading(name: str | None, producer: Producer | None, directory: Path) -> ProducerReading:
    artifacts = [
        folder
        for folder in sorted(directory.iterdir())
        if folder.is_dir() and (producer is None or fnmatchcase(folder.name, producer.artifact))
    ]
    files = tuple(
        (folder.name, path.relative_to(folder).as_posix(), path)
        for folder in artifacts
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    )
    run = RunReading(
        run_id=0,
        attempt=1,
        path=producer.workflow if producer else "local",
        trigger="local",
        status="completed",
        conclusion="success",
        artifacts=tuple(ArtifactFacts(folder.name, None, 0) for folder in artifacts),
        trust=Trusted(TrustLevel.T3),  # whoever runs the command chose the files
        reports=read_files(files, producer.formats if producer else (), None),
    )
    return ProducerReading(name, (run,))
