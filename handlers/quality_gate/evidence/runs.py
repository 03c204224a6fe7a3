"""The runs of a commit and what they reported, as facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.section.values import TrustLevel

OF_MERGE = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment"})
"""Events whose runs have the merge of the pull request with its base of that moment, not its head."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """How far a run's evidence can be relied on, and the sentence that says why not further."""

    level: TrustLevel
    why: str = ""


@dataclass(frozen=True, slots=True)
class ArtifactFacts:
    """An artifact that was read, as GitHub names it.

    `sha256` is of its zip: GitHub's digest, or where it gives none that of the bytes that were read; None for one that was not.
    `is_inherited`: an earlier attempt than the run's newest left it; GitHub does not say which. `created_at` is when it was
    made, None of one that lies on disk.
    """

    name: str
    sha256: str | None
    size_bytes: int
    id: int = 0
    is_inherited: bool = False
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunReading:
    """One run and what its artifacts hold for one producer; `reports` is None while it has not ended.

    `known_as` identifies the artifacts that were read, where they were all read without trouble. `accepted` says that a person
    accepted this attempt as evidence although its trust is too low. `shown_to_fail`: some report of this
    attempt shows what it failed for, which may be another producer's, or be waived.
    """

    run_id: int
    attempt: int
    path: str
    trigger: str
    status: str
    conclusion: str | None
    trust: Trusted = Trusted(TrustLevel.T0)
    artifacts: tuple[ArtifactFacts, ...] = ()
    reports: Reports | None = None
    known_as: str = ""
    accepted: bool = False
    shown_to_fail: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether the newest attempt has ended."""
        return self.status == "completed"


@dataclass(frozen=True, slots=True)
class ProducerReading:
    """The runs of one producer, the newest of each trigger; `name` None stands for every workflow of the commit.

    `problem` is a sentence that says why they do not speak for the commit, whatever they report; empty where they do.
    """

    name: str | None
    runs: tuple[RunReading, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """The check suite of a workflow's newest run on the commit; trust and acceptance are those of that run's attempt.

    `ended_jobs` are name and conclusion of the attempt's jobs that have ended, also of those that it carried over; None where the
    attempt is the run's first or has ended: then every check in the suite is its.
    """

    id: int
    path: str
    run_id: int
    attempt: int
    trust: Trusted = Trusted(TrustLevel.T0)
    accepted: bool = False
    ended_jobs: tuple[tuple[str, str | None], ...] | None = None
