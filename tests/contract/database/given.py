"""What tests of the ledger begin with: a delivery, the pairs it leads to, evaluations that were started."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from app.adapters.database.ledger import SqlLedger
from app.domain.delivery import Delivery, Source, delivery_of
from app.domain.ids import AppKey, DeliveryId, InstallationId, RepositoryId
from app.domain.repo import Repository, Subject, SubjectKind, Target
from app.ports.handler import Lane
from app.ports.ledger import EvaluationJob, Routed

KEY = AppKey("api.github.com/1")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REPOSITORY = Repository(RepositoryId(1), "forge", "anvil", InstallationId(1))


def delivery(guid: str, at: datetime = NOW, source: Source = Source.GITHUB) -> Delivery:
    return delivery_of(KEY, DeliveryId(guid), source, "check_run", b"{}", at)


def pair(ident: str = "a", capability: str = "quality_gate") -> Routed:
    subject = Subject(KEY, REPOSITORY.id, SubjectKind.SHA, ident)
    return Routed(capability, Lane.GATE, Target(subject, REPOSITORY))


async def received(ledger: SqlLedger, guid: str, pairs: Sequence[Routed], at: datetime = NOW) -> None:
    """A delivery that was accepted and routed."""
    one = delivery(guid, at)
    await ledger.accept(one)
    await ledger.route(one, "completed", pairs, at)


async def started(ledger: SqlLedger, at: datetime = NOW) -> list[EvaluationJob]:
    """All that is due, admitted and started, by capability."""
    jobs = await ledger.admit(at, 100, 100)
    for job in jobs:
        assert await ledger.start(job, at) is not None
    return sorted(jobs, key=lambda job: (job.capability, job.target.subject.ident))
