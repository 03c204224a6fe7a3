"""Which effect with the same key came last: by the order of decisions on one subject, by time between subjects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.domain.decision import Verdict
from app.domain.effects import Comment
from app.ports.ledger import EvaluationJob, Plan, PlannedEffect
from app.testing.clock import FrozenClock
from tests.contract.database.given import NOW, REPOSITORY, pair, received, started

EFFECT = Comment(REPOSITORY, 3, "marker", "hello")
HOUR = timedelta(hours=1)


class Writing:
    """A ledger, and plans whose effects all have one key."""

    def __init__(self, database: Database) -> None:
        self.clock = FrozenClock(NOW)
        self.ledger = SqlLedger(database, self.clock)
        self._count = 0

    async def decided(self, subject: str = "a", effects: int = 1) -> EvaluationJob:
        self._count += 1
        at = NOW + self._count * HOUR
        await received(self.ledger, str(self._count), [pair(subject)], at)
        (job,) = await started(self.ledger, at)
        await self.ledger.commit_plan(job, Plan(Verdict.PASS, (), b"{}", None, (EFFECT,) * effects))
        return job

    async def written(self, subject: str, *numbers: int) -> None:
        """An evaluation whose effects left these numbers."""
        job = await self.decided(subject, len(numbers))
        for effect, number in zip(await self.ledger.pending_effects(job), numbers, strict=True):
            await self.ledger.settle_effect(effect.id, applied=True, result={"n": number}, reason=None)
        await self.ledger.finish(job, self.clock.now())

    async def begun(self, subject: str, number: int) -> None:
        """An evaluation whose effect began and was refused."""
        job = await self.decided(subject)
        (effect,) = await self.ledger.pending_effects(job)
        await self.ledger.save_cursor(effect.id, {"n": number})
        await self.ledger.settle_effect(effect.id, applied=False, result={}, reason="no")
        await self.ledger.finish(job, self.clock.now())

    async def next(self, subject: str = "a") -> PlannedEffect:
        (effect,) = await self.ledger.pending_effects(await self.decided(subject))
        return effect

    async def previous(self, subject: str = "a") -> Mapping[str, int | str] | None:
        return (await self.next(subject)).previous


@pytest.fixture
def writing(database: Database) -> Writing:
    return Writing(database)


async def test_of_two_effects_at_the_same_moment_the_second_came_last(writing: Writing) -> None:
    await writing.written("a", 1, 2, 3)
    assert await writing.previous() == {"n": 3}


async def test_a_clock_that_went_back_does_not_change_what_came_last(writing: Writing) -> None:
    await writing.written("a", 1)
    writing.clock.advance(-HOUR)
    await writing.written("a", 2)
    assert await writing.previous() == {"n": 2}


async def test_the_tenth_decision_came_after_the_ninth(writing: Writing) -> None:
    for number in range(1, 12):
        await writing.written("a", number)
    assert await writing.previous() == {"n": 11}


async def test_between_two_subjects_time_says_what_came_last(writing: Writing) -> None:
    for number in range(1, 4):
        await writing.written("a", number)
    writing.clock.advance(HOUR)
    await writing.written("b", 9)
    assert await writing.previous("a") == {"n": 9}


async def test_what_began_after_the_last_and_never_ended_is_known_whatever_the_clock_says(
    writing: Writing,
) -> None:
    await writing.written("a", 1)
    writing.clock.advance(-HOUR)
    await writing.begun("a", 2)
    assert (await writing.next()).abandoned == {"n": 2}


async def test_what_began_before_the_last_is_forgotten_whatever_the_clock_says(writing: Writing) -> None:
    await writing.begun("a", 1)
    writing.clock.advance(-HOUR)
    await writing.written("a", 2)
    found = await writing.next()
    assert (found.previous, found.abandoned) == ({"n": 2}, None)


async def test_what_began_for_another_subject_is_known_where_it_began_later(writing: Writing) -> None:
    await writing.begun("b", 1)
    writing.clock.advance(HOUR)
    await writing.written("a", 2)
    writing.clock.advance(HOUR)
    await writing.begun("c", 3)
    assert (await writing.next()).abandoned == {"n": 3}
