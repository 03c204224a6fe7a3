"""The quality gate: the section of the repository's file, the evidence, and what is remembered."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.domain.decision import SPARES_WORK
from app.domain.ids import CommitSha
from app.domain.repo import Repository, Subject
from app.ports.policies import ConfigError, PolicySource
from handlers.quality_gate.proposals import Proposal
from handlers.quality_gate.readings import Reports

THRESHOLD = re.compile(r">= ?(\d{1,3}(?:\.\d{1,4})?) ?%")
DURATION = re.compile(r"([1-9]\d{0,4})([mh])")
LONGEST = timedelta(hours=24)
WHOLE = 100


def _threshold(text: str) -> str:
    found = THRESHOLD.fullmatch(text)
    if not found or Fraction(found[1]) > WHOLE:
        raise ValueError('a threshold reads ">= 85%", from 0 to 100')
    return text


def _duration(text: str) -> str:
    found = DURATION.fullmatch(text)
    if not found or parse_duration(text) > LONGEST:
        raise ValueError('a duration reads "60m" or "2h", at most 24h')
    return text


def parse_threshold(text: str) -> Fraction:
    """The exact percentage of a threshold such as `>= 85%`."""
    found = THRESHOLD.fullmatch(text)
    if not found:
        raise ValueError(text)
    return Fraction(found[1])


def parse_duration(text: str) -> timedelta:
    """The duration that `60m` or `2h` means."""
    found = DURATION.fullmatch(text)
    if not found:
        raise ValueError(text)
    return timedelta(minutes=int(found[1])) if found[2] == "m" else timedelta(hours=int(found[1]))


WorkflowPath = Annotated[str, StringConstraints(pattern=r"^\.github/workflows/[A-Za-z0-9._-]+\.ya?ml$")]
ArtifactGlob = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^/\\\n]+$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Threshold = Annotated[str, AfterValidator(_threshold)]
Duration = Annotated[str, AfterValidator(_duration)]
ReportFormat = Literal["junit", "cobertura", "coveragepy"]
GateName = Literal["tests", "coverage"]


class Section(BaseModel):
    """Keys that are not known are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Producer(Section):
    """Where reports come from: the artifacts of one workflow of this repository."""

    workflow: WorkflowPath = Field(description="The workflow file whose runs make the reports.")
    artifact: ArtifactGlob = Field(description="Names of its artifacts; * and ? stand for parts of a name.")
    format: ReportFormat | None = Field(
        default=None,
        description="The format of its reports; left out, each file is recognised by its content.",
    )


class TestsGate(Section):
    """No test may fail, and enough of them must have run."""

    __test__ = False  # pytest: not a class of tests

    from_: Name | None = Field(
        default=None,
        alias="from",
        description="A producer; left out, every report of the commit's runs counts.",
    )
    min_tests: Annotated[int, Field(strict=True, ge=0, le=10_000_000)] = Field(
        default=1, description="How many tests must have run, skipped ones not counted."
    )


class CoverageGate(Section):
    """Enough of the code must have run in tests."""

    from_: Name | None = Field(
        default=None,
        alias="from",
        description="A producer; left out, every report of the commit's runs counts.",
    )
    metric: Literal["line", "branch"] = Field(default="line", description="What is counted.")
    total: Threshold = Field(default=">= 85%", description="The least share of all lines or branches.")


class Gates(Section):
    """The gates; at least one."""

    tests: TestsGate | None = None
    coverage: CoverageGate | None = None


def _default_gates() -> Gates:
    return Gates(tests=TestsGate(), coverage=CoverageGate())


class QualityGate(Section):
    """The section `quality_gate`; its defaults are what `use: default` means."""

    producers: dict[Name, Producer] = Field(
        default_factory=dict, max_length=50, description="Where reports come from, by a name of your choice."
    )
    gates: Gates = Field(default_factory=_default_gates, description="What must hold.")
    deadline: Duration = Field(
        default="60m", description="How long reports may take after the last activity on the commit."
    )
    informational: tuple[GateName, ...] = Field(
        default=(), max_length=2, description="Gates that are shown, but do not make the check red."
    )

    @model_validator(mode="after")
    def _is_meaningful(self) -> Self:
        if self.gates.tests is None and self.gates.coverage is None:
            raise _mistake("gates", "at least one gate is needed: without one nothing would be checked")
        for name, gate in (("tests", self.gates.tests), ("coverage", self.gates.coverage)):
            if gate is not None and gate.from_ is not None and gate.from_ not in self.producers:
                known = ", ".join(sorted(self.producers)) or "none"
                raise _mistake(f"gates.{name}.from", f"no such producer; declared are: {known}")
        return self


def _mistake(path: str, message: str) -> PydanticCustomError:
    """An error that the loader places at `path`, below this section."""
    return PydanticCustomError("reference", "{message}", {"message": message, "path": path})


@dataclass(frozen=True, slots=True)
class ArtifactFacts:
    """An artifact that was read, as GitHub names it."""

    name: str
    sha256: str | None
    size_bytes: int


@dataclass(frozen=True, slots=True)
class RunReading:
    """One run and what its artifacts hold for one producer; `reports` is None while it has not ended.

    `known_as` identifies the artifacts that were read, where they were all read without trouble.
    """

    run_id: int
    attempt: int
    path: str
    trigger: str
    status: str
    conclusion: str | None
    artifacts: tuple[ArtifactFacts, ...] = ()
    reports: Reports | None = None
    known_as: str = ""

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
class PolicyFacts:
    """What was in force, as the decision needs it; `gates` are those of the last good version."""

    configured: bool
    tests_from: str | None = None
    min_tests: int | None = None
    coverage_from: str | None = None
    metric: Literal["line", "branch"] = "line"
    total: str | None = None
    deadline_s: int = 3600
    informational: tuple[str, ...] = ()
    source: PolicySource | None = None
    errors: tuple[ConfigError, ...] = ()
    broken: PolicySource | None = None

    @property
    def decides(self) -> bool:
        """Whether there is any gate."""
        return self.min_tests is not None or self.total is not None


@dataclass(frozen=True, slots=True)
class KnownReports:
    """What some artifacts report, and what identifies them (`identity.identity_of`)."""

    known_as: str
    reports: Reports


@dataclass(frozen=True, slots=True)
class GateState:
    """What is remembered between evaluations: when something last happened on the commit, and what its check run says.

    `passing` says that the check run lets a merge pass; `proposals` are those that it is about; `known` spares downloads.
    """

    last_activity_at: datetime
    passing: bool = False
    proposals: tuple[Proposal, ...] = ()
    known: tuple[KnownReports, ...] = field(default=(), metadata=SPARES_WORK)


@dataclass(frozen=True, slots=True)
class GateEvidence:
    """All that the decision rests on. `announce` says that the repository was never told how to configure the gate.

    `asked` says that somebody pressed *Re-run*, who waits for an answer also where nothing changed; `shown` that a check run of
    ours lies on the commit, which must not stay as it is; `proposals` is what a verdict of now is about.
    """

    repository: Repository
    subject: Subject
    head_sha: CommitSha
    now: datetime
    last_activity_at: datetime
    policy: PolicyFacts
    producers: tuple[ProducerReading, ...] = ()
    announce: bool = False
    asked: bool = False
    shown: bool = False
    proposals: tuple[Proposal, ...] = ()
