"""GitHub's numbers grow past 31 bits; a webhook's body may have up to 63."""

from __future__ import annotations

from dataclasses import replace

from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.memories import SqlPolicyMemory
from app.domain.ids import CommitSha, InstallationId, RepositoryId
from app.domain.repo import Subject, SubjectKind, Target
from app.ports.handler import Lane
from app.ports.ledger import Routed
from app.ports.policies import PolicySource
from app.testing.clock import FrozenClock
from tests.contract.database.given import KEY, REPOSITORY, received, started

BIG = 2**63 - 1
LARGE = replace(REPOSITORY, id=RepositoryId(BIG), installation_id=InstallationId(BIG))


async def test_an_evaluation_under_a_large_installation_is_stored(database: Database) -> None:
    ledger = SqlLedger(database, FrozenClock())
    target = Target(Subject(KEY, LARGE.id, SubjectKind.SHA, "a"), LARGE)
    await received(ledger, "1", [Routed("quality_gate", Lane.GATE, target)])
    (job,) = await started(ledger)
    assert job.target == target


async def test_a_policy_of_a_large_repository_is_stored(database: Database) -> None:
    memory = SqlPolicyMemory.of_repository(database, KEY, LARGE)
    source = PolicySource(".github/hephaestus.yml", "main", CommitSha("a" * 40), "b" * 40)
    await memory.store(b"version: 1", source)
    assert await memory.load() == (b"version: 1", source)
