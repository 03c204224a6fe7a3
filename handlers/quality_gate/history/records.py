"""What our own memory knows of a commit's ancestors. Reads only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from app.domain.ids import CommitSha
from app.domain.pulls import Commit
from app.domain.repo import Subject, SubjectKind
from app.errors import NotFound
from app.ports.github_reader import GitHubReader
from app.ports.handler import Reading
from handlers.quality_gate.evidence.changes import Baseline
from handlers.quality_gate.history.measures import Measured
from handlers.quality_gate.state import GateState

MAX_DISTANCE = 50
LISTED = 100
"""Commits of merged branches are listed among those of the base: of a hundred about half are first parents."""
STEPS = (10, 40)
"""How many ancestors our memory is asked about at a time: the nearest ones mostly do."""
CAPABILITY = "quality_gate"


@dataclass(frozen=True, slots=True)
class Kept:
    """Of a commit's state, what its descendants are held against."""

    measured: Measured | None = None
    measured_at: datetime | None = None
    in_full: Measured | None = None


KEPT = TypeAdapter(Kept)


class Ancestry:
    """What our memory has of a commit and its first parents, the nearest first; each step is read once, when it is wanted."""

    def __init__(self, reading: Reading[GateState], start: CommitSha) -> None:
        self._reading, self._start = reading, start
        self._read: list[list[Baseline]] = []
        self._line: list[CommitSha] = []

    async def steps(self) -> AsyncIterator[list[Baseline]]:
        """What is recorded of the commit itself, then of its nearest ancestors, then of those before."""
        for place in range(len(STEPS) + 1):
            if place == len(self._read):
                self._read.append(await self._step(place))
            yield self._read[place]

    async def _step(self, place: int) -> list[Baseline]:
        if place == 0:
            return await recorded(self._reading, [self._start], 0)
        if place == 1:
            self._line = await ancestors(self._reading.github, self._start)
        begin = sum(STEPS[: place - 1])
        line = self._line[begin : begin + STEPS[place - 1]]
        return await recorded(self._reading, line, begin + 1) if line else []


async def ancestors(github: GitHubReader, merge_base: CommitSha) -> list[CommitSha]:
    """The first parents before a commit that may serve as a base, the nearest first."""
    try:
        listed = await github.commits(merge_base, LISTED)
    except NotFound:
        return []
    return first_parents(listed, merge_base)[1 : MAX_DISTANCE + 1]


def first_parents(listed: Iterable[Commit], start: CommitSha) -> list[CommitSha]:
    """The line of first parents from `start` on, itself first, as far as the commits are listed."""
    parents = {each.sha: each.parents for each in listed}
    line = [start]
    while before := parents.get(line[-1]):
        line.append(before[0])
    return line


async def recorded(reading: Reading[GateState], line: list[CommitSha], distance: int) -> list[Baseline]:
    """The measures of these commits, the first of which is so far from the base; in their order."""
    at = {sha: distance + place for place, sha in enumerate(line)}
    key, repository = reading.app_key, reading.repository.id
    subjects = tuple(Subject(key, repository, SubjectKind.SHA, sha) for sha in line)
    found = []
    for subject, state in await reading.records.states(CAPABILITY, subjects):
        kept = _kept(state)
        measured = kept.in_full or kept.measured
        if measured is not None and kept.measured_at is not None:
            found.append(Baseline(subject.sha, at[subject.sha], measured, kept.measured_at))
    return found


def _kept(state: bytes) -> Kept:
    """A state of a version that wrote it otherwise measures nothing."""
    try:
        return KEPT.validate_json(state)
    except ValidationError:
        return Kept()
