"""Verdicts that were kept, and the evidence of a repository's commits; on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.adapters.database.connection import Database
from app.adapters.database.judged import histories, judged_repositories, kept_verdicts, release_histories
from app.adapters.database.ledger import SqlLedger
from app.domain.decision import Reason, Verdict
from app.domain.effects import CheckConclusion, CheckStatus, PublishCheckRun
from app.domain.ids import CommitSha
from app.domain.repo import Subject, SubjectKind, Target
from app.domain.verdicts import KeptVerdict
from app.ports.handler import Lane
from app.ports.ledger import Plan, Routed
from app.testing.clock import FrozenClock
from tests.contract.database.given import KEY, NOW, REPOSITORY, delivery, pair, received, started

GATE, RELEASES = "quality_gate", "release_verification"
CHECK = PublishCheckRun(
    repository=REPOSITORY,
    head_sha=CommitSha("a"),
    name="gate",
    status=CheckStatus.COMPLETED,
    conclusion=CheckConclusion.SUCCESS,
    title="t",
    summary="s",
)


async def judge(ledger: SqlLedger, sha: str, evidence: bytes | None, at: datetime = NOW) -> None:
    await received(ledger, f"{sha}-{at:%H}", [pair(sha)], at)
    (job,) = await started(ledger, at)
    plan = Plan(Verdict.PASS, (Reason("tests.pass", "all"),), evidence, None, (CHECK,))
    await ledger.commit_plan(job, plan)
    await ledger.finish(job, at)


@pytest.fixture
async def ledger(database: Database) -> SqlLedger:
    """Two evaluations of one commit, one of another, and one without evidence."""
    made = SqlLedger(database, FrozenClock(NOW))
    for hour, (sha, evidence) in enumerate((("a", b"1"), ("b", b"2"), ("a", b"3"), ("c", None))):
        await judge(made, sha, evidence, NOW + timedelta(hours=hour))
    return made


async def test_the_newest_commits_come_first_each_with_its_evaluations(
    database: Database, ledger: SqlLedger
) -> None:
    assert ledger is not None
    every = await database.read(lambda c: histories(c, GATE, KEY, REPOSITORY, 10))
    assert every == ((b"3", b"1"), (b"2",))
    one = await database.read(lambda c: histories(c, GATE, KEY, REPOSITORY, 1))
    assert one == ((b"3", b"1"),)


async def test_the_newest_releases_are_those_with_the_greatest_numbers(database: Database) -> None:
    made = SqlLedger(database, FrozenClock(NOW))
    for hour, (number, evidence) in enumerate((("9", b"1"), ("10", b"2"), ("9", b"3"))):
        at = NOW + timedelta(hours=hour)
        subject = Subject(KEY, REPOSITORY.id, SubjectKind.RELEASE, number)
        await received(made, f"r-{at:%H}", [Routed(RELEASES, Lane.GATE, Target(subject, REPOSITORY))], at)
        (job,) = await started(made, at)
        await made.commit_plan(job, Plan(Verdict.PASS, (), evidence, None, ()))
        await made.finish(job, at)
    every = await database.read(lambda c: release_histories(c, RELEASES, KEY, REPOSITORY, 10))
    assert every == ((10, (b"2",)), (9, (b"3", b"1")))
    assert await database.read(lambda c: release_histories(c, RELEASES, KEY, REPOSITORY, 1)) == every[:1]
    assert await database.read(lambda c: histories(c, RELEASES, KEY, REPOSITORY, 10)) == ()


async def test_repositories_with_evidence_are_known(database: Database, ledger: SqlLedger) -> None:
    assert ledger is not None
    assert await database.read(lambda c: judged_repositories(c, GATE)) == ((KEY, REPOSITORY),)
    assert await database.read(lambda c: judged_repositories(c, "remediation")) == ()


async def test_what_was_decided_on_a_delivery_is_given_with_its_check_run(
    database: Database, ledger: SqlLedger
) -> None:
    assert ledger is not None
    (kept,) = await database.read(lambda c: kept_verdicts(c, GATE, delivery("b-13")))
    assert isinstance(kept, KeptVerdict)
    assert (kept.verdict, kept.reasons, kept.evidence) == ("pass", (("tests.pass", "all"),), b"2")
    assert len(kept.checks) == 1
    assert await database.read(lambda c: kept_verdicts(c, "remediation", delivery("b-13"))) == ()
