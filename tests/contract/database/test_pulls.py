"""A pull request is found by its head commit from the newest event that told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.memories import SqlRecords
from app.domain.delivery import Source
from app.domain.events import Actor, PullRequestChanged
from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId
from app.domain.repo import Repository
from app.testing.clock import FrozenClock
from tests.contract.database.given import KEY, NOW, REPOSITORY, delivery, pair, started

OLD, NEW = CommitSha("a" * 40), CommitSha("b" * 40)


def opened(number: int = 1, sha: CommitSha = OLD) -> PullRequestChanged:
    """A pull request from a fork."""
    return PullRequestChanged(
        repository=REPOSITORY,
        action="opened",
        number=number,
        head_sha=sha,
        head_ref="fix",
        head_repository_id=RepositoryId(99),
        base_ref="main",
        base_sha=CommitSha("c" * 40),
        merged=False,
        author=Actor(5, "guest", is_bot=False),
    )


class Told:
    """A ledger that is told of pull requests, and what it answers."""

    def __init__(self, database: Database) -> None:
        self.ledger = SqlLedger(database, FrozenClock())
        self.database = database

    async def receive(
        self,
        guid: str,
        *pulls: PullRequestChanged,
        at: datetime = NOW,
        app_key: AppKey = KEY,
        source: Source = Source.GITHUB,
    ) -> None:
        """An event of each of the pull requests, accepted and routed."""
        for number, pull in enumerate(pulls):
            one = replace(delivery(f"{guid}-{number}", at, source), app_key=app_key)
            await self.ledger.accept(one)
            await self.ledger.route(one, pull.action, [pair()], at, pull)

    async def found(self, sha: CommitSha, repository: Repository = REPOSITORY) -> list[PullRequestChanged]:
        records = SqlRecords(self.database, FrozenClock(), KEY, repository)
        return list(await records.pulls_with_head_sha(sha))


@pytest.fixture
def told(database: Database) -> Told:
    return Told(database)


async def test_a_pull_request_of_a_fork_is_found_as_it_was_told(told: Told) -> None:
    await told.receive("1", opened(1), opened(2), opened(3, NEW))
    assert sorted(pull.number for pull in await told.found(OLD)) == [1, 2]
    assert await told.found(NEW) == [opened(3, NEW)]


async def test_a_commit_that_is_the_head_no_more_finds_nothing(told: Told) -> None:
    pushed = replace(opened(sha=NEW), action="synchronize")
    await told.receive("1", opened(), pushed)
    assert await told.found(OLD) == []
    assert await told.found(NEW) == [pushed]


async def test_an_event_that_is_read_late_does_not_replace_one_that_was_received_after_it(told: Told) -> None:
    late = delivery("late")
    await told.ledger.accept(late)
    await told.receive("1", opened(sha=NEW))
    await told.ledger.route(late, "opened", [pair()], NOW, opened())
    assert await told.found(NEW) == [opened(sha=NEW)]
    assert await told.found(OLD) == []


async def test_what_an_operator_replays_is_old_and_fills_only_a_gap(told: Told) -> None:
    await told.receive("1", opened(sha=NEW))
    await told.receive("replay", opened(), opened(2), source=Source.OPERATOR)
    assert await told.found(NEW) == [opened(sha=NEW)]
    assert await told.found(OLD) == [opened(2)]
    await told.receive("3", opened(2, NEW))
    assert await told.found(OLD) == []


async def test_a_renamed_repository_keeps_its_pull_requests(told: Told) -> None:
    renamed = replace(REPOSITORY, owner="smithy", name="hammer", installation_id=InstallationId(8))
    await told.receive("1", opened())
    assert await told.found(OLD, renamed) == [replace(opened(), repository=renamed)]


async def test_many_others_hide_nothing(told: Told) -> None:
    await told.receive("1", opened(1))
    await told.receive("more", *(opened(number, NEW) for number in range(2, 602)))
    assert await told.found(OLD) == [opened(1)]


async def test_neither_another_app_nor_another_repository_sees_it(told: Told) -> None:
    elsewhere = replace(REPOSITORY, id=RepositoryId(2))
    await told.receive("1", opened(), app_key=AppKey("ghes.example/1"))
    await told.receive("2", replace(opened(), repository=elsewhere))
    assert await told.found(OLD) == []
    assert len(await told.found(OLD, elsewhere)) == 1


async def test_an_event_that_no_capability_wants_tells_of_it_too(told: Told) -> None:
    closed = replace(opened(), action="closed", merged=True)
    await told.receive("1", opened())
    one = delivery("2")
    await told.ledger.accept(one)
    await told.ledger.ignore(one, "closed", "forge/anvil", "no capability", closed)
    assert await told.found(OLD) == [closed]


async def test_what_was_told_before_the_retention_is_forgotten(told: Told) -> None:
    await told.receive("1", opened())
    await told.receive("2", opened(2), at=NOW + timedelta(days=2))
    for job in await started(told.ledger, NOW + timedelta(days=2)):
        await told.ledger.finish(job, NOW)
    await told.ledger.prune(NOW + timedelta(days=1))
    assert [pull.number for pull in await told.found(OLD)] == [2]
