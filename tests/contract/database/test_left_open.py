"""Check runs that nothing will bring to an end are found among those that something will; on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.domain.decision import Verdict
from app.domain.effects import CheckConclusion, CheckStatus, PublishCheckRun, WakeAt
from app.domain.ids import AppKey, CommitSha
from app.ports.ledger import EvaluationJob, LeftOpen, Plan, Routed
from app.testing.clock import FrozenClock
from tests.contract.database.given import KEY, NOW, REPOSITORY, pair, received

HOUR = timedelta(hours=1)
OPEN, DONE = CheckStatus.IN_PROGRESS, CheckStatus.COMPLETED


class Saying:
    """A ledger, and evaluations that say something at a commit: what is true at GitHub, or was refused."""

    def __init__(self, database: Database) -> None:
        self.clock = FrozenClock(NOW)
        self.ledger = SqlLedger(database, self.clock)
        self._count = 0

    async def begun(self, to: Routed, at: datetime = NOW) -> EvaluationJob:
        self._count += 1
        await received(self.ledger, str(self._count), [to], at)
        (job,) = await self.ledger.admit(at + timedelta(seconds=3), 10, 10)
        assert await self.ledger.start(job, at) is not None
        return job

    async def said(
        self, status: CheckStatus, to: Routed, at: datetime = NOW, *, applied: bool = True
    ) -> None:
        job = await self.begun(to, at)
        conclusion = CheckConclusion.SUCCESS if status is DONE else None
        sha = CommitSha(to.target.subject.ident)
        check = PublishCheckRun(REPOSITORY, sha, to.capability, status, conclusion, "t", "s")
        await self.ledger.commit_plan(job, Plan(Verdict.WAITING, (), b"{}", None, (check,)))
        (effect,) = await self.ledger.pending_effects(job)
        result: dict[str, int | str] = {"status": status.value, "check_run_id": 1} if applied else {}
        await self.ledger.settle_effect(effect.id, applied=applied, result=result, reason=None)
        await self.ledger.finish(job, at)

    async def found(self, app_key: AppKey = KEY) -> list[str]:
        """The commits, a day later."""
        found = await self.ledger.left_open(app_key, NOW - HOUR, NOW + 24 * HOUR)
        return [each.target.subject.ident for each in found]


@pytest.fixture
def saying(database: Database) -> Saying:
    return Saying(database)


async def test_what_was_left_open_is_found_with_all_that_wakes_it(saying: Saying) -> None:
    await saying.said(OPEN, pair("a"))
    await saying.said(DONE, pair("b"))
    found = await saying.ledger.left_open(KEY, NOW - HOUR, NOW)
    assert found == (LeftOpen("quality_gate", pair("a").target),)


async def test_what_was_followed_by_a_verdict_is_not(saying: Saying) -> None:
    await saying.said(OPEN, pair("a"))
    await saying.said(DONE, pair("a"), NOW + HOUR)
    assert await saying.found() == []


async def test_what_was_opened_again_is_found_once(saying: Saying) -> None:
    for n, status in enumerate((OPEN, DONE, OPEN, OPEN)):
        await saying.said(status, pair("a"), NOW + n * HOUR)
    assert await saying.found() == ["a"]


async def test_a_verdict_that_github_did_not_take_leaves_it_open(saying: Saying) -> None:
    await saying.said(OPEN, pair("a"))
    await saying.said(DONE, pair("a"), NOW + HOUR, applied=False)
    assert await saying.found() == ["a"]


async def test_what_a_timer_will_wake_is_not_lost(saying: Saying) -> None:
    for commit in ("a", "b"):
        await saying.said(OPEN, pair(commit))
    wake = WakeAt(REPOSITORY, "quality_gate", pair("a").target.subject, NOW + HOUR, "reports")
    await saying.ledger.set_timer(f"{KEY}|{wake.key}", KEY, b"{}", wake.at)
    assert await saying.found() == ["b"]


@pytest.mark.parametrize("word", ["queued", "running", "retried"])
async def test_what_somebody_works_on_is_not_lost(saying: Saying, word: str) -> None:
    await saying.said(OPEN, pair("a"))
    if word == "queued":
        await received(saying.ledger, "more", [pair("a")], NOW + HOUR)
    else:
        job = await saying.begun(pair("a"), NOW + HOUR)
        if word == "retried":
            await saying.ledger.retry(job, "502", NOW + 9 * HOUR)
    assert await saying.found() == []


async def test_another_capabilitys_work_on_the_commit_does_not_count(saying: Saying) -> None:
    await saying.said(OPEN, pair("a"))
    await received(saying.ledger, "more", [pair("a", "release_verification")], NOW + HOUR)
    assert await saying.found() == ["a"]


async def test_another_apps_are_not_its_own(saying: Saying) -> None:
    await saying.said(OPEN, pair("a"))
    assert await saying.found(AppKey("git.example/1")) == []


async def test_only_what_ended_between_the_times_is_found_the_longest_ago_first(saying: Saying) -> None:
    for hours, commit in ((-2, "too old"), (3, "later"), (1, "sooner"), (25, "just now")):
        await saying.said(OPEN, pair(commit), NOW + hours * HOUR)
    assert await saying.found() == ["sooner", "later"]
