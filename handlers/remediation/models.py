"""Remediation: the section of the repository's file, the evidence, and what is remembered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.domain.ids import AppKey, CommitSha
from app.domain.remediation import Match, Signature
from app.domain.repo import Repository, Subject
from app.ports.policies import ConfigError, PolicySource


class Mode(StrEnum):
    """How far remediation may go; each includes what the earlier ones do."""

    OFF = "off"
    OBSERVE = "observe"
    EXPLAIN = "explain"
    PROPOSE = "propose"


ORDER = tuple(Mode)
SignatureName = Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z0-9-]+$", max_length=60)]


class Remediation(BaseModel):
    """The section `remediation`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Mode = Field(
        default=Mode.PROPOSE,
        description="off: nothing; observe: decide and record only; explain: say the cause in a check run; "
        "propose: open a pull request or run failed jobs again.",
    )
    signatures: dict[SignatureName, Mode] = Field(
        default_factory=dict, max_length=200, description="Another mode for single signatures, by id."
    )
    pulls_per_day: int = Field(
        default=3, ge=0, le=20, description="The most pull requests in any 24 hours; 0 opens none."
    )
    reruns_per_day: int = Field(
        default=10, ge=0, le=100, description="The most runs whose failed jobs run again in any 24 hours."
    )


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """What was in force."""

    configured: bool
    section: Remediation | None = None
    source: PolicySource | None = None
    errors: tuple[ConfigError, ...] = ()


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The run as the API gave it; `fixes` are the trailers of ours among the newest commits of its head."""

    id: int
    attempt: int
    path: str
    status: str
    conclusion: str | None
    head_sha: CommitSha
    head_branch: str | None
    from_fork: bool
    head_is_bots: bool = False
    fixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JobFinding:
    """A failed job and what its log shows; `problem` says why the log could not be read.

    `refused`: there is a log, and its bytes were refused, so that nobody knows what it would have shown.
    """

    job_id: int
    name: str
    signature: str | None
    matches: tuple[Match, ...] = ()
    problem: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True)
class ProposedEdit:
    """One replacement in a file; lines count from 1."""

    line: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The edit of one file on top of `base_sha`, or in `why` the reason that there is none.

    `open_pull` is the number of an open pull request from `branch`; `proposed_before` that one of ours was opened from it
    in the last ninety days.
    """

    path: str
    base_branch: str
    base_sha: CommitSha
    branch: str
    fix_key: str
    content: str | None
    mode: str = "100644"
    edits: tuple[ProposedEdit, ...] = ()
    why: str = ""
    open_pull: int | None = None
    proposed_before: bool = False


@dataclass(frozen=True, slots=True)
class RemediationState:
    """What was decided last about a run: for which attempt, and what it showed.

    `basis` identifies the policy and the signatures of a judgement that needs no other, else it is empty; `awaits` is the key of
    its effect until that was seen applied.
    """

    attempt: int
    signature: str | None
    basis: str = ""
    awaits: str = ""


@dataclass(frozen=True, slots=True)
class RemediationEvidence:
    """All that a decision on a run rests on; `signature` is the one to act on.

    `basis` identifies the policy and the signatures; `settled` says that `previous` is the last word under them.
    """

    app_key: AppKey
    repository: Repository
    subject: Subject
    now: datetime
    policy: PolicyFacts
    run: RunFacts | None = None
    jobs: tuple[JobFinding, ...] = ()
    signature: Signature | None = None
    proposal: Proposal | None = None
    previous: RemediationState | None = None
    basis: str = ""
    settled: bool = False
