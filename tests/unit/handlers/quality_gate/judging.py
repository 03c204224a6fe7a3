"""The way from a commit at GitHub to a decision, as a worker goes it."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from pydantic import TypeAdapter

from app.config.organisation import Models
from app.config.parsed import ParsedFiles
from app.config.policies import RepositoryPolicies
from app.domain.decision import Decision
from app.domain.effects import PublishCheckRun
from app.domain.events import Event
from app.domain.repo import Repository, Subject
from app.ports.artifacts import Downloads
from app.ports.bundles import BundleVerifier
from app.ports.github_reader import GitHubReader
from app.ports.handler import Reading
from app.ports.records import Records
from handlers.builtin import QUALITY_GATE
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.organisation import OrganisationGate
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import APP, NOW, REPOSITORY, SUBJECT, AtGitHub

GATE: Models = {"quality_gate": QualityGate}


def policies_of(github: AtGitHub, sections: Models = GATE) -> RepositoryPolicies:
    """The policies of the repository."""
    files = ParsedFiles(sections, github, {"quality_gate": OrganisationGate})
    return RepositoryPolicies(
        cast("GitHubReader", github), files, github.memory, github, lambda name: github.remembered[name]
    )


async def evidence_of(
    github: AtGitHub,
    *events: Event,
    now: datetime = NOW,
    state: GateState | None = None,
    repository: Repository = REPOSITORY,
    subject: Subject = SUBJECT,
) -> GateEvidence:
    """What is gathered, written as JSON and read back, as the ledger does."""
    reading = Reading(
        app_key=APP,
        own_app_id=7,
        subject=subject,
        repository=repository,
        events=events,
        state=state,
        now=now,
        github=cast("GitHubReader", github),
        downloads=cast("Downloads", github),
        policies=policies_of(github),
        bundles=cast("BundleVerifier", None),
        compute=github,
        records=cast("Records", github),
    )
    evidence = await QUALITY_GATE.gather(reading)
    adapter = TypeAdapter(GateEvidence)
    stored = adapter.validate_json(adapter.dump_json(evidence))
    assert stored == evidence
    return stored


async def decided(
    github: AtGitHub,
    *events: Event,
    now: datetime = NOW,
    state: GateState | None = None,
    repository: Repository = REPOSITORY,
    subject: Subject = SUBJECT,
) -> Decision[GateState]:
    """The decision on that evidence."""
    evidence = await evidence_of(
        github, *events, now=now, state=state, repository=repository, subject=subject
    )
    return QUALITY_GATE.decide(evidence)


def check_of(decision: Decision[GateState]) -> PublishCheckRun:
    """The one check run of a decision."""
    (check,) = [effect for effect in decision.effects if isinstance(effect, PublishCheckRun)]
    return check
