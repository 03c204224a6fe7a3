"""What a subject's state says is known as long as GitHub shows what we said; what it only saves work with, is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.adapters.database.connection import Database
from app.adapters.database.evaluations import subject_table
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.pruning import AFTER_THE_ENGINE, SHOWN
from app.dispatch import plan
from app.domain.decision import Decision, Reason, Verdict
from app.domain.effects import CheckStatus, PublishCheckRun
from app.domain.events import PullRequestChanged
from app.domain.ids import CommitSha
from app.ports.ledger import Plan, StartedEvaluation
from app.testing.clock import FrozenClock
from handlers.builtin import CAPABILITIES
from handlers.quality_gate.evidence import GateEvidence, PolicyFacts
from handlers.quality_gate.proposals import Proposal
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.state import GateState, KnownReports
from tests.contract.database.given import NOW, REPOSITORY, pair, received

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
RETENTION = timedelta(days=30)
SHA = CommitSha("a" * 40)
GATE = CAPABILITIES["quality_gate"]
GREEN = GateState(
    NOW, passing=True, proposals=(Proposal(3, "main"),), known=(KnownReports("x" * 64, Reports()),)
)
ANEW = PullRequestChanged(REPOSITORY, "opened", 4, SHA, "topic", REPOSITORY.id, "release", SHA, False, None)  # noqa: FBT003 (GitHub's `merged`)


class Service:
    """A ledger, its clock, and hourly pruning with the default retention."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = FrozenClock(NOW)
        self.ledger = SqlLedger(database, self.clock)

    async def begun(self, guid: str) -> StartedEvaluation:
        now = self.clock.now()
        await received(self.ledger, guid, [pair(SHA)], now)
        (job,) = await self.ledger.admit(now, 10, 10)
        found = await self.ledger.start(job, now)
        assert found is not None
        return found

    async def judged(self, guid: str, made: Plan) -> None:
        job = (await self.begun(guid)).job
        await self.ledger.commit_plan(job, made)
        await self.ledger.finish(job, self.clock.now())

    async def prune_after(self, age: timedelta) -> None:
        self.clock.advance(age)
        await self.ledger.prune(self.clock.now() - RETENTION)

    async def subjects(self) -> int:
        found: int = await self.database.read(
            lambda c: c.execute(select(func.count()).select_from(subject_table)).scalar_one()
        )
        return found


@pytest.fixture
def service(database: Database) -> Service:
    return Service(database)


def green() -> Plan:
    """The plan of a commit whose check run lets a merge pass."""
    evidence = GateEvidence(REPOSITORY, pair(SHA).target.subject, SHA, NOW, NOW, PolicyFacts(configured=True))
    return plan.make(GATE, evidence, Decision(Verdict.PASS, (), (), GREEN))


async def test_a_green_check_is_opened_for_what_is_new_also_after_its_evaluations_are_forgotten(
    service: Service,
) -> None:
    await service.judged("first", green())
    await service.prune_after(timedelta(days=32))
    found = await service.begun("anew")
    assert found.state_json is not None
    (check,) = plan.before_gathering(GATE, found.job, found.state_json, (ANEW,))
    assert isinstance(check, PublishCheckRun)
    assert (check.head_sha, check.status) == (SHA, CheckStatus.IN_PROGRESS)


async def test_the_generation_goes_on_where_it_was(service: Service) -> None:
    await service.judged("first", green())
    await service.prune_after(timedelta(days=32))
    assert (await service.begun("anew")).job.generation == 2


async def test_what_only_saves_work_is_kept_while_there_is_an_evaluation(service: Service) -> None:
    await service.judged("first", green())
    service.clock.advance(RETENTION)
    await service.judged("again", green())
    await service.prune_after(AFTER_THE_ENGINE + SECOND)
    assert plan.read_state(GATE, (await service.begun("anew")).state_json) == GREEN


async def test_what_only_saves_work_is_gone_after_the_last_evaluation(service: Service) -> None:
    await service.judged("first", green())
    await service.prune_after(timedelta(days=32))
    assert plan.read_state(GATE, (await service.begun("anew")).state_json) == replace(GREEN, known=())


async def test_a_failure_of_our_own_keeps_what_is_known(service: Service) -> None:
    await service.judged("first", green())
    service.clock.advance(DAY)
    job = (await service.begun("second")).job
    reason = Reason("github.down", "down")
    await service.ledger.commit_plan(job, plan.without_decision(GATE, job, green().state_json or b"", reason))
    await service.ledger.fail(job, "down", quarantine=True, now=service.clock.now())
    await service.prune_after(timedelta(days=32))
    assert plan.read_state(GATE, (await service.begun("anew")).state_json) == replace(GREEN, known=())


async def test_a_state_is_forgotten_when_github_has_archived_what_was_said(service: Service) -> None:
    await service.judged("first", green())
    await service.prune_after(timedelta(days=32))
    await service.prune_after(SHOWN - timedelta(days=32))
    assert await service.subjects() == 1
    await service.prune_after(SECOND)
    assert await service.subjects() == 0


async def test_a_long_retention_keeps_a_state_as_long_as_its_evaluation(service: Service) -> None:
    await service.judged("first", green())
    service.clock.advance(SHOWN + DAY)
    await service.ledger.prune(NOW - DAY)
    assert plan.read_state(GATE, (await service.begun("anew")).state_json) == GREEN


async def test_a_subject_without_a_state_goes_with_its_last_evaluation(service: Service) -> None:
    await service.judged("first", Plan(Verdict.NOT_APPLICABLE, (), b"{}", None, ()))
    await service.prune_after(timedelta(days=32))
    assert await service.subjects() == 0


async def test_a_subject_with_an_open_evaluation_is_never_forgotten(service: Service) -> None:
    await service.begun("never ends")
    await service.prune_after(SHOWN + DAY)
    assert await service.subjects() == 1
