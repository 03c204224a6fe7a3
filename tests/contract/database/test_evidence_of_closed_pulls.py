"""What commits of closed pull requests were judged by is read again, to try a policy on; on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.memories import SqlRecords
from app.domain.decision import Verdict
from app.domain.events import PullRequestChanged
from app.domain.ids import AppKey, CommitSha, RepositoryId
from app.ports.ledger import Plan
from app.testing.clock import FrozenClock
from tests.contract.database.given import KEY, NOW, REPOSITORY, delivery, pair, received, started

GATE = "quality_gate"


class Past:
    """Pull requests with evaluations of their heads."""

    def __init__(self, database: Database) -> None:
        self.ledger = SqlLedger(database, FrozenClock(NOW))
        self.records = SqlRecords(database, FrozenClock(NOW), KEY, REPOSITORY)
        self.at = NOW

    async def tell(self, number: int, sha: str, action: str) -> None:
        """An event of a pull request, each a minute after the one before."""
        self.at += timedelta(minutes=1)
        pull = PullRequestChanged(
            repository=REPOSITORY,
            action=action,
            number=number,
            head_sha=CommitSha(sha),
            head_ref="topic",
            head_repository_id=REPOSITORY.id,
            base_ref="main",
            base_sha=CommitSha("c" * 40),
            merged=action == "closed",
            author=None,
        )
        one = delivery(f"{number}-{sha}-{action}", self.at)
        await self.ledger.accept(one)
        await self.ledger.route(one, action, [pair(sha, "remediation")], self.at, pull)

    async def judge(self, sha: str, evidence: bytes | None, at: datetime = NOW) -> None:
        """An evaluation of the commit that rested on this."""
        await received(self.ledger, f"{sha}-{evidence!r}", [pair(sha)], at)
        jobs = await started(self.ledger, at)
        (job,) = [job for job in jobs if job.capability == GATE]
        await self.ledger.commit_plan(job, Plan(Verdict.PASS, (), evidence, None, ()))
        await self.ledger.finish(job, at)


@pytest.fixture
def past(database: Database) -> Past:
    return Past(database)


async def test_evidence_is_given_of_closed_pull_requests_the_newest_first(past: Past) -> None:
    for number, sha in enumerate(("a", "b", "c")):
        await past.judge(sha, f'"{sha}"'.encode())
        await past.tell(number, sha, "closed")
    assert await past.records.evidence_of_closed_pulls(GATE, 20) == (b'"c"', b'"b"', b'"a"')
    assert await past.records.evidence_of_closed_pulls(GATE, 2) == (b'"c"', b'"b"')
    assert await past.records.evidence_of_closed_pulls("release", 2) == ()


async def test_a_commit_that_is_still_proposed_is_left_out(past: Past) -> None:
    await past.judge("a", b"1")
    await past.tell(1, "a", "opened")
    assert await past.records.evidence_of_closed_pulls(GATE, 20) == ()
    await past.tell(2, "a", "closed")
    assert await past.records.evidence_of_closed_pulls(GATE, 20) == ()
    await past.tell(1, "a", "closed")
    assert await past.records.evidence_of_closed_pulls(GATE, 20) == (b"1",)


async def test_the_newest_evaluation_with_evidence_counts(past: Past) -> None:
    for hours, evidence in enumerate((b"1", b"2", None)):
        await past.judge("a", evidence, NOW + timedelta(hours=hours))
    await past.tell(1, "a", "closed")
    assert await past.records.evidence_of_closed_pulls(GATE, 20) == (b"2",)


async def test_what_nobody_judged_takes_no_place(past: Past) -> None:
    await past.judge("a", b"1")
    await past.tell(1, "a", "closed")
    await past.tell(2, "b", "closed")
    assert await past.records.evidence_of_closed_pulls(GATE, 1) == (b"1",)


async def test_each_app_and_repository_has_its_own(past: Past, database: Database) -> None:
    await past.judge("a", b"1")
    await past.tell(1, "a", "closed")
    for key, repository in (
        (AppKey("api.github.com/9"), REPOSITORY),
        (KEY, replace(REPOSITORY, id=RepositoryId(9))),
    ):
        records = SqlRecords(database, FrozenClock(NOW), key, repository)
        assert await records.evidence_of_closed_pulls(GATE, 20) == ()
